"""Fills the sentences of files with facts, so that people read amounts and names instead of paths."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts import money
from contracts.facts import FactSchema, FactType

_PLACE = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
_LONGEST = 120


def places(template: str) -> list[str]:
    """The fact paths that a sentence names."""
    return _PLACE.findall(template)


def fill(template: str, facts: Mapping[str, Any], schema: FactSchema) -> str:
    """The sentence with every `{path}` replaced by its value as people write it; an absent one reads "unknown"."""
    return _PLACE.sub(lambda found: shown(value_at(facts, found[1]), schema.at(found[1])), template)


def value_at(facts: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    value: Any = facts
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def shown(value: Any, kind: FactType | None) -> str:
    """A value as people write it: 740.00 USD, 3 Nov 2026, yes; long text is cut."""
    if value is None:
        return "unknown"
    if kind is not None and kind.unit and isinstance(value, int):
        return _with_unit(value, kind.unit)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _with_unit(value: int, unit: str) -> str:
    if unit == "instant":
        return datetime.fromtimestamp(value, UTC).strftime("%-d %b %Y")
    if unit == "seconds":
        return duration(value)
    return money.show(value, unit)


def reasoned(sentence: str, reason: str | None) -> str:
    """A sentence with the reason that somebody gave for it, and one full stop: "Ada approved this: “it was lost”."."""
    given = (reason or "").strip().rstrip(".").rstrip()
    return f"{sentence}: “{given}”." if given else f"{sentence}."


def first_large(words: str) -> str:
    """Words that begin a sentence."""
    return words[:1].upper() + words[1:]


def moment(at: datetime, timezone: str) -> str:
    """A moment by the clock on a company's wall: "29 Nov, 10:42 (Europe/Lisbon)"."""
    return f"{at.astimezone(ZoneInfo(timezone)):%-d %b, %H:%M} ({timezone})"


def duration(seconds: int) -> str:
    """A duration in the two largest units that matter: 90 s, 2 min, 4 h, 4 h 30 min, 2 d."""
    for size, name, rest, rest_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size * (2 if name == "min" else 1):
            whole, left = divmod(seconds, size)
            return f"{whole} {name}" + (f" {left // rest} {rest_name}" if left // rest and name != "d" else "")
    return f"{seconds} s"
