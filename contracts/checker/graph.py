"""Checks that a lane's steps are one graph: each is reached from the first, and the last waits for every branch."""

from collections.abc import Iterator

from contracts.contract import Lane
from contracts.graph import leading_to
from contracts.loading.pages import Page
from contracts.mistakes import Mistake


def graph_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Steps to which nothing leads, and branches whose end nobody waits for."""
    first, last = lane.steps[0].name, lane.steps[-1].name
    awaited = leading_to(lane, last) | {last}
    for index, step in enumerate(lane.steps):
        if step.name != first and first not in leading_to(lane, step.name):
            message = f"{step.name} is never reached: nothing leads to it from {first}"
            yield page.mistake(("steps", index, "name"), message, f"Write after: [{first}], or delete it.")
        elif step.name not in awaited and not _is_followed(lane, step.name):
            joined = ", ".join([*lane.before(last), step.name])
            message = f"nobody waits for {step.name}: the lane would be done without it"
            yield page.mistake(("steps", index, "name"), message, f"Write after: [{joined}] at {last}.")


def _is_followed(lane: Lane, name: str) -> bool:
    return any(name in lane.before(step.name) for step in lane.steps)
