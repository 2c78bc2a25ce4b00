"""The wish that a task be cancelled, as its row keeps it while somebody works on it."""

from dataclasses import dataclass

from storage.tasks import Task

WISH = "cancel"
"""Where a task's way keeps who wants it cancelled, until whoever works on it has come to a place where it can stop."""


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
