"""The order in which a lane's steps are taken: a step can begin once all that hand on to it are finished."""

from collections.abc import Mapping
from typing import Any

from contracts.contract import Lane, Step


def leading_to(lane: Lane, step: str) -> frozenset[str]:
    """The steps that are over when one begins: those that hand on to it, and those before them."""
    found: set[str] = set()
    open_ends, known = [step], {declared.name for declared in lane.steps}
    while open_ends:
        above = [name for name in lane.before(open_ends.pop()) if name in known - found]
        found.update(above)
        open_ends += above
    return frozenset(found)


def finished(lane: Lane, state: Mapping[str, Any]) -> frozenset[str]:
    """The steps that are over: each leaves its field, which is null when the step was left out.

    A review that wants changes is not over: it will be made again.
    """
    return frozenset(step.name for step in lane.steps if step.writes in state and not _wants_changes(step, state))


def _wants_changes(step: Step, state: Mapping[str, Any]) -> bool:
    kept = state[step.writes]
    return step.reviews is not None and kept is not None and kept["verdict"] == "revise"


def after(lane: Lane, step: str) -> frozenset[str]:
    """The steps that a step leads to."""
    return frozenset(one.name for one in lane.steps if step in leading_to(lane, one.name))


def takeable(lane: Lane, state: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps that can begin now, in the order of the file; none when all are finished."""
    over = finished(lane, state)
    return tuple(step for step in lane.steps if step.name not in over and over.issuperset(lane.before(step.name)))
