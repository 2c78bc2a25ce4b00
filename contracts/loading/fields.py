"""Walks models by the places of a file: which names a mapping may have, and what a field is declared as."""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contracts.mistakes import Pointer


def names_at(model: type[BaseModel], at: Pointer) -> list[str]:
    """The names that the mapping at a place of the file may have, as files write them."""
    inner = _model_at(model, at)
    return [] if inner is None else [info.alias or name for name, info in inner.model_fields.items()]


def field_at(model: type[BaseModel], at: Pointer) -> FieldInfo | None:
    """How the field at a place of the file is declared; None where that is no field of a model."""
    inner = _model_at(model, at[:-1])
    fields = {} if inner is None else inner.model_fields
    return next((info for name, info in fields.items() if at[-1] in (name, info.alias)), None)


@dataclass(frozen=True, slots=True)
class Place:
    """What belongs at a place of a file: its type with its bounds, and the field that it lies in, as (model, field).

    `can_be_left_away` says whether it is a field that has a default.
    """

    kind: Any
    owner: tuple[str, str]
    can_be_left_away: bool = False


def place_at(model: type[BaseModel], at: Pointer) -> Place | None:
    """What belongs at a place of the file; None where nothing is declared for it."""
    place: Place | None = Place(model, (model.__name__, ""))
    for step in at:
        place = _place_in(place, step) if place is not None else None
    return place


def _place_in(place: Place, step: str | int) -> Place | None:
    kind = bare(place.kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return next(
            (field_place(kind, name) for name, info in kind.model_fields.items() if step in (name, info.alias)), None
        )
    arguments = get_args(kind)
    return Place(arguments[0 if isinstance(step, int) else -1], place.owner) if arguments else None


def field_place(model: type[BaseModel], name: str) -> Place:
    """What belongs in a field of a model."""
    info = model.model_fields[name]
    kind: Any = info.annotation
    for bound in info.metadata:
        kind = Annotated[kind, bound]
    return Place(kind, (model.__name__, name), not info.is_required())


def _model_at(model: type[BaseModel], at: Pointer) -> type[BaseModel] | None:
    inner: object = model
    for step in at:
        inner = _step_into(inner, step)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _step_into(kind: object, step: str | int) -> object:
    kind = bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = [info for name, info in kind.model_fields.items() if step in (name, info.alias)]
        return bare(found[0].annotation) if found else None
    arguments = get_args(kind)
    if not arguments:
        return None
    return bare(arguments[0] if isinstance(step, int) else arguments[-1])


def bare(kind: object) -> object:
    """A type without its bounds and without None."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return bare(next(member for member in get_args(kind) if member is not type(None)))
    return kind
