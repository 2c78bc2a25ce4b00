"""Reads what somebody filled in, by the kind of input, into the value that the model takes."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from contracts.money import NotMoney, parse
from gateway.slack.fields import FormField, Input

Given = Mapping[str, Any]


class Unreadable(ValueError):
    """What was filled in is nothing that the field could hold; `str()` is a sentence for who wrote it."""


def value_of(field: FormField, given: Given) -> dict[str, Any]:
    """{name: value}, or {} for what was left empty, so that the model's default (or "required") applies.

    Raises Unreadable.
    """
    if field.input is Input.TICK:
        return {field.name: bool(given.get("selected_options"))}
    value = _READERS[field.input](field, given)
    return {} if value is None else {field.name: value}


def _text(field: FormField, given: Given) -> str | None:
    text = given.get("value")
    return text.strip() or None if isinstance(text, str) else None


def _money(field: FormField, given: Given) -> int | None:
    text = _text(field, given)
    if text is None:
        return None
    try:
        return parse(text, field.currency or "")
    except NotMoney as error:
        raise Unreadable(str(error)) from error


def _whole(field: FormField, given: Given) -> int | None:
    text = _text(field, given)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise Unreadable("Write a whole number, such as 3.") from error


def _number(field: FormField, given: Given) -> float | None:
    text = _text(field, given)
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise Unreadable("Write a number, such as 3.5.") from error
    if not math.isfinite(number):
        raise Unreadable("Write a number, such as 3.5.")
    return number


def _choice(field: FormField, given: Given) -> Any:
    chosen = given.get("selected_option")
    text = chosen.get("value") if isinstance(chosen, Mapping) else None
    if text is None:
        return None
    if text not in field.choices:
        raise Unreadable("Choose one of the list.")
    return field.choices[text]


def _person(field: FormField, given: Given) -> str | None:
    """Who was chosen; whether they were among those offered is found out when it acts."""
    chosen = given.get("selected_option")
    text = chosen.get("value") if isinstance(chosen, Mapping) else None
    return text if isinstance(text, str) else None


def _date(field: FormField, given: Given) -> date | None:
    text = given.get("selected_date")
    if not isinstance(text, str) or not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("Choose a day.") from error


def _moment(field: FormField, given: Given) -> int | None:
    moment = given.get("selected_date_time")
    return moment if isinstance(moment, int) else None


_READERS: Mapping[Input, Callable[[FormField, Given], Any]] = {
    Input.TEXT: _text,
    Input.MONEY: _money,
    Input.WHOLE: _whole,
    Input.NUMBER: _number,
    Input.CHOICE: _choice,
    Input.DATE: _date,
    Input.MOMENT: _moment,
    Input.PERSON: _person,
}
