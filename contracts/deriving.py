"""Computes derived facts: what rules need of a fact and plain JSONLogic can't say, without any I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import Url

from contracts.facts import FactType
from contracts.observing import Derived
from contracts.wording import value_at

DERIVED = "derived"
_ADDRESS = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Taking:
    """One way to derive: of what kind of fact (with its unit, if it must have one), what comes out, and how.

    `compute` is given the value and the instant at which it is asked, in epoch seconds.
    """

    kind: str
    unit: str | None
    gives: FactType
    compute: Callable[[Any, int], object]

    def takes(self, fact: FactType) -> bool:
        """Whether it can be computed of such a fact."""
        return fact.kind == self.kind and (self.unit is None or fact.unit == self.unit)

    def words(self) -> str:
        """What it is computed of, such as `text`."""
        return "an instant" if self.unit == "instant" else {"text": "text", "list": "a list"}[self.kind]


def derive(declared: Mapping[str, Derived], facts: Mapping[str, Any], *, now: int) -> dict[str, object]:
    """The derived facts that can be computed of `facts`; null of null, and none where the fact is not there.

    `now` is in epoch seconds.
    """
    paths = {name: one.of.split(".") for name, one in declared.items()}
    there = {name: value_at(facts, one.of) for name, one in declared.items() if _is_there(facts, paths[name])}
    return {
        name: None if value is None else TAKINGS[declared[name].take].compute(value, now)
        for name, value in there.items()
    }


def derived_type(declared: Derived, source: FactType) -> FactType:
    """The type of a derived fact; as nullable and as personal as the one that it is computed of."""
    return replace(TAKINGS[declared.take].gives, nullable=source.nullable, personal=source.personal)


def host(text: str, _: int = 0) -> str:
    """The host of an http or https address, in small letters; "" when the text is none."""
    try:
        found = Url(text)
    except ValueError:
        return ""
    return (found.host or "").lower() if found.scheme in _ADDRESS else ""


def _is_there(facts: Mapping[str, Any], path: list[str]) -> bool:
    value: Any = facts
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


TAKINGS: Mapping[str, Taking] = {
    "length": Taking("text", None, FactType("integer"), lambda text, _: len(text)),
    "words": Taking("text", None, FactType("integer"), lambda text, _: len(text.split())),
    "count": Taking("list", None, FactType("integer"), lambda items, _: len(items)),
    "host": Taking("text", None, FactType("text"), host),
    "address": Taking("text", None, FactType("boolean"), lambda text, _: bool(host(text))),
    "age": Taking("integer", "instant", FactType("integer", unit="seconds"), lambda at, now: now - at),
}
"""Every way to derive a fact, by the word of a file."""
