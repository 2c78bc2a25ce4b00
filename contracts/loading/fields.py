"""Walks models by the places of a file: which names a mapping may have, and what a field is declared as."""

from types import UnionType
from typing import Annotated, Union, get_args, get_origin

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


def _model_at(model: type[BaseModel], at: Pointer) -> type[BaseModel] | None:
    inner: object = model
    for step in at:
        inner = _step_into(inner, step)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _step_into(kind: object, step: str | int) -> object:
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = [info for name, info in kind.model_fields.items() if step in (name, info.alias)]
        return _bare(found[0].annotation) if found else None
    arguments = get_args(kind)
    if not arguments:
        return None
    return _bare(arguments[0] if isinstance(step, int) else arguments[-1])


def _bare(kind: object) -> object:
    """A type without its annotations and without None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare(next(member for member in get_args(kind) if member is not type(None)))
    return kind
