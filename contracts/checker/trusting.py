"""Checks which suspect fields a step accepts: that they are there when it starts."""

from collections.abc import Iterator

from contracts.contract import Lane
from contracts.graph import leading_to
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, suggestion


def trusting_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Fields that a step accepts when they are suspect, and that no step before it writes."""
    for index, step in enumerate(lane.steps):
        leading = leading_to(lane, step.name)
        known = [one.writes for one in lane.steps if one.name in leading]
        for number, name in enumerate(step.accepts_suspect):
            if name not in known:
                at = ("steps", index, "accepts_suspect", number)
                yield page.mistake(at, f"no step before {step.name} writes {name}", suggestion(name, known))
