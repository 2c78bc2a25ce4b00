"""What a runner has in its hands during a shift, and a thread that keeps it or gives it back."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from engine.moving_together import Intended, WaitingMoves
from engine.watch import Watch
from storage.claims import Claimant, hand_back, renew
from storage.database import BoundConnection
from storage.tasks import Task

LONG_STEP_S = 1.0
_TICK_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fresh:
    """A task that was claimed and is not begun."""

    task: Task


Piece = Fresh | Intended


@dataclass(slots=True)
class Batch:
    """What a shift has claimed and not begun, shared with the thread that gives it back when a step takes long, and
    what waits to be written.
    """

    left: list[Task] = field(default_factory=list)
    under_way: Task | None = None
    began: float = field(default_factory=time.monotonic)
    waiting: WaitingMoves = field(default_factory=WaitingMoves)

    def begin(self) -> Piece | None:
        """The next piece of work, which from now on nobody gives back: what is intended first."""
        with self.waiting.guard:
            self.began = time.monotonic()
            piece = self._first()
            self.under_way = piece.task if piece is not None else None
            return piece

    def _first(self) -> Piece | None:
        if self.waiting.intended:
            return self.waiting.intended.pop(0)
        return Fresh(self.left.pop(0)) if self.left else None

    def leave(self) -> list[Task]:
        """All that is not begun: it is another's now. So are effects that are not performed, behind a task that takes long."""
        with self.waiting.guard:
            left, self.left = self.left, []
            if self.is_slow():
                left += [one.task for one in self.waiting.intended]
                self.waiting.intended = []
            return left

    def numbers(self) -> list[int]:
        """The tasks that are in this runner's hands."""
        waiting = [one.course.task for one in self.waiting.waiting]
        with self.waiting.guard:
            intended = [one.task for one in self.waiting.intended]
            return [task.number for task in (*waiting, *intended, self.under_way, *self.left) if task is not None]

    @property
    def has_more(self) -> bool:
        """Whether something waits behind the task under way."""
        return bool(self.left or self.waiting.intended)

    def is_slow(self) -> bool:
        """Whether the task under way has taken so long that the others should not wait for it."""
        return time.monotonic() - self.began > LONG_STEP_S


def give_back(deployment: Deployment, connection: BoundConnection, claimant: Claimant, left: Sequence[Task]) -> None:
    """Let others have tasks, and wake one of them."""
    if left:
        with connection.transaction() as unit:
            hand_back(unit, claimant, left, why="not begun in this shift")
        deployment.wakeups.wake(connection.company, claimant.runtime)


class Renewal:
    """From a `thread` of its own, renews the leases of a shift, but while a step is past its deadline, and lets others
    have what waits behind a long step.

    The thread is a runner's for all its shifts: to make one takes as long as a claim.
    """

    def __init__(
        self,
        deployment: Deployment,
        claimant: Claimant,
        watch: Watch,
        *,
        company: str,
        batch: Batch,
        thread: ThreadPoolExecutor,
    ) -> None:
        self._deployment = deployment
        self._claimant = claimant
        self._watch = watch
        self._company = company
        self._batch = batch
        self._over = threading.Event()
        self._thread = thread

    def __enter__(self) -> None:
        self._keeping = self._thread.submit(self._keep)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._keeping.result()

    def _keep(self) -> None:
        lease_s = self._claimant.lease_s
        renewed = time.monotonic()
        while not self._over.wait(min(_TICK_S, lease_s / 3)):
            if self._watch.overdue():
                continue  # its lease is to run out, unless it ends just late: what comes after it is renewed again
            if self._batch.has_more and self._batch.is_slow():
                self._try(self._share)
            if time.monotonic() - renewed >= lease_s / 3:
                self._try(self._renew)
                renewed = time.monotonic()

    def _share(self) -> None:
        with self._deployment.database.bound(self._company) as connection:
            give_back(self._deployment, connection, self._claimant, self._batch.leave())

    def _renew(self) -> None:
        with self._deployment.database.transaction(self._company) as unit:
            renew(unit, self._claimant, self._batch.numbers())

    def _try(self, act: Callable[[], None]) -> None:
        """Do it, or leave it for the next round: a lease that was not renewed runs out, and that is all."""
        try:
            act()
        except SQLAlchemyError as error:
            log.warning("lease.not_kept", runner=self._claimant.runner, error=type(error).__name__)
