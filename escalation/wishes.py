"""What people want of a task while somebody works on it, as its row keeps it: that it be cancelled, or its request changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from storage.tasks import Task

WISH = "cancel"
"""Where a task's way keeps who wants it cancelled, until whoever works on it has come to a place where it can stop."""
NEW_REQUEST = "new_request"
"""Where it keeps what its requester asks for instead, until then."""
CHANGES = "request_changes"
"""Where it keeps that its request was changed: how often, and when last."""
CHANGED = "changed"
"""Where a task tells what was changed last of its request."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a task cancelled, why, and by which surface they said so."""

    by: str
    via: str
    reason: str | None


def wish_of(task: Task) -> Wish | None:
    """The wish that stands on a task, if one does."""
    kept = task.way.get(WISH)
    return Wish(**kept) if kept is not None else None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a requester asks for instead of what they had asked: the whole of it, as its lane's model has it.

    `was` and `now` hold the fields that differ, `differences` says the same as people read it. `subject`, `deadline`
    (ISO 8601) and `told` are what follows for the task, `place` the step (with its worker and runtime) that it begins with.
    """

    by: str
    via: str
    reason: str | None
    request: Mapping[str, Any]
    was: Mapping[str, Any]
    now: Mapping[str, Any]
    differences: list[str]
    subject: str
    deadline: str | None
    told: Mapping[str, Any]
    place: Mapping[str, str]

    def kept(self) -> dict[str, Any]:
        """As a task's way keeps it."""
        return asdict(self)


def new_request_of(task: Task) -> NewRequest | None:
    """What is asked for instead, if that stands on a task and is not taken up yet."""
    kept = task.way.get(NEW_REQUEST)
    return NewRequest(**kept) if kept is not None else None


@dataclass(frozen=True, slots=True)
class Changes:
    """How often a task's request was changed, and at which version of the task and when that happened last."""

    times: int = 0
    version: int = 0
    at: datetime | None = None


def changes_of(way: Mapping[str, Any]) -> Changes:
    """What a task's way keeps of its request's changes."""
    kept = way.get(CHANGES)
    return Changes(kept["times"], kept["version"], datetime.fromisoformat(kept["at"])) if kept else Changes()
