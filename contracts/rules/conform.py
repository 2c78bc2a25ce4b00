"""Compares the facts that a rule reads with their declared types, because a typed rule is only safe on typed facts."""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from contracts.facts import FactSchema, FactType, Kind
from contracts.rules.guard import Json


class Absent(Enum):
    """What `value_at` gives where there is nothing, which is not null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

_EXACT: dict[Kind, type] = {"text": str, "integer": int, "boolean": bool}
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
    value: Json = document
    for name in path.split("."):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None if value is None else ABSENT
    return value


def mismatch(document: Json, path: str, schema: FactSchema) -> str | None:
    """A sentence when the value at `path` is not what was declared; absent values are the engine's to tell."""
    value, kind = value_at(document, path), schema.at(path)
    if value is ABSENT or kind is None:
        return None
    if value is None and all(value_at(document, above) is not None for above in schema.nullable_on_the_way(path)):
        # Something above it may be null, but is there; so this should be there too.
        return f"{path} is null, but is declared {replace(kind, nullable=False).words()}"
    return next(_mismatches(value, kind, path), None)


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
    if isinstance(value, list) and kind.item is not None and not _are_plain(value, kind.item):
        for index, inner in enumerate(value):
            yield from _mismatches(inner, kind.item, f"{path}.{index}")
    if isinstance(value, dict):
        for name, inner in value.items():
            part = kind.part(name)
            if part is not None:
                yield from _mismatches(inner, part, f"{path}.{name}")


def _are_plain(values: list[Json], kind: FactType) -> bool:
    """Whether all are scalars of one plain kind: most lists are, and can be long."""
    return kind.kind in _EXACT and not kind.values and {type(value) for value in values} <= {_EXACT[kind.kind]}


def _is_kind(value: object, kind: Kind) -> bool:
    # A boolean is an int to Python, and to nobody else.
    return isinstance(value, _TYPES.get(kind, object)) and isinstance(value, bool) == (kind == "boolean")


def _name(value: object) -> str:
    names: dict[type, str] = {str: "text", int: "an integer", float: "a number", bool: "a boolean", list: "a list"}
    return names.get(type(value), "an object")
