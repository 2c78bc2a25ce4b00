"""Turns a page into a model, and pydantic's findings into sentences with a place and the nearest right name."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.loading.fields import names_at
from contracts.loading.mending import meant, mend
from contracts.loading.pages import Page
from contracts.mistakes import Findings, Mistake, listed, suggestion

Model = TypeVar("Model", bound=BaseModel)

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a mapping"),
)
_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_SHAPES: Mapping[str, str] = {
    r"^[a-z][a-z0-9-]{0,47}$": "a name of small letters, digits and hyphens, such as finance-approvers",
    r"^models:[A-Z][A-Za-z0-9]*$": "a model of models.py, such as models:Refund",
    r"^workers:[a-z_][a-z0-9_]*$": "a function of workers.py, such as workers:pay",
    r"^[a-z][a-z0-9_]*$": "a field's name of small letters, digits and underscores, such as payment",
    r"^tools/[a-z0-9_]+\.py:[A-Z][A-Za-z0-9]*$": "a class of a tool, such as tools/shop.py:Shop",
    r"^(group|person|manager-of):[a-z][a-z0-9-]*$": "group:NAME, person:NAME or manager-of:requester",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": 'a time of day in quotes, such as "08:00"',
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$": "a fact's path, such as state.order.number",
    r"^[a-z][a-z0-9-]*\.[a-z_][a-z0-9_]*$": "a read of a system, such as shop.order",
    r"^[A-Z]{3}$": "a currency of three capitals, such as USD",
    r"^T[A-Z0-9]{2,}$": "a Slack team's id, such as T0MORNING",
    r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$": "a mail address, such as anna@morning.example",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


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
    at = at[:-1] if at and at[-1] == "[key]" else at
    message, hint = _sentence(finding)
    return page.mistake(at, message, hint)


def _sentence(finding: ErrorDetails) -> tuple[str, str | None]:
    kind, context, given = finding["type"], finding.get("ctx", {}), finding["input"]
    for told in (_expected, _shape, _choice, _bound, _length):
        sentence = told(kind, context, given)
        if sentence is not None:
            return sentence
    reason = context.get("error")
    return (str(reason) if reason is not None else finding["msg"]), None


_Sentence = tuple[str, str | None] | None


def _expected(kind: str, _: Mapping[str, Any], given: object) -> _Sentence:
    expected = _EXPECTED.get(kind)
    return (f"expected {expected}, found {kind_of(given)}", None) if expected else None


def _shape(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind != "string_pattern_mismatch":
        return None
    return f"{_short(given)} is not {_SHAPES.get(context['pattern'], context['pattern'])}", None


def _choice(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind not in ("literal_error", "enum"):
        return None
    values = [value.strip("'") for value in context["expected"].replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(given), values, n=1)
    return f"{_short(given)} is not one of {listed(values, last='or')}", f"Did you mean {near[0]}?" if near else None


def _bound(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind not in _BOUNDS:
        return None
    name, words = _BOUNDS[kind]
    return f"{given} is out of range", f"Write a number {words} {context[name]:g}."


def _length(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind == "too_short":
        return f"the list is empty, at least {context['min_length']} belongs here", None
    if kind == "string_too_short":
        return "the text is empty", None
    if kind == "string_too_long":
        return f"the text has {len(str(given))} characters, at most {context['max_length']} fit", None
    return None


def kind_of(value: object) -> str:
    """The type of a value of a file, in words."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "nothing")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
