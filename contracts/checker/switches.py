"""Checks kill switches: each with a name of its own, and none that could not change anything."""

from collections.abc import Iterator

from contracts.checker.company import doubles
from contracts.contract import Lane
from contracts.loading.pages import Page
from contracts.mistakes import Mistake


def switch_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Two of one name, and a stage that the lane has anyway."""
    yield from doubles(page, "switch", [(("switches", n, "name"), one.name) for n, one in enumerate(lane.switches)])
    for index, one in enumerate(lane.switches):
        if one.stage is not None and one.stage >= lane.stage:
            message = f"it would leave the lane stage {one.stage}, and the lane declares stage {lane.stage}"
            yield page.mistake(("switches", index, "then"), message, "Name a lower stage, or pause.")
