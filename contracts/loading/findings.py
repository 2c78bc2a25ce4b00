"""Says in words of our own what a value is that does not fit its field, and what to write instead."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from contracts.declared import Unfit
from contracts.loading.not_yaml import IN_QUOTES
from contracts.loading.scalars import is_number
from contracts.loading.shapes import told_of_shape
from contracts.mistakes import listed

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
    "decimal_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_NUMBERS = frozenset({"a number", "a whole number"})
_AMOUNT = 'Write an amount like "0.25".'
_AMOUNTS: Mapping[str, tuple[str, str]] = {
    "decimal_parsing": ("is no number", _AMOUNT),
    "finite_number": ("is no number that can be added up", _AMOUNT),
    **dict.fromkeys(
        ("decimal_max_digits", "decimal_max_places", "decimal_whole_digits"),
        ("has too many digits", "At most 12 stand before the point, and 12 after it."),
    ),
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def told_of(finding: ErrorDetails) -> tuple[str, str | None]:
    """The message and the hint of one finding of pydantic."""
    kind, context, given = finding["type"], finding.get("ctx", {}), finding["input"]
    for told in (_expected, _empty, _amount, _shape, _day, _choice, _bound, _length):
        sentence = told(kind, context, given)
        if sentence is not None:
            return sentence
    reason = context.get("error")
    if isinstance(reason, Unfit):
        return reason.message, reason.hint
    return (str(reason) if reason is not None else finding["msg"]), None


_Sentence = tuple[str, str | None] | None


def _expected(kind: str, _: Mapping[str, Any], given: object) -> _Sentence:
    expected = _EXPECTED.get(kind)
    if expected is None:
        return None
    if expected == "text" and _is_fact(given):
        return "expected text, found a mapping", IN_QUOTES
    is_quoted = expected in _NUMBERS and isinstance(given, str) and is_number(given)
    found = str(given) if expected == "a whole number" and isinstance(given, float) else kind_of(given)
    return f"expected {expected}, found {found}", f"Write {given} without quotes." if is_quoted else None


def _is_fact(given: object) -> bool:
    """Whether a mapping is what YAML makes of a sentence that is one fact in braces."""
    return isinstance(given, dict) and len(given) == 1 and None in given.values()


def _empty(_: str, __: Mapping[str, Any], given: object) -> _Sentence:
    return ("the text is empty", None) if given == "" else None


def _amount(kind: str, _: Mapping[str, Any], given: object) -> _Sentence:
    if kind not in _AMOUNTS:
        return None
    words, hint = _AMOUNTS[kind]
    return f"{_short(given)} {words}", hint


def _shape(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind != "string_pattern_mismatch":
        return None
    words, hint = told_of_shape(str(given), context["pattern"])
    return f"{_short(given)} is not {words}", hint


def _day(kind: str, _: Mapping[str, Any], given: object) -> _Sentence:
    if not kind.startswith("date_"):
        return None
    return f"{_short(given)} is no day", 'Write year, month and day in quotes, such as "2026-01-31".'


def _choice(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind not in ("literal_error", "enum"):
        return None
    values = [value.strip("'") for value in context["expected"].replace(" or ", ", ").split(", ")]
    choices = listed(values, last="or")
    if given is None or isinstance(given, list | dict):
        return f"expected {choices}, found {kind_of(given)}", None
    if given in values:
        return f'"{given}" is text, and not one of {choices}', f"Write {given} without quotes."
    return f"{_short(given)} is not one of {choices}", _nearest(given, values)


def _nearest(given: object, values: list[str]) -> str | None:
    if isinstance(given, float) and f"{given:g}" in values:
        return f"Write {given:g}."
    near = get_close_matches(given.lower(), values, n=1) if isinstance(given, str) else None
    return f"Did you mean {near[0]}?" if near else None


def _bound(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind not in _BOUNDS:
        return None
    name, words = _BOUNDS[kind]
    return f"{given} is out of range", f"Write a number {words} {context[name]:g}."


def _length(kind: str, context: Mapping[str, Any], given: object) -> _Sentence:
    if kind == "too_short":
        return f"the list is empty, at least {context['min_length']} belongs here", None
    if kind == "string_too_long":
        return f"the text has {len(str(given))} characters, at most {context['max_length']} fit", None
    return None


def kind_of(value: object) -> str:
    """The type of a value of a file, in words."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "nothing")


def _short(value: object) -> str:
    """A value as the file has it, cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
