"""Turns a page into a model, and what does not fit it into mistakes with a place and the nearest right name."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.loading.fields import names_at
from contracts.loading.findings import told_of
from contracts.loading.mending import meant, mend
from contracts.loading.pages import Page
from contracts.mistakes import Findings, Mistake, suggestion

Model = TypeVar("Model", bound=BaseModel)


def parse_page(page: Page, model: type[Model], findings: Findings) -> tuple[Page, Model] | None:
    """The model that the page's data is, or that it was plainly meant to be, with the page; None where that can't be told.

    Every finding is kept in `findings`. What is meant is known of a misspelled field, and a sentence that is missing or too
    long matters to nothing else: so what else is wrong in the file can be told together with it.
    """
    try:
        return page, _read(model, page.data)
    except ValidationError as error:
        found = error.errors(include_url=False)
    unknown = {meant(model, finding) for finding in found if finding["type"] == "extra_forbidden"}
    follows = [one for one in found if one["type"] == "missing" and one["loc"] in unknown]
    told = [one for one in found if one not in follows and not _only_follows(one, found)]
    findings.add(_mistake(page, model, one) for one in told)
    mended = mend(page.data, model, told)
    try:
        return None if mended is None else (page.with_places(mended.written), _read(model, mended.data))
    except ValidationError:
        return None


def _read(model: type[Model], data: object) -> Model:
    # JSON mode: lists are tuples and words are enumerations there, while numbers still don't pass for text.
    return model.model_validate_json(json.dumps(data))


def _only_follows(finding: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because pydantic did not count its items with mistakes."""
    at = finding["loc"]
    return finding["type"] == "too_short" and any(
        other["loc"][: len(at)] == at for other in found if other is not finding
    )


def _mistake(page: Page, model: type[BaseModel], finding: ErrorDetails) -> Mistake:
    at = finding["loc"]
    if finding["type"] == "missing":
        return page.mistake(at[:-1], f"{at[-1]} is missing", key=True)
    if finding["type"] == "extra_forbidden":
        return page.mistake(at, f"unknown field {at[-1]}", suggestion(str(at[-1]), names_at(model, at[:-1])), key=True)
    message, hint = told_of(finding)
    if at and at[-1] == "[key]":
        return page.mistake(at[:-1], message, hint, key=True)
    return page.mistake(at, message, hint)
