"""Reads off a tool's types which fields its reads answer with, so that rights can name them."""

import types
from collections.abc import Iterable
from typing import Union, get_args, get_origin, get_type_hints, is_typeddict

from contracts.authoring import Operation, Reading


def answers_of(kind: type, operations: Iterable[Operation]) -> dict[str, tuple[str, ...]]:
    """By operation, the fields of the record that a read gives; what is not typed as a record is left out."""
    found = {one.name: _fields(_given(kind, one.name)) for one in operations if not one.is_effect}
    return {name: fields for name, fields in found.items() if fields}


def _given(kind: type, operation: str) -> object:
    try:
        return get_type_hints(getattr(kind, operation)).get("return")
    except (NameError, TypeError):  # a name that is only there for type checkers: the type can't be told
        return None


def _fields(answer: object) -> tuple[str, ...]:
    """The fields of a TypedDict, of an optional one, of each in a list, or of what is read with its age."""
    if is_typeddict(answer):
        return tuple(get_type_hints(answer))
    if get_origin(answer) in (Union, types.UnionType, list, tuple, Reading):
        records = [_fields(one) for one in get_args(answer) if one not in (type(None), Ellipsis)]
        return records[0] if len(records) == 1 else ()
    return ()
