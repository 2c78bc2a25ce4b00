"""Moves of quick tasks, which wait a moment to be written together: one statement for many costs little more than one.

What waits is a task's end, or that it is about to change the world. Those of a full batch are sent, and written while
other tasks are worked on. Nothing is lost by that: a runner that dies meanwhile has claimed the tasks and not moved them,
and each is worked on again. Nothing is done before it is written that it is intended.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from contracts.lifecycle import Mover
from contracts.vocabulary import EffectClass
from engine.bench import Bench
from engine.course import Course
from engine.reconciling import RESTORED
from engine.undoing import is_ending
from engine.world import Effect, as_begun
from engine.writes import NOTHING, Extra, OfWorld
from storage.database import BoundConnection, Unit
from storage.failpoints import passing
from storage.in_flight import Sender
from storage.tasks import Task
from storage.transitions import Beside, Change, Happening, Together

log = structlog.get_logger()

MOST = 32
FEW = 4
"""So few are written at once: a second connection for them would cost more than it saves."""
LONGEST_S = 0.02
QUICK_S = 0.005
"""Nothing waits for a task of a lane whose last one took longer, or of which none was worked in this shift."""
SURE_S = 0.5
"""An effect that was intended longer ago is looked for before it is performed: another runner may have come to it."""


@dataclass(frozen=True, slots=True)
class WaitingMove:
    """How a task moves: what `Course.commit` is to write of it, and the effect that is performed after that, if any."""

    course: Course
    happenings: Sequence[Happening]
    columns: Mapping[str, Any]
    point: str
    of_world: OfWorld = NOTHING
    effect: Effect | None = None

    def at(self, unit: Unit) -> tuple[Change, Callable[[Task], Beside]]:
        """The move, and what is written beside it."""
        return self.course.planned(unit, self.happenings, self.columns, of_world=self.of_world)

    def alone(self) -> None:
        """Write it by itself; raises as `Course.commit` does."""
        self.course.commit(self.happenings, self.columns, point=self.point, of_world=self.of_world)


@dataclass(frozen=True, slots=True)
class Intended:
    """An effect that may be performed, since it is written; `at` is when that was asked for, on the monotonic clock."""

    course: Course
    effect: Effect
    at: float

    @property
    def task(self) -> Task:
        """The task as it is since then."""
        return self.course.task

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have come to it by now."""
        return time.monotonic() - self.at <= SURE_S


@dataclass(slots=True)
class WaitingMoves:
    """What waits in one shift, since when, and how long the last task of each lane took, in seconds: `took` until it
    ended or waited for its effect to be written, `performing` after that.

    `sent` is on its way through the sender; `intended` are effects that are written and not performed yet, for whoever has
    the `guard`.
    """

    sender: Sender | None = None
    waiting: list[WaitingMove] = field(default_factory=list)
    since: float = 0.0
    took: dict[str, float] = field(default_factory=dict)
    performing: dict[str, float] = field(default_factory=dict)
    sent: "_Sent | None" = None
    intended: list[Intended] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, one: WaitingMove) -> None:
        """Let it wait."""
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting.append(one)

    def may_wait_for(self, lane: str) -> bool:
        """Whether another task of that lane may be worked on first."""
        took = max(self.took.get(lane, math.inf), self.performing.get(lane, 0.0))
        return took <= QUICK_S and not self.are_due()

    def are_due(self) -> bool:
        """Whether there are enough of them, or one has waited long enough."""
        return bool(self.waiting) and (len(self.waiting) >= MOST or time.monotonic() - self.since > LONGEST_S)

    @property
    def are_any(self) -> bool:
        """Whether there are moves of which it is not known yet that they are written."""
        return bool(self.waiting) or self.sent is not None

    @property
    def can_be_sent(self) -> bool:
        """Whether what waits is worth to be written on the side."""
        return self.sender is not None and len(self.waiting) >= FEW

    def take(self) -> list[WaitingMove]:
        """All that waits: from now on its taker sees to it."""
        waiting, self.waiting = self.waiting, []
        return waiting

    def write(self, connection: BoundConnection, actor: str, moves: list[WaitingMove]) -> list[WaitingMove]:
        """Write moves; gives those whose task somebody else has moved, which are to be written alone."""
        if not moves:
            return []
        at = time.monotonic()
        with connection.statement() as unit:
            together = _planned(unit, actor, moves)
            moved = together.carry_out(unit)
        return self._learn(moves, moved, at)

    def send(self, connection: BoundConnection, actor: str, moves: list[WaitingMove]) -> list[WaitingMove]:
        """Have moves written; `answered` gives what `write` gives."""
        if self.sender is None:
            raise RuntimeError("nothing to send by")
        at = time.monotonic()
        together = _planned(Unit(connection.connection, connection.company, connection.now()), actor, moves)
        together.send(self.sender)
        self.sent = _Sent(moves, together, at)
        return []

    def answered(self) -> list[WaitingMove]:
        """Wait until what was sent is written."""
        sent, self.sent = self.sent, None
        if sent is None or self.sender is None:
            return []
        return self._learn(sent.moves, sent.together.answered(self.sender), sent.at)

    def _learn(self, moves: list[WaitingMove], moved: Sequence[Task], at: float) -> list[WaitingMove]:
        for point in _points(moves):
            passing(f"{point}.after_commit")
        after, left = {task.number: task for task in moved}, []
        for one in moves:
            task = after.get(one.course.task.number)
            if task is None:
                left.append(one)
                continue
            one.course.has_moved(task)
            if one.effect is not None:
                with self.guard:
                    self.intended.append(Intended(one.course, one.effect, at))
        return left


