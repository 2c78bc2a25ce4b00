"""The sentences of single comparisons, as tables of words."""

from collections.abc import Mapping
from typing import NamedTuple

from contracts.facts import FactType
from contracts.rules.guard import Json

EQUALITIES = {"==": True, "===": True, "!=": False, "!==": False}
ORDERINGS = frozenset({">", ">=", "<", "<="})
COMPARISONS = ORDERINGS | EQUALITIES.keys() | {"in"}
QUANTITIES = frozenset({"all", "some", "none"})

_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_ABOVE: Mapping[tuple[str, bool], str] = {
    (">", True): "is above",
    (">", False): "is not above",
    (">=", True): "is at least",
    (">=", False): "is below",
    ("<", True): "is below",
    ("<", False): "is at least",
    ("<=", True): "is at most",
    ("<=", False): "is above",
}
_AFTER: Mapping[tuple[str, bool], str] = {
    (">", True): "is after",
    (">", False): "is not after",
    (">=", True): "is not before",
    (">=", False): "is before",
    ("<", True): "is before",
    ("<", False): "is not before",
    ("<=", True): "is not after",
    ("<=", False): "is after",
}
_LIMIT: Mapping[tuple[str, bool], str] = {
    (">", True): "is above the limit",
    (">", False): "is within the limit",
    ("<=", True): "is within the limit",
    ("<=", False): "is above the limit",
}
_QUANTIFIED: Mapping[tuple[str, bool], str] = {
    ("all", True): "all {items} satisfy: {condition}",
    ("all", False): "not all {items} satisfy: {condition}",
    ("some", True): "at least one of {items} satisfies: {condition}",
    ("some", False): "none of {items} satisfies: {condition}",
    ("none", True): "none of {items} satisfies: {condition}",
    ("none", False): "at least one of {items} satisfies: {condition}",
}


class Side(NamedTuple):
    """One side of a comparison: its name (None for what is written in the rule), its value shown, and its type."""

    name: str | None
    shown: str
    kind: FactType | None
    value: Json = None
    is_computed: bool = False

    @property
    def named(self) -> str:
        """Name and value; the value of something computed stands in brackets."""
        if self.name is None:
            return self.shown
        return f"{self.name} ({self.shown})" if self.is_computed else f"{self.name} {self.shown}"


def ordered(operator: str, sides: list[Side], *, holds: bool) -> str:
    """Two or three sides in order: `amount 740.00 USD is above the limit 500.00 USD`."""
    if len(sides) == 3:
        low, middle, high = sides
        return f"{middle.named} is {'' if holds else 'not '}between {low.named} and {high.named}"
    left, right = sides
    if left.name is None and right.name is not None:
        operator, left, right = _TURNED[operator], right, left
    return f"{left.named} {_order_words(operator, right, holds=holds)} {right.named}"


def _order_words(operator: str, right: Side, *, holds: bool) -> str:
    unit = right.kind.unit if right.kind is not None else None
    if unit == "instant":
        return _AFTER[operator, holds]
    if right.name is None and right.value != 0 and unit not in {None, "any", "seconds"}:
        # "above the limit 0.00 USD" is nothing that anybody says.
        return _LIMIT.get((operator, holds), _ABOVE[operator, holds])
    return _ABOVE[operator, holds]


def equal(sides: list[Side], *, same: bool) -> str:
    """Two sides that are the same, or not: `email status is "guessed", not "verified"`."""
    left, right = sides if sides[0].name is not None else sides[::-1]
    if left.name is None:
        return f"{right.shown} is {'' if same else 'not '}{left.shown}"
    if right.name is not None:
        both = f"{left.name} and {right.name} are both {left.shown}"
        return both if same else f"{left.named} differs from {right.named}"
    if right.value is None:
        is_value = left.kind is None or left.kind.kind not in {"object", "list"}
        return f"{left.name} is not set" if same else f"{left.name} is {left.shown if is_value else 'set'}"
    is_boolean = left.kind is not None and left.kind.kind == "boolean"
    return f"{left.name} is {left.shown}" + ("" if same or is_boolean else f", not {right.shown}")


def contained(needle: Side, stack: Side, *, holds: bool) -> str:
    """An item in a list, or text within text."""
    if stack.kind is not None and stack.kind.kind == "text":
        return f"{stack.name or stack.shown} {'contains' if holds else 'does not contain'} {needle.shown}"
    if stack.name is None:
        return f"{needle.named} is {'one' if holds else 'none'} of {stack.shown}"
    return f"{needle.named} is {'' if holds else 'not '}among {stack.name} ({stack.shown})"


def quantified(operator: str, items: str, condition: str, *, holds: bool) -> str:
    """A condition over the items of a list; `items` is such as `3 links`."""
    return _QUANTIFIED[operator, holds].format(items=items, condition=condition)
