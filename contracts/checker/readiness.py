"""Keeps lanes that declare more than the engine runs today where nothing can go wrong: at the stage that observes."""

from collections.abc import Iterator

from contracts.contract import OBSERVE, Lane
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer

_HINT = f"Until it does, the lane can only observe: write stage: {OBSERVE}."


def readiness_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """What the engine would pass over, in a lane above the stage that observes."""
    if lane.stage == OBSERVE:
        return
    for at, what in _beyond(lane):
        yield page.mistake(at, f"the engine does not run {what} yet", _HINT, key=True)


def _beyond(lane: Lane) -> Iterator[tuple[Pointer, str]]:
    yield from ((("derive", name), "derived facts") for name in lane.derive)
    yield from ((("probes", name), "probes") for name in lane.probes)
