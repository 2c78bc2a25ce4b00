"""How long a peer has for a step that it was handed, and since when it has had it: from the record."""

from datetime import datetime, timedelta

from contracts.contract import Step
from contracts.lifecycle import Event
from storage.audit import latest
from storage.database import Unit
from storage.tasks import Task

SHORTEST_S = 600
_TRIES = 3
_HANDED = (Event.DELEGATED, Event.HANDED_BACK, Event.APPROVED, Event.REVISED, Event.UNBLOCKED)
_WAITS = (Event.DEFERRED, Event.PARKED, Event.BLOCKED, Event.LOOKED)
"""What puts a step into its peer's hands, the first time or again, and what lets it wait for something else first."""


def time_for(step: Step | None) -> int:
    """The seconds that a peer has: as the contract says, else enough to be ended at the step's deadline and tried again."""
    if step is None:
        return SHORTEST_S
    return step.peer_within or max(SHORTEST_S, _TRIES * step.deadline)


def ends_at(unit: Unit, task: Task, step: Step | None) -> datetime | None:
    """When the time of the peer who has the task is over; None when it was never handed to one.

    What waited for a cap, a gate or a look is in its hands from when that is due.
    """
    found = latest(unit, task.trail, (*_HANDED, *_WAITS))
    if found is None:
        return None
    event, since = found
    if event in _WAITS and task.lease_runner is None and task.due_at is not None:
        since = max(since, task.due_at)
    return since + timedelta(seconds=time_for(step))
