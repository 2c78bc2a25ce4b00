"""Writes values of facts the way people read them."""

import re
from datetime import UTC, datetime

from contracts import money
from contracts.facts import FactType
from contracts.rules.guard import Json
from contracts.rules.verdict import MASK

_LONGEST = 60
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def value_shown(value: Json, kind: FactType | None) -> str:
    """A value with its unit; text is quoted and cut, personal values are masked."""
    if kind is not None and kind.personal:
        return MASK
    if type(value) is str:
        plain = value.isprintable() and "  " not in value
        return f'"{cut(value if plain else _GAPS.sub(" ", value))}"'
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _number(value, kind.unit if kind is not None else None)
    return _structure(value, kind)


def cut(text: str) -> str:
    """Text of at most 60 characters."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _structure(value: Json, kind: FactType | None) -> str:
    if isinstance(value, list):
        item = kind.item if kind is not None else None
        return ", ".join(value_shown(inner, item) for inner in value) if 0 < len(value) <= 5 else f"{len(value)} items"
    return f"{len(value)} fields" if isinstance(value, dict) else "nothing"


def _number(value: float, unit: str | None) -> str:
    if unit in {None, "any"}:
        return str(value)
    whole = round(value)
    about = "" if whole == value else "about "
    return about + _with_unit(whole, str(unit))


def _with_unit(value: int, unit: str) -> str:
    if unit == "instant":
        return _instant(value)
    if unit == "seconds":
        return ("-" if value < 0 else "") + _duration(abs(value))
    return money.show(value, unit)


def _duration(seconds: int) -> str:
    """Every unit that counts, because two durations that are compared may differ in the smallest: `1 d 3 h 10 s`."""
    parts = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        whole, seconds = divmod(seconds, size)
        parts += [f"{whole} {name}"] if whole else []
    return " ".join(parts) or "0 s"


def _instant(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"
