"""A shift: what one wake-up makes a runner do, until nothing that is due is left for it."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.bench import Bench
from engine.deployment import Deployment
from engine.driving import drive
from engine.watch import Watch
from storage.claims import Claimant, claim, hand_back, renew
from storage.database import BoundConnection
from storage.failpoints import passing
from storage.tasks import Task

BATCH = 16
_CLAIM_TRIES = 5
LONG_STEP_S = 1.0
_PAUSE_S = 2.0

log = structlog.get_logger()


@dataclass(slots=True)
class Runner:
    """The process that takes shifts: who it is, what it works with, and whether it was asked to stop."""

    deployment: Deployment
    claimant: Claimant
    systems: dict[str, dict[str, Any]]
    watch: Watch
    stopping: threading.Event = field(default_factory=threading.Event)


_runner: list[Runner] = []


def take_up(runner: Runner) -> None:
    """Make this process a runner: the RQ job names a company and a runtime, everything else comes from here."""
    _runner[:] = [runner]


def work_shift(company: str, runtime: str) -> int:
    """The one RQ job: work due tasks of a company until none is left; returns how many were worked.

    A wake-up for a company that is not declared here, or for another runtime, is answered with 0.
    """
    runner = _runner[0]
    if company not in runner.deployment.businesses or runtime != runner.claimant.runtime:
        return 0
    try:
        return _work(runner, company)
    except OperationalError as error:
        log.warning("shift.database_away", company=company, error=str(error.orig).strip())
        time.sleep(_PAUSE_S)
        return 0


def _work(runner: Runner, company: str) -> int:
    with runner.deployment.database.bound(company) as connection, _Renewal(runner, company):
        bench = Bench(
            deployment=runner.deployment,
            business=runner.deployment.businesses[company],
            connection=connection,
            claimant=runner.claimant,
            systems=runner.systems[company],
            watch=runner.watch,
        )
        return _until_nothing_is_due(runner, bench)


def _until_nothing_is_due(runner: Runner, bench: Bench) -> int:
    worked = 0
    while not runner.stopping.is_set():
        held = _claim(bench.connection, bench.claimant)
        if not held:
            return worked
        worked += _work_through(runner, bench, held)
    bench.deployment.wakeups.wake(bench.connection.company, bench.claimant.runtime)
    return worked


def _claim(connection: BoundConnection, claimant: Claimant) -> list[Task]:
    """What is due, under leases; nothing when rivals were faster each time: the sweep wakes somebody for the rest."""
    for _ in range(_CLAIM_TRIES):
        try:
            with connection.transaction() as unit:
                held = claim(unit, claimant, batch=BATCH)
        except IntegrityError:
            continue
        if held:
            passing("claim.after_commit")
        return held
    return []


def _work_through(runner: Runner, bench: Bench, held: Sequence[Task]) -> int:
    """Work tasks one by one; those not begun go back when a step was long or the runner was asked to stop."""
    for position, task in enumerate(held, start=1):
        began = time.monotonic()
        drive(bench, task)
        if runner.stopping.is_set() or time.monotonic() - began > LONG_STEP_S:
            return position + _give_back(bench, held[position:])
    return len(held)


def _give_back(bench: Bench, left: Sequence[Task]) -> int:
    if left:
        with bench.connection.transaction() as unit:
            hand_back(unit, bench.claimant, left, why="not begun in this shift")
        bench.deployment.wakeups.wake(bench.connection.company, bench.claimant.runtime)
    return 0


class _Renewal:
    """Renews the leases of a shift from a thread of its own, and stops doing so when a step passes its deadline."""

    def __init__(self, runner: Runner, company: str) -> None:
        self._runner = runner
        self._company = company
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease-renewal", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        claimant = self._runner.claimant
        while not self._over.wait(claimant.lease_s / 3) and not self._runner.watch.overdue():
            try:
                with self._runner.deployment.database.transaction(self._company) as unit:
                    renew(unit, claimant)
            except OperationalError as error:
                log.warning("lease.not_renewed", runner=claimant.runner, error=str(error.orig).strip())


def due(deployment: Deployment) -> list[tuple[str, str, str | None, int]]:
    """(company, kind, runtime, amount) of everything that is due now: tasks, timers, messages, deliveries."""
    with deployment.database.unbound() as connection:
        rows = connection.execute(text("select company, kind, runtime, amount from due_now()")).all()
    return [(row.company, row.kind, row.runtime, row.amount) for row in rows]
