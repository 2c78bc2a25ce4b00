"""Knows which facts nobody can tell of while steps, derived facts or probes can't be read that may have given them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from contracts.contract import Lane
from contracts.mistakes import Pointer

STEPS = "steps"
_GROUPS: Mapping[str, str] = {"derive": "derived", "probes": "probe"}
_ALL = r"(?:state|known|effect|derived|probe)\."


def unsure_facts(data: object, gaps: Iterable[Pointer]) -> re.Pattern[str] | None:
    """What finds the paths of such facts in a sentence; None where there are none. `gaps` are places of the data."""
    found = [pattern for gap in gaps for pattern in _within(data, gap)]
    return re.compile(rf"(?<![\w.])(?:{'|'.join(found)})") if found else None


def knows_who_does_what(lane: Lane, gaps: Collection[Pointer]) -> bool:
    """Whether workers can be held against what they do: no step stands in for one, and none has somebody else's worker."""
    stands_in = any(gap[:1] == (STEPS,) and len(gap) <= len((STEPS, 0)) for gap in gaps)
    guessed = {int(gap[1]) for gap in gaps if gap[:1] == (STEPS,) and gap[2:] == ("worker",)}
    sure = {step.worker for index, step in enumerate(lane.steps) if index not in guessed}
    return not stands_in and not any(lane.steps[number].worker in sure for number in guessed)


def _within(data: object, gap: Pointer) -> Iterator[str]:
    if gap == (STEPS,):
        yield _ALL
    elif gap[:1] == (STEPS,) and len(gap) == 2:
        yield rf"(?:state|known)\.(?!(?:{'|'.join(_written(data, gap[1])) or '-'})\b)|effect\."
    elif gap and gap[0] in _GROUPS and len(gap) < 3:
        name = "" if len(gap) == 1 else rf"{re.escape(str(gap[1]))}\b"
        yield rf"{_GROUPS[str(gap[0])]}\.{name}"


def _written(data: Any, number: str | int) -> list[str]:
    """The fields that the other steps write."""
    others = [one for index, one in enumerate(data[STEPS]) if index != number and isinstance(one, dict)]
    return [re.escape(one["writes"]) for one in others if isinstance(one.get("writes"), str)]


def after_all_above(data: Any, gap: Pointer) -> None:
    """Let a step that can't be read come after every step above it, so that it cuts nobody off."""
    if gap[:1] == (STEPS,) and len(gap) == 2:
        index = int(gap[1])
        above = [one.get("name") for one in data[STEPS][:index] if isinstance(one, dict)]
        data[STEPS][index]["after"] = above
