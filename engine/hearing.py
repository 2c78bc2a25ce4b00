"""Tells a runner whose task has moved under its hands whether that was people's wishes alone, and which."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from escalation.wishes import NEW_REQUEST, WISH
from storage.database import Unit
from storage.tasks import Task, load


class WishHeard(Exception):
    """Somebody wants the task cancelled, or its request changed, and a commit did not know it: nothing was written.

    It carries the task as it is.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task.name)
        self.task = task


def heard_of(unit: Unit, task: Task, way: Mapping[str, Any]) -> tuple[Task, dict[str, Any]] | None:
    """The task and its way with the wishes that this runner did not know; None when somebody else has moved it.

    Whoever else moves it gives it another fencing number, or takes it out of this runner's hands.
    """
    now = load(unit, task.number)
    wishes = {wish: now.way[wish] for wish in (WISH, NEW_REQUEST) if wish in now.way}
    mine = (task.fence, task.state, task.lease_runner)
    if (now.fence, now.state, now.lease_runner) != mine or wishes.items() <= way.items():
        return None
    known = replace(task, version=now.version, way=now.way, trail_seq=now.trail_seq, trail_hash=now.trail_hash)
    return known, {**way, **wishes}
