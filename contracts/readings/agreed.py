"""Keeps of several readings of a business what is wrong in each of them: that is wrong whatever was meant."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from contracts.mistakes import Findings, Mistake, SecondaryMistake

Loaded = TypeVar("Loaded")


def first_good(
    readings: Iterable[Callable[[], tuple[Loaded | None, Findings]]],
) -> tuple[Loaded | None, Findings]:
    """The first reading that is good, or what is wrong in all of them; None without any."""
    found: list[Findings] = []
    for read in readings:
        loaded, findings = read()
        if loaded is not None:
            return loaded, findings
        found.append(findings)
    return None, agreed(found)


def agreed(readings: Sequence[Findings]) -> Findings:
    """What every reading that made a check has found by it; a reading that could not make it says nothing of it.

    Without what only follows from something that can't be read.
    """
    checks = dict.fromkeys(name for reading in readings for name in reading.checks)
    return Findings({name: _in_each([one.checks[name] for one in readings if name in one.checks]) for name in checks})


def _in_each(found: Sequence[Sequence[Mistake]]) -> list[Mistake]:
    """What all of them have; a hint that only some of them have is of no use."""
    first, *others = found
    hints = [{one.identity: one.hint for one in other} for other in others]
    return [
        one if all(other[one.identity] == one.hint for other in hints) else replace(one, hint=None)
        for one in first
        if not isinstance(one, SecondaryMistake) and all(one.identity in other for other in hints)
    ]
