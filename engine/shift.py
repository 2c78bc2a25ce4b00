"""A shift: what one wake-up makes a runner do, until nothing that is due is left for it or its time is up."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from engine import losses
from engine.batch import Batch, Piece, Renewal, give_back
from engine.bench import Bench
from engine.deployment import Deployment
from engine.driving import drive, go_on, move_alone
from engine.moving_together import Intended, send_together, write_together
from engine.wakeups import Wakeups
from engine.watch import Watch
from storage.claims import Claimant, Taken, take
from storage.database import BoundConnection
from storage.failpoints import passing
from storage.in_flight import Sender
from storage.replaced import Replaced

BATCH, MOST = 16, 64
"""How many tasks a claim takes, and how many at most once a full batch was worked through in QUICK_S."""
QUICK_S = 0.1
SHIFT_S = 5.0
"""After how long a runner leaves a company that still has due tasks, so that no other waits for as long as they last."""
_PAUSE_S = 2.0
_BELL_S = 0.1

log = structlog.get_logger()


def _always(_: BoundConnection) -> bool:
    return True


@dataclass(slots=True)
class Runner:
    """The process that takes shifts: who it is, what it works with, and whether it was asked to stop.

    `chance` gives numbers in [0, 1) that spread retries; a shift takes no new batch after `shift_s` seconds. `may_work` is
    asked before each claim whether the record behind a connection may be worked on; with its no the shift ends, and the
    next one asks again. `outlived` are companies in whose shift the database was lost, until it knows that this runner
    did not die. `renewing` is the thread that keeps its leases.
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
    renewing: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1, "lease-renewal"))


_runner: list[Runner] = []


def take_up(runner: Runner) -> None:
    """Make this process a runner: the RQ job names a company and a runtime, everything else comes from here."""
    _runner[:] = [runner]


def warm_up(runner: Runner) -> None:
    """Connect, and have a claim prepared: nobody's task should wait for that.

    Claims nothing. Where the record is away it is left to the first shift.
    """
    with suppress(SQLAlchemyError):
        for company in list(runner.deployment.businesses)[:1]:
            with runner.deployment.database.bound(company) as connection:
                take(connection, runner.claimant, batch=0)


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
    deployment, batch = runner.deployment, Batch()
    bound = partial(deployment.database.bound, company)
    renewal = Renewal(deployment, runner.claimant, runner.watch, company=company, batch=batch, thread=runner.renewing)
    with bound(at_once=False) as connection, Sender(bound) as batch.waiting.sender, renewal:
        bench = Bench(
            deployment=deployment,
            business=deployment.businesses[company],
            connection=connection,
            claimant=runner.claimant,
            systems=runner.systems[company],
            watch=runner.watch,
            chance=runner.chance,
            waiting=batch.waiting,
        )
        try:
            return _until_nothing_is_due_or_over(runner, bench, batch)
        except OperationalError:
            runner.outlived.add(company)
            raise


def _until_nothing_is_due_or_over(runner: Runner, bench: Bench, batch: Batch) -> int:
    worked, size, is_all, bell = 0, BATCH, False, _Bell(bench.deployment.wakeups)
    is_over, over = False, time.monotonic() + runner.shift_s
    while not is_all and not is_over and _goes_on(runner, bench.connection):
        try:
            taken = _claim(bench, size)
        except Replaced:
            log.error("record.replaced", company=bench.connection.company)
            continue  # it is asked about anew
        bench.learn(taken)
        batch.left, began = list(taken.tasks), time.monotonic()
        is_all = not batch.has_more and not batch.waiting.are_any  # what is ended leaves its subject to others
        is_full = len(batch.left) == size
        worked += _work_through(runner, bench, batch, bell, goes_on=is_full)
        size = min(2 * size, MOST) if is_full and time.monotonic() - began <= QUICK_S else BATCH
        is_over = time.monotonic() >= over
    _work_through(runner, bench, batch, bell, goes_on=False)
    bell.ring_what_is_owed()
    if not is_all and (is_over or runner.stopping.is_set()):
        bench.deployment.wakeups.wake(bench.connection.company, bench.claimant.runtime)
    return worked


def _goes_on(runner: Runner, connection: BoundConnection) -> bool:
    return not runner.stopping.is_set() and runner.may_work(connection)


def _claim(bench: Bench, size: int) -> Taken:
    """What is due, under leases; what rivals are claiming at this moment is theirs, and the sweep wakes somebody for the rest."""
    passing("claim.before_commit")
    taken = take(bench.connection, bench.claimant, batch=size, known=bench.people)
    if taken.tasks:
        passing("claim.after_commit")
    return taken


def _work_through(runner: Runner, bench: Bench, batch: Batch, bell: "_Bell", *, goes_on: bool) -> int:
    """Work tasks one by one; those not begun go back when a step was long or the runner was asked to stop.

    With `goes_on` there are more tasks to come, and the last moves may be written meanwhile.
    """
    worked, waiting = 0, batch.waiting
    while (piece := _next(bench, batch, bell, goes_on=goes_on)) is not None:
        if not waiting.may_wait_for(piece.task.lane):
            _write(bench, bell)
        worked += _work_on(bench, batch, piece)
        if waiting.are_due():
            _send(bench, bell)
        elif not waiting.waiting:
            bell.ring()
        if runner.stopping.is_set() or batch.is_slow():
            give_back(runner.deployment, bench.connection, runner.claimant, batch.leave())
    if goes_on:
        _send(bench, bell)
    return worked


def _next(bench: Bench, batch: Batch, bell: "_Bell", *, goes_on: bool) -> Piece | None:
    """What to work on next: effects that may be performed, then tasks that are not begun."""
    piece = batch.begin()
    while piece is None and not goes_on and batch.waiting.are_any:
        _write(bench, bell)
        piece = batch.begin()
    return piece


def _work_on(bench: Bench, batch: Batch, piece: Piece) -> int:
    began, lane = time.monotonic(), piece.task.lane
    if isinstance(piece, Intended):
        go_on(bench, piece)
        batch.waiting.performing[lane] = time.monotonic() - began
        return 0
    drive(bench, piece.task)
    batch.waiting.took[lane] = time.monotonic() - began
    return 1


def _write(bench: Bench, bell: "_Bell") -> None:
    """Write what waits, and see to what was sent."""
    if bench.waiting is not None and bench.waiting.are_any:
        write_together(bench, partial(move_alone, bench))
        bell.ring()


def _send(bench: Bench, bell: "_Bell") -> None:
    """As `_write`, but what waits now is written while the shift goes on."""
    if bench.waiting is not None and bench.waiting.waiting:
        send_together(bench, partial(move_alone, bench))
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


def due(deployment: Deployment) -> list[tuple[str, str, str | None, int]]:
    """(company, kind, runtime, amount) of everything that is due now: tasks, timers, messages, deliveries."""
    with deployment.database.unbound() as connection:
        rows = connection.execute(text("select company, kind, runtime, amount from due_now()")).all()
    return [(row.company, row.kind, row.runtime, row.amount) for row in rows]
