"""What becomes of units in comparisons and arithmetic, so that dollars are never compared with days."""

from collections.abc import Sequence
from dataclasses import dataclass

Unit = str | None
"""A currency's code, "instant", "seconds", or None for a plain number."""

ANY = "any"
"""The unit of a sum that is still being made: whatever is added to it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The unit of one argument; a `free` one is a written number, which takes the unit of the others."""

    unit: Unit
    free: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Two units that don't go together under an operator."""

    first: Unit
    second: Unit


_SUMS: dict[tuple[str, Unit, Unit], Unit] = {
    ("-", "instant", "instant"): "seconds",
    ("-", "instant", "seconds"): "instant",
    ("+", "instant", "seconds"): "instant",
    ("+", "seconds", "instant"): "instant",
}


def in_words(unit: Unit) -> str:
    """A unit as messages name it."""
    return {None: "a plain number", "instant": "an instant", "seconds": "a duration"}.get(unit, f"money in {unit}")


def together(measures: Sequence[Measure]) -> Measure | Clash:
    """The one unit of values that are compared, or of which one is chosen."""
    bound = [measure.unit for measure in measures if not measure.free]
    different = [unit for unit in bound if unit != bound[0]]
    if different:
        return Clash(bound[0], different[0])
    return Measure(bound[0], free=False) if bound else Measure(None, free=True)


def computed(operator: str, measures: Sequence[Measure]) -> Measure | Clash:
    """The unit of what an arithmetic operator gives."""
    if operator in {"max", "min"} or len(measures) == 1:
        return together(measures)
    result: Measure | Clash = measures[0]
    for measure in measures[1:]:
        if isinstance(result, Clash):
            return result
        result = (
            _scaled(operator, result, measure) if operator in {"*", "/", "%"} else _summed(operator, result, measure)
        )
    return result


def _summed(operator: str, left: Measure, right: Measure) -> Measure | Clash:
    if "instant" in (left.unit, right.unit):
        found = _SUMS.get((operator, _as_duration(left), _as_duration(right)))
        return Measure(found, free=False) if found else Clash(left.unit, right.unit)
    return together((left, right))


def _as_duration(measure: Measure) -> Unit:
    """A written number beside an instant means seconds."""
    return "seconds" if measure.free else measure.unit


def _scaled(operator: str, left: Measure, right: Measure) -> Measure | Clash:
    if "instant" in (left.unit, right.unit):
        return Clash(left.unit, right.unit)
    if right.unit is None:
        return Measure(left.unit, left.free and right.free)
    if operator == "*" and left.unit is None:
        return Measure(right.unit, free=False)
    if operator == "/" and left.unit == right.unit:
        return Measure(None, free=False)
    return Clash(left.unit, right.unit)
