"""A shift: what one wake-up makes a runner do, until nothing that is due is left for it or its time is up."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from engine import losses
from engine.bench import Bench
from engine.deployment import Deployment
from engine.driving import drive, end_together
from engine.ending_together import WaitingEnds
from engine.wakeups import Wakeups
from engine.watch import Watch
from storage.claims import Claimant, Taken, hand_back, renew, take
from storage.database import BoundConnection
from storage.failpoints import passing
from storage.replaced import Replaced
from storage.tasks import Task

BATCH = 16
SHIFT_S = 5.0
"""After how long a runner leaves a company that still has due tasks, so that no other waits for as long as they last."""
LONG_STEP_S = 1.0
_PAUSE_S = 2.0
_TICK_S = 0.5
_BELL_S = 0.02

log = structlog.get_logger()


def _always(_: BoundConnection) -> bool:
    return True


@dataclass(slots=True)
class Runner:
    """The process that takes shifts: who it is, what it works with, and whether it was asked to stop.

    `chance` gives numbers in [0, 1) that spread retries; a shift takes no new batch after `shift_s` seconds. `may_work` is
    asked before each claim whether the record behind a connection may be worked on; with its no the shift ends, and the
    next one asks again. `outlived` are companies in whose shift the database was lost, until it knows that this runner
    did not die.
    """

    deployment: Deployment
    claimant: Claimant
    systems: dict[str, dict[str, Any]]
    watch: Watch
    stopping: threading.Event = field(default_factory=threading.Event)
    chance: Callable[[], float] = random.random
    may_work: Callable[[BoundConnection], bool] = _always
    shift_s: float = SHIFT_S
    outlived: set[str] = field(default_factory=set)


_runner: list[Runner] = []


def take_up(runner: Runner) -> None:
    """Make this process a runner: the RQ job names a company and a runtime, everything else comes from here."""
    _runner[:] = [runner]


def warm_up(runner: Runner) -> None:
    """Connect, and have a claim compiled, which takes as long as many shifts: nobody's task should wait for that.

    Claims nothing. Where the record is away it is left to the first shift.
    """
    with suppress(SQLAlchemyError):
        for company in list(runner.deployment.businesses)[:1]:
            with runner.deployment.database.bound(company) as connection, connection.transaction() as unit:
                take(unit, runner.claimant, batch=0)


def work_shift(company: str, runtime: str) -> int:
    """The one RQ job: work due tasks of a company until none is left or the shift is over; returns how many were worked.

    A wake-up for a company that is not declared here, or for another runtime, is answered with 0.
    """
    runner = _runner[0]
    if company not in runner.deployment.businesses or runtime != runner.claimant.runtime:
        return 0
    try:
        _say_what_was_outlived(runner)
        return _work(runner, company)
    except OperationalError as error:
        log.warning("shift.database_away", company=company, error=str(error.orig).strip())
        time.sleep(_PAUSE_S)
    with suppress(OperationalError):
        _say_what_was_outlived(runner)
    return 0


def _say_what_was_outlived(runner: Runner) -> None:
    """Put on record that this runner lives: it did not die of what it had when the database was lost."""
    for company in sorted(runner.outlived):
        with runner.deployment.database.transaction(company) as unit:
            losses.tell(unit, runner.claimant.runner, losses.Fate.OUTLIVED, by=f"runner:{runner.claimant.runner}")
        runner.outlived.discard(company)


def _work(runner: Runner, company: str) -> int:
    batch = _Batch()
    with runner.deployment.database.bound(company) as connection, _Renewal(runner, company, batch):
        bench = Bench(
            deployment=runner.deployment,
            business=runner.deployment.businesses[company],
            connection=connection,
            claimant=runner.claimant,
            systems=runner.systems[company],
            watch=runner.watch,
            chance=runner.chance,
            ends=batch.ends,
        )
        try:
            return _until_nothing_is_due_or_over(runner, bench, batch)
        except OperationalError:
            runner.outlived.add(company)
            raise


def _until_nothing_is_due_or_over(runner: Runner, bench: Bench, batch: "_Batch") -> int:
    worked, is_all, bell = 0, False, _Bell(bench.deployment.wakeups)
    is_over, over = False, time.monotonic() + runner.shift_s
    while not is_all and not is_over and _goes_on(runner, bench.connection):
        try:
            taken = _claim(bench.connection, bench.claimant)
        except Replaced:
            log.error("record.replaced", company=bench.connection.company)
            continue  # it is asked about anew
        bench.learn(taken.stands)
        bench.down = taken.down
        batch.left = taken.tasks
        is_all = not batch.left
        worked += _work_through(runner, bench, batch, bell)
        is_over = time.monotonic() >= over
    bell.ring_what_is_owed()
    if not is_all and (is_over or runner.stopping.is_set()):
        bench.deployment.wakeups.wake(bench.connection.company, bench.claimant.runtime)
    return worked


def _goes_on(runner: Runner, connection: BoundConnection) -> bool:
    return not runner.stopping.is_set() and runner.may_work(connection)


def _claim(connection: BoundConnection, claimant: Claimant) -> Taken:
    """What is due, under leases; what rivals are claiming at this moment is theirs, and the sweep wakes somebody for the rest."""
    with connection.transaction() as unit:
        taken = take(unit, claimant, batch=BATCH)
        if taken.tasks:
            passing("claim.before_commit")
    if taken.tasks:
        passing("claim.after_commit")
    return taken


def _work_through(runner: Runner, bench: Bench, batch: "_Batch", bell: "_Bell") -> int:
    """Work tasks one by one; those not begun go back when a step was long or the runner was asked to stop."""
    worked, ends = 0, batch.ends
    while (task := batch.begin()) is not None:
        if ends.waiting and not ends.may_wait_for(task.lane):
            _end(bench, bell)
        began = time.monotonic()
        drive(bench, task)
        ends.took[task.lane] = time.monotonic() - began
        worked += 1
        if ends.are_due() or not ends.waiting:
            _end(bench, bell)
        if runner.stopping.is_set() or batch.is_slow():
            _give_back(runner, bench.connection, batch.leave())
    if ends.waiting:
        _end(bench, bell)
    return worked


def _end(bench: Bench, bell: "_Bell") -> None:
    end_together(bench)
    bell.ring()


@dataclass(slots=True)
class _Bell:
    """Wakes the courier for what tasks have left in the outbox: soon, but not for each of many quick ones."""

    wakeups: Wakeups
    rung_at: float = 0.0
    is_owed: bool = False

    def ring(self) -> None:
        """Wake it, unless it was woken a moment ago: then it is owed."""
        self.is_owed = time.monotonic() - self.rung_at < _BELL_S
        if not self.is_owed:
            self.wakeups.courier()
            self.rung_at = time.monotonic()

    def ring_what_is_owed(self) -> None:
        """Wake it for what came after the last ring."""
        if self.is_owed:
            self.wakeups.courier()


def _give_back(runner: Runner, connection: BoundConnection, left: Sequence[Task]) -> None:
    if left:
        with connection.transaction() as unit:
            hand_back(unit, runner.claimant, left, why="not begun in this shift")
        runner.deployment.wakeups.wake(connection.company, runner.claimant.runtime)


@dataclass(slots=True)
class _Batch:
    """What a shift has claimed and not begun, shared with the thread that gives it back when a step takes long, and
    what waits to be ended.
    """

    left: list[Task] = field(default_factory=list)
    under_way: Task | None = None
    began: float = field(default_factory=time.monotonic)
    ends: WaitingEnds = field(default_factory=WaitingEnds)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> Task | None:
        """The next task, which from now on nobody gives back."""
        with self.guard:
            self.began = time.monotonic()
            self.under_way = self.left.pop(0) if self.left else None
            return self.under_way

    def leave(self) -> list[Task]:
        """All that is not begun: it is another's now."""
        with self.guard:
            left, self.left = self.left, []
            return left

    def numbers(self) -> list[int]:
        """The tasks that are in this runner's hands."""
        ending = [one.course.task for one in self.ends.waiting]
        with self.guard:
            return [task.number for task in (*ending, self.under_way, *self.left) if task is not None]

    def is_slow(self) -> bool:
        """Whether the task under way has taken so long that the others should not wait for it."""
        return time.monotonic() - self.began > LONG_STEP_S


