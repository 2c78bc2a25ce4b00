"""Infers types from facts themselves, so that a rule tried without any models is held to the same strictness."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from contracts.facts import FactSchema, FactType
from contracts.rules.guard import Json

_SCALARS: dict[type, FactType] = {
    bool: FactType("boolean"),
    int: FactType("integer"),
    float: FactType("number"),
    str: FactType("text"),
    type(None): FactType("null", nullable=True),
}
_NUMERIC = {"integer", "number"}
_EMPTY = FactType("list")


def inferred(document: Json) -> FactSchema:
    """The schema of one guarded document; a list of unlike items has items of kind `mixed`."""
    return FactSchema(_type_of(document))


def _type_of(value: Json) -> FactType:
    if isinstance(value, dict):
        return FactType("object", fields={name: _type_of(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return FactType("list", item=_common(map(_type_of, value))) if value else _EMPTY
    return _SCALARS[type(value)]


def _common(kinds: Iterable[FactType]) -> FactType | None:
    every = list(kinds)
    return reduce(_joined, every) if every else None


def _joined(left: FactType, right: FactType) -> FactType:
    if left is right or left == right:
        return left
    if "null" in (left.kind, right.kind):
        return replace(right if left.kind == "null" else left, nullable=True)
    nullable = left.nullable or right.nullable
    if {left.kind, right.kind} <= _NUMERIC:
        return FactType(left.kind if left.kind == right.kind else "number", nullable=nullable)
    if left.kind != right.kind:
        return FactType("mixed", nullable=nullable)
    item = _common(kind for kind in (left.item, right.item) if kind is not None)
    # Only what every item has: a field that one lacks would be an absent fact there.
    fields = {name: _joined(left.fields[name], right.fields[name]) for name in left.fields if name in right.fields}
    return FactType(left.kind, nullable, item=item, fields=fields)
