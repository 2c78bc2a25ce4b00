"""Puts what a letter wants otherwise into the request that it is about; what could be meant in two ways is not put anywhere. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from escalation.change_phrases import CURRENCIES
from escalation.change_words import Correction, Naming, called_as
from gateway.mail.requests import called, sentences_of, value_in
from gateway.slack.fields import FormField, Input, fields_of
from gateway.slack.reading import Unreadable

_QUANTITIES = (Input.MONEY, Input.WHOLE, Input.NUMBER)
_YES_OR_NO = frozenset({"yes", "no", "true", "false"})
_SIGN = re.compile(r"^(?P<sign>[$€£])\s?(?P<number>.+)$|^(?P<amount>.*\d)\s?(?P<word>[$€£]|[A-Za-z]+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing of a letter is changed, a sentence for each thing."""

    doubts: tuple[str, ...]


def naming_of(model: type[BaseModel]) -> Naming:
    """What people call the fields of a model; raises fields.NoInput."""
    found = called(model)
    free = frozenset(field.name for field in found.values() if field.multiline)
    return Naming({called_as(label): field.name for label, field in found.items()}, free)


def amended(
    model: type[BaseModel], request: Mapping[str, Any], corrections: Sequence[Correction]
) -> dict[str, Any] | Unclear:
    """The whole request (as JSON) with the corrections in it, held against its model; or what is unclear about them."""
    fields = {field.name: field for field in fields_of(model)}
    before = model.model_validate(dict(request), strict=False)
    now = {name: getattr(before, name) for name in model.model_fields}
    values: dict[str, Any] = {}
    doubts: list[str] = []
    for one in corrections:
        found = _value(one, fields, now)
        if isinstance(found, str):
            doubts.append(f"“{one.written}”: {found}")
        else:
            values |= found
    if doubts:
        return Unclear(tuple(doubts))
    try:
        return model.model_validate({**now, **values}).model_dump(mode="json")
    except ValidationError as error:
        wrong = sentences_of(error, fields)
        return Unclear(tuple(f"{fields[name].label}: {sentence}" for name, sentence in wrong.items()))


def _value(one: Correction, fields: Mapping[str, FormField], now: Mapping[str, Any]) -> dict[str, Any] | str:
    """The value by the field that is meant, or why nobody knows."""
    if one.name is not None:
        return _read(one, fields[one.name], now)
    found = [
        value
        for field in fields.values()
        if _could_be(field, one, now) and isinstance(value := _read(one, field, now), dict)
    ]
    return found[0] if len(found) == 1 else "say which of them it is, and to what."


def _could_be(field: FormField, one: Correction, now: Mapping[str, Any]) -> bool:
    """A number may be every quantity, and every short text that looks as it does: "1003" beside the order 1001."""
    if field.input in _QUANTITIES:
        return True
    text = now.get(field.name)
    return (
        field.input is Input.TEXT
        and not field.multiline
        and isinstance(text, str)
        and _outline(text) == _outline(one.value)
    )


def _outline(text: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text.strip()))


def _read(one: Correction, field: FormField, now: Mapping[str, Any]) -> dict[str, Any] | str:
    try:
        value = _written(field, one.value)
        if one.was is not None and _written(field, one.was) != {field.name: now.get(field.name)}:
            return "that is not what is asked for now."
    except Unreadable as error:
        return str(error)
    return value or "write what it should be."


def _written(field: FormField, text: str) -> dict[str, Any]:
    """A value as somebody wrote it; raises Unreadable, also for what would be guessed at."""
    if field.input is Input.TICK and text.casefold() not in _YES_OR_NO:
        raise Unreadable("write yes or no.")
    return value_in(field, _without_currency(text, field.currency) if field.currency else text)


def _without_currency(text: str, currency: str) -> str:
    """An amount without its own currency's sign or name; another currency stays, and is no amount then."""
    found = _SIGN.match(text.strip())
    if found is None:
        return text
    said = (found["sign"] or found["word"]).casefold()
    return (found["number"] or found["amount"]).strip() if CURRENCIES.get(said) == currency else text