@dataclass(frozen=True, slots=True)
class _Sent:
    moves: list[WaitingMove]
    together: Together
    at: float


def _planned(unit: Unit, actor: str, moves: Sequence[WaitingMove]) -> Together:
    """Locked in the order of their numbers, as leases are renewed."""
    in_order = sorted(moves, key=lambda one: one.course.task.number)
    together = Together(unit, [one.at(unit) for one in in_order], mover=Mover.RUNNER, actor=actor)
    for point in _points(moves):
        passing(f"{point}.before_commit")
    return together


def _points(moves: Sequence[WaitingMove]) -> list[str]:
    return sorted({one.point for one in moves})


def write_together(bench: Bench, alone: Callable[[WaitingMove], None]) -> None:
    """Write the moves that wait, and see to those that were sent. Where somebody else was faster, or one can't be written,
    each is written `alone`.
    """
    if bench.waiting is not None:
        waiting, moves = bench.waiting, bench.waiting.take()
        left = _answered(bench, waiting)
        left += _together(bench, moves, partial(waiting.write, bench.connection, bench.actor, moves))
        _one_by_one(bench, left, alone)


def send_together(bench: Bench, alone: Callable[[WaitingMove], None]) -> None:
    """Have the moves that wait written while other tasks are worked on, once those that were sent before are."""
    if bench.waiting is None or not bench.waiting.can_be_sent:
        write_together(bench, alone)
        return
    waiting, moves = bench.waiting, bench.waiting.take()
    left = _answered(bench, waiting)
    left += _together(bench, moves, partial(waiting.send, bench.connection, bench.actor, moves))
    _one_by_one(bench, left, alone)


def _answered(bench: Bench, waiting: WaitingMoves) -> list[WaitingMove]:
    return _together(bench, waiting.sent.moves, waiting.answered) if waiting.sent is not None else []


def _together(bench: Bench, moves: list[WaitingMove], written: Callable[[], list[WaitingMove]]) -> list[WaitingMove]:
    """Those of the moves that are to be written alone."""
    try:
        return written()
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one that can't be written spares the others
        log.warning("moves.not_together", company=bench.connection.company, error=type(error).__name__)
        return moves


def _one_by_one(bench: Bench, left: Sequence[WaitingMove], alone: Callable[[WaitingMove], None]) -> None:
    """None of what comes of it waits again: that might go on for ever."""
    waiting, bench.waiting = bench.waiting, None
    for one in left:
        alone(one)
    bench.waiting = waiting


def end(
    course: Course,
    happenings: Sequence[Happening],
    columns: Mapping[str, Any],
    *,
    point: str,
    extra: Extra | None,
    of_world: OfWorld = NOTHING,
) -> None:
    """End a task well: in a moment with others, or at once if it takes more than one statement."""
    waits, waiting = WaitingMove(course, happenings, columns, point, of_world), course.bench.waiting
    if waiting is None or extra is not None or not _can_wait(course):
        course.commit(happenings, columns, point=point, extra=extra, of_world=of_world)
    else:
        course.put_contents()
        waiting.add(waits)


def may_intend_later(course: Course, effect: Effect) -> bool:
    """Whether an effect may be intended with others, and performed when that is written: it is the first try of a quick
    task, and were its runner lost before it is performed, the world would show that it was not.
    """
    waiting, task = course.bench.waiting, course.task
    is_first = task.fence == 1 and course.item is None and effect.undoes is None and RESTORED not in task.origin
    can_be_looked_for = effect.effect_class is not EffectClass.NEITHER
    is_quick = waiting is not None and waiting.may_wait_for(task.lane)
    return is_first and can_be_looked_for and is_quick and _can_wait(course)


def intend(course: Course, happenings: Sequence[Happening], columns: Mapping[str, Any], effect: Effect) -> None:
    """Let it wait with others that an effect is about to be performed, which is then found in `WaitingMoves.intended`."""
    if course.bench.waiting is None:
        raise RuntimeError("nothing to wait in")
    course.put_contents()
    begins = OfWorld(begun=[as_begun(effect, company=course.task.company)])
    course.bench.waiting.add(WaitingMove(course, happenings, columns, "intend", begins, effect))


def _can_wait(course: Course) -> bool:
    spends = course.purse is not None and course.purse.owes
    return course.is_one_statement() and not spends and not is_ending(course)
