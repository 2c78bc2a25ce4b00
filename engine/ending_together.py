"""Ends of quick tasks, which wait a moment to be written together: one statement for many costs little more than one.

Nothing is lost by that. A runner that dies meanwhile has claimed the tasks and not ended them: each is worked on again,
and an effect of which the record does not know yet is found when it is looked for, before anything is repeated.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.lifecycle import Mover
from engine.course import Course, Extra
from engine.undoing import is_ending
from storage.database import BoundConnection, Unit
from storage.failpoints import passing
from storage.tasks import Task
from storage.transitions import Beside, Change, Happening, Rows, move_together

MOST = 16
LONGEST_S = 0.02
QUICK_S = 0.005
"""Nothing waits for a task of a lane whose last one took longer, or of which none was worked in this shift."""


@dataclass(frozen=True, slots=True)
class WaitingEnd:
    """How a task ends: what `Course.commit` is to write of it."""

    course: Course
    happenings: Sequence[Happening]
    columns: Mapping[str, Any]
    point: str
    settled: Rows

    def at(self, unit: Unit) -> tuple[Change, Callable[[Task], Beside]]:
        """The move, and what is written beside it."""
        return self.course.planned(unit, self.happenings, self.columns, effects=((), self.settled))

    def alone(self) -> None:
        """Write it by itself; raises as `Course.commit` does."""
        self.course.commit(self.happenings, self.columns, point=self.point, settled=self.settled)


@dataclass(slots=True)
class WaitingEnds:
    """What waits in one shift, since when, and how long the last task of each lane took, in seconds."""

    waiting: list[WaitingEnd] = field(default_factory=list)
    since: float = 0.0
    took: dict[str, float] = field(default_factory=dict)

    def add(self, one: WaitingEnd) -> None:
        """Let it wait."""
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting.append(one)

    def may_wait_for(self, lane: str) -> bool:
        """Whether another task of that lane may be worked on first."""
        return lane in self.took and self.took[lane] <= QUICK_S and not self.are_due()

    def are_due(self) -> bool:
        """Whether there are enough of them, or one has waited long enough."""
        return bool(self.waiting) and (len(self.waiting) >= MOST or time.monotonic() - self.since > LONGEST_S)

    def written(self, connection: BoundConnection, actor: str) -> list[WaitingEnd]:
        """Write all that waits; gives those that somebody else has moved, which are to be written alone."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return []
        points = sorted({one.point for one in waiting})
        with connection.statement() as unit:
            moved = move_together(unit, [one.at(unit) for one in waiting], mover=Mover.RUNNER, actor=actor)
            for point in points:
                passing(f"{point}.before_commit")
        for point in points:
            passing(f"{point}.after_commit")
        ended = {task.number for task in moved}
        return [one for one in waiting if one.course.task.number not in ended]


def end(
    course: Course,
    happenings: Sequence[Happening],
    columns: Mapping[str, Any],
    *,
    point: str,
    extra: Extra | None,
    settled: Rows = (),
) -> None:
    """End a task well: in a moment with others, or at once if it takes more than one statement."""
    waits, ends = WaitingEnd(course, happenings, columns, point, settled), course.bench.ends
    if ends is None or extra is not None or not _can_wait(course):
        course.commit(happenings, columns, point=point, extra=extra, settled=settled)
    else:
        ends.add(waits)


def _can_wait(course: Course) -> bool:
    spends = course.purse is not None and course.purse.owes
    return course.is_one_statement() and not spends and not is_ending(course)
