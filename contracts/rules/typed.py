"""What the checker knows of a part of a rule: its type, whether it reads facts, and what is written there."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from contracts.facts import FactType, Kind
from contracts.rules.guard import Json
from contracts.rules.units import ANY, Measure

_NUMERIC = {"integer", "number"}


class Typed(NamedTuple):
    """A typed part of a rule; `type` None is unknown (no schema, an empty list, or a mistake already told).

    `free` marks a written number, which takes the unit of what it meets; `values` are written ones.
    """

    type: FactType | None
    reads: bool = False
    path: str | None = None
    free: bool = False
    values: tuple[Json, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The JSON type, if known."""
        return self.type.kind if self.type is not None else None

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return self.type is not None and (self.type.nullable or self.type.kind == "null")

    @property
    def choices(self) -> tuple[str | int, ...]:
        """All that the fact can be, if it is an enumeration."""
        return self.type.values if self.type is not None and self.reads else ()

    @property
    def is_empty(self) -> bool:
        """Whether it is a written list without items."""
        return self.kind == "list" and not self.reads and not self.values

    def items(self) -> "Typed":
        """What one item of this list is."""
        return Typed(self.type.item if self.type is not None else None, self.reads, free=not self.reads)

    def measure(self) -> Measure:
        """Its unit; an unknown type takes any."""
        unit = self.type.unit if self.type is not None else None
        return Measure(unit, free=self.free or unit == ANY or self.kind not in _NUMERIC)

    def words(self) -> str:
        """How messages name it."""
        if self.type is None:
            return self.path or "something unknown"
        written = self.path or (_short(self.values[0]) if len(self.values) == 1 and self.kind != "list" else None)
        return f"{written} ({self.type.words()})" if written and self.kind != "null" else written or self.type.words()


UNKNOWN = Typed(None, reads=True)


_WRITTEN = {
    bool: FactType("boolean"),
    int: FactType("integer"),
    float: FactType("number"),
    str: FactType("text"),
}
_NULL = FactType("null", nullable=True)


def literal(value: Json) -> Typed:
    """The type of a written scalar."""
    kind = _WRITTEN.get(type(value), _NULL)
    return Typed(kind, free=kind.kind in _NUMERIC, values=(value,))


def one_type(parts: Sequence[Typed]) -> Typed | None:
    """The one type of several parts, or None when they have none; unknown ones fit anything, null makes it nullable."""
    certain = [part for part in parts if part.type is not None and part.kind != "null"]
    kinds = {part.kind for part in certain}
    if "mixed" in kinds or (len(kinds) > 1 and not kinds <= _NUMERIC):
        return None
    if not certain:
        return parts[0] if parts else UNKNOWN
    return _merged(certain, parts, is_number="number" in kinds)


def _merged(certain: Sequence[Typed], parts: Sequence[Typed], *, is_number: bool) -> Typed:
    bound = next((part for part in certain if not part.free), certain[0])
    kind = bound.type if bound.type is not None else FactType("mixed")
    nullable = any(part.nullable for part in parts)
    if kind.values or (is_number and kind.kind != "number"):
        kind = replace(kind, kind="number" if is_number else kind.kind, values=())
    merged = kind.nulled(nullable)
    return Typed(merged, reads=any(part.reads for part in parts), free=all(part.free for part in certain))


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"
