"""Compares the facts that a rule reads with their declared types, because a typed rule is only safe on typed facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from contracts.facts import FactSchema, FactType, Kind
from contracts.rules.guard import Json


class Absent(Enum):
    """What `value_at` gives where there is nothing, which is not null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

_EXACT: dict[Kind, frozenset[type]] = {
    "text": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "object": frozenset({dict}),
    "null": frozenset(),
    "mixed": frozenset({str, int, float, bool, list, dict}),
}
_SCALAR = {"text", "integer", "number", "boolean"}
_TYPES: dict[Kind, type | tuple[type, ...]] = {
    "text": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "object": dict,
}


def value_at(document: Json, path: str) -> Json | Absent:
    """The value at a dotted path: null below a null, ABSENT where nothing is."""
    return value_along(document, path.split("."))


def value_along(document: Json, names: Sequence[str]) -> Json | Absent:
    """The same at a path that was taken apart before."""
    value: Any = document
    try:
        for name in names:
            value = value[name]
    except (KeyError, TypeError):
        return _value_along(document, names)
    return cast("Json", value)


def _value_along(document: Json, names: Sequence[str]) -> Json | Absent:
    """The same where there is more on the way than objects."""
    value: Json = document
    for name in names:
        if type(value) is dict and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None if value is None else ABSENT
    return value


@dataclass(frozen=True, slots=True)
class Expected:
    """What a rule expects at a path that it reads: the declared type, or None where none is."""

    path: str
    names: tuple[str, ...]
    kind: FactType | None


def expected(path: str, schema: FactSchema | None) -> Expected:
    """What is expected at a path."""
    return Expected(path, tuple(path.split(".")), schema.at(path) if schema is not None else None)


def mismatch(document: Json, expected: Expected, schema: FactSchema) -> str | None:
    """A sentence when the value at a path is not what was declared; absent values are the engine's to tell.

    Of an object only that it is one: a rule can't compare it, and what it reads inside has paths of its own.
    """
    kind, path = expected.kind, expected.path
    if kind is None or _is_there(document, expected.names, kind):
        return None
    value = value_at(document, path)
    if value is ABSENT:
        return None
    if value is None and all(value_at(document, above) is not None for above in schema.nullable_on_the_way(path)):
        # Something above it may be null, but is there; so this should be there too.
        return f"{path} is null, but is declared {kind.nulled(False).words()}"
    if type(value) is dict and kind.kind == "object":
        return None
    return next(_mismatches(value, kind, path), None)


def _is_there(document: Json, names: tuple[str, ...], kind: FactType) -> bool:
    """Whether a value that is not null lies at a path of objects, and is what was declared: the usual case, quickly."""
    value = document
    for name in names:
        if type(value) is not dict:
            return False
        value = value.get(name)
    return value is not None and (type(value) is dict if kind.kind == "object" else _is_as_declared(value, kind))


def _is_as_declared(value: Json, kind: FactType) -> bool:
    if value is None:
        return kind.nullable
    if type(value) not in _EXACT[kind.kind] or (kind.values and value not in kind.values):
        return False
    if isinstance(value, list) and kind.item is not None:
        plain = _EXACT[kind.item.kind] if kind.item.kind in _SCALAR and not kind.item.values else frozenset()
        return {type(inner) for inner in value} <= plain or all(_is_as_declared(inner, kind.item) for inner in value)
    if isinstance(value, dict):
        parts = ((inner, kind.part(name)) for name, inner in value.items())
        return all(part is None or _is_as_declared(inner, part) for inner, part in parts)
    return True


def _mismatches(value: object, kind: FactType, path: str) -> Iterator[str]:
    if value is None:
        if not kind.nullable:
            yield f"{path} is null, but is declared {kind.words()}"
    elif not _is_kind(value, kind.kind):
        yield f"{path} is {_name(value)}, but is declared {kind.words()}"
    elif kind.values and value not in kind.values:
        yield f"{path} is none of the values that it is declared to have"
    else:
        yield from _parts(value, kind, path)


def _parts(value: object, kind: FactType, path: str) -> Iterator[str]:
    if isinstance(value, list) and kind.item is not None:
        for index, inner in enumerate(value):
            yield from _mismatches(inner, kind.item, f"{path}.{index}")
    if isinstance(value, dict):
        for name, inner in value.items():
            part = kind.part(name)
            if part is not None:
                yield from _mismatches(inner, part, f"{path}.{name}")


def _is_kind(value: object, kind: Kind) -> bool:
    # A boolean is an int to Python, and to nobody else.
    return isinstance(value, _TYPES.get(kind, object)) and isinstance(value, bool) == (kind == "boolean")


def _name(value: object) -> str:
    names: dict[type, str] = {str: "text", int: "an integer", float: "a number", bool: "a boolean", list: "a list"}
    return names.get(type(value), "an object")
