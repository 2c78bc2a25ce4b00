"""Checks steps that are done for each item of a list: what can't be said of one item among many."""

from collections.abc import Iterator

from contracts.contract import Lane
from contracts.loading.pages import Page
from contracts.mistakes import Mistake


def each_mistakes(lane: Lane, page: Page) -> Iterator[Mistake]:
    """Edges that would ask people once for every item, lists that are read again as a whole, and reviews of each."""
    many = {step.name for step in lane.steps if step.each is not None}
    for index, edge in enumerate(lane.approve):
        if edge.before in many:
            message = f"{edge.before} is done for each item, so people would be asked once for every one"
            hint = "Put the edge before a step that proposes for all of them, or let a rule judge each."
            yield page.mistake(("approve", index, "before"), message, hint)
    for index, step in enumerate(lane.steps):
        for number, name in enumerate(step.recheck):
            if name in many:
                message = f"{name} is done for each item, and is not done again as a whole"
                yield page.mistake(("steps", index, "recheck", number), message, "Name a step that reads once.")
        if step.each is not None and step.reviews is not None:
            yield page.mistake(("steps", index, "each"), "a review looks at the whole", "Leave each away.")