class _Renewal:
    """From a thread of its own, renews the leases of a shift, but while a step is past its deadline, and lets others
    have what waits behind a long step.
    """

    def __init__(self, runner: Runner, company: str, batch: _Batch) -> None:
        self._runner = runner
        self._company = company
        self._batch = batch
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease-renewal", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        claimant = self._runner.claimant
        renewed = time.monotonic()
        while not self._over.wait(min(_TICK_S, claimant.lease_s / 3)):
            if self._runner.watch.overdue():
                continue  # its lease is to run out, unless it ends just late: what comes after it is renewed again
            if self._batch.left and self._batch.is_slow():
                self._try(self._share)
            if time.monotonic() - renewed >= claimant.lease_s / 3:
                self._try(self._renew)
                renewed = time.monotonic()

    def _share(self) -> None:
        with self._runner.deployment.database.bound(self._company) as connection:
            _give_back(self._runner, connection, self._batch.leave())

    def _renew(self) -> None:
        with self._runner.deployment.database.transaction(self._company) as unit:
            renew(unit, self._runner.claimant, self._batch.numbers())

    def _try(self, act: Callable[[], None]) -> None:
        """Do it, or leave it for the next round: a lease that was not renewed runs out, and that is all."""
        try:
            act()
        except SQLAlchemyError as error:
            log.warning("lease.not_kept", runner=self._runner.claimant.runner, error=type(error).__name__)


def due(deployment: Deployment) -> list[tuple[str, str, str | None, int]]:
    """(company, kind, runtime, amount) of everything that is due now: tasks, timers, messages, deliveries."""
    with deployment.database.unbound() as connection:
        rows = connection.execute(text("select company, kind, runtime, amount from due_now()")).all()
    return [(row.company, row.kind, row.runtime, row.amount) for row in rows]
