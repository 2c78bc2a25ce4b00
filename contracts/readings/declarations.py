"""Turns a page into a model, and what does not fit it into mistakes with a place and the nearest right name."""

import json
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.loading.fields import names_at
from contracts.loading.findings import told_of
from contracts.loading.pages import Page
from contracts.mistakes import Findings, Mistake, Pointer, suggestion
from contracts.readings.mending import KEY, MISSPELLED, Mended, meant
from contracts.readings.names import Names
from contracts.readings.plausible import MOST, Plausible
from contracts.readings.unsure import unsure_facts

Model = TypeVar("Model", bound=BaseModel)
_ROUNDS = 8


def parse_page(
    page: Page,
    model: type[Model],
    findings: Findings,
    names: Callable[[], Names] = Names,
    *,
    doubted: Iterable[Pointer] = (),
) -> tuple[tuple[Page, Model], ...]:
    """What the page's data is, or each of what it may have been meant to be, with the page to tell of it.

    What can't be read is kept in `findings`. Something likely is put in its place, out of `names`: what holds of every reading
    holds whatever was meant, so that the rest of the file can be told together with it. None where that can't be guessed.
    What stands at places that are `doubted` counts as such, too.
    """
    if not doubted:
        try:
            return ((page, _read(model, page.data)),)
        except ValidationError:
            pass
    mended = Mended(deepcopy(page.data), model, Plausible(names()))
    found = _errors(model, page.data)
    for round_number in range(_ROUNDS):
        told = _told(model, found)
        written = page.with_places(mended.written)
        findings.add(_mistake(written, model, one) for one in told if not mended.lies_in_gap(one["loc"]))
        if not mended.mend(told):
            return ()
        if round_number == 0:
            mended.doubt(doubted)
        found = _errors(model, mended.filled(0))
        if not found:
            return tuple(_readings(page, model, mended))
    return ()


def _told(model: type[BaseModel], found: list[ErrorDetails]) -> list[ErrorDetails]:
    """The findings without those that only follow from others."""
    unknown = {meant(model, finding) for finding in found if finding["type"] == MISSPELLED}
    follows = [one for one in found if one["type"] == "missing" and one["loc"] in unknown]
    return [one for one in found if one not in follows and not _only_follows(one, found)]


def _readings(page: Page, model: type[Model], mended: Mended) -> Iterator[tuple[Page, Model]]:
    seen = page.with_places(mended.written, gaps=tuple(mended.gaps), unsure=unsure_facts(mended.data, mended.gaps))
    for turn in range(min(mended.turns, MOST)):
        try:
            yield seen, _read(model, mended.filled(turn))
        except ValidationError:
            continue  # what is likely at one place may not go with what is likely at another


def _errors(model: type[BaseModel], data: object) -> list[ErrorDetails]:
    try:
        _read(model, data)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


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
    if finding["type"] == MISSPELLED:
        return page.mistake(at, f"unknown field {at[-1]}", suggestion(str(at[-1]), names_at(model, at[:-1])), key=True)
    message, hint = told_of(finding)
    if at and at[-1] == KEY:
        return page.mistake(at[:-1], message, hint, key=True)
    return page.mistake(at, message, hint)
