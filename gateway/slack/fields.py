"""Says for each field of a pydantic model which Slack input stands for it."""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contracts.authoring import Instant, Money
from contracts.money import decimals, show


class NoInput(TypeError):
    """No Slack input stands for a field of that type; `str()` names the field."""


class Input(StrEnum):
    """Which input a field gets."""

    TEXT = "text"
    MONEY = "money"
    WHOLE = "whole"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    DATE = "date"
    MOMENT = "moment"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class OfPerson:
    """Marks a text as a person's id, chosen from those whom the form offers: `fields_of` does not know them."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as people fill it in; `choices` are the values in order, by the text that stands for each."""

    name: str
    input: Input
    label: str
    hint: str | None
    placeholder: str | None
    optional: bool
    initial: Any
    multiline: bool
    currency: str | None
    choices: Mapping[str, Any]
    limits: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A field's type without its wrappings: the bare type, what it is annotated with, and whether None may stand."""

    bare: Any
    notes: tuple[Any, ...]
    nullable: bool


def fields_of(model: type[BaseModel]) -> list[FormField]:
    """The fields of a model in its order; raises NoInput."""
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> FormField:
    shape = _unwrapped(info.annotation, tuple(info.metadata))
    kind = _input(name, shape)
    money = next((note for note in shape.notes if isinstance(note, Money)), None)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    label = info.title or name.replace("_", " ").capitalize()
    return FormField(
        name=name,
        input=kind,
        label=f"{label} ({money.currency})" if money else label,
        hint=info.description,
        placeholder=_placeholder(info, money),
        optional=shape.nullable or not info.is_required() or kind is Input.TICK,
        initial=None if info.is_required() else info.get_default(call_default_factory=True, validated_data={}),
        multiline=bool(extra.get("multiline")),
        currency=money.currency if money else None,
        choices=_choices(shape.bare),
        limits=shape.notes,
    )


def _unwrapped(annotation: Any, notes: tuple[Any, ...]) -> _Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _unwrapped(inner, (*notes, *more))
    if origin in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        if len(rest) == 1:
            inside = _unwrapped(rest[0], notes)
            return _Shape(inside.bare, inside.notes, nullable=True)
    return _Shape(annotation, _flat(notes), nullable=False)


def _flat(notes: tuple[Any, ...]) -> tuple[Any, ...]:
    """A FieldInfo inside Annotated holds its constraints in its own metadata."""
    return tuple(one for note in notes for one in (note.metadata if isinstance(note, FieldInfo) else (note,)))


_BY_TYPE: Mapping[Any, Input] = {
    str: Input.TEXT,
    int: Input.WHOLE,
    float: Input.NUMBER,
    bool: Input.TICK,
    date: Input.DATE,
}


def _input(name: str, shape: _Shape) -> Input:
    if _choices(shape.bare):
        return Input.CHOICE
    kind = _BY_TYPE.get(shape.bare)
    if kind is None:
        raise NoInput(f"{name}: no Slack input stands for {shape.bare}")
    if kind is Input.TEXT and any(isinstance(note, OfPerson) for note in shape.notes):
        return Input.PERSON
    if kind is Input.WHOLE and any(isinstance(note, Money) for note in shape.notes):
        return Input.MONEY
    if kind is Input.WHOLE and any(isinstance(note, Instant) for note in shape.notes):
        return Input.MOMENT
    return kind


def _choices(bare: Any) -> Mapping[str, Any]:
    if get_origin(bare) is Literal:
        return {str(value): value for value in get_args(bare)}
    if isinstance(bare, type) and issubclass(bare, Enum):
        return {str(member.value): member for member in bare}
    return {}


def _placeholder(info: FieldInfo, money: Money | None) -> str | None:
    if not info.examples:
        return None
    example = info.examples[0]
    if money is not None and isinstance(example, int):
        return amount_text(example, money.currency)
    return str(example)


def amount_text(amount: int, currency: str) -> str:
    """An amount in minor units as somebody types it: 4200 → `42.00`."""
    return show(amount, currency).removesuffix(currency).strip()


def amount_example(currency: str) -> str:
    """How an amount is typed: `42.00`, or `42` where there are no decimals."""
    return amount_text(42 * 10 ** decimals(currency), currency)
