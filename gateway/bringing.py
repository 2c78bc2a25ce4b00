"""Has kept deliveries handled: at once after the acknowledgement, and again while a row is not handled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import anyio
import structlog
from anyio.abc import TaskGroup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage import deliveries
from storage.database import Database
from storage.deliveries import Delivery

log = structlog.get_logger()

SWEEP_S = 2.0
LAST_S = 5.0
_DUE = text("select company from due_now() where kind = 'delivery'")


@dataclass(slots=True)
class Bringing:
    """Brings rows of one source to `handle` in `at_once` threads; a row under way here is not begun a second time.

    `handle` raises nothing: a row that it could not handle is left to the sweep.
    """

    database: Database
    source: str
    handle: Callable[[Delivery], None]
    at_once: int
    _threads: ThreadPoolExecutor | None = None
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    _guard: Lock = field(default_factory=Lock)

    def start(self, group: TaskGroup) -> None:
        """From now on rows are handled, and `group` has the sweep."""
        self._threads = ThreadPoolExecutor(self.at_once, f"{self.source}-rows")
        group.start_soon(self._sweep)

    def begin(self, *rows: Delivery) -> None:
        """Handle new rows without waiting for them, from any thread; before the start and after the end they are left to
        the sweep.
        """
        with self._guard:
            threads = self._threads
            for row in rows:
                if threads is not None and (row.company, row.key) not in self._under_way:
                    self._under_way.add((row.company, row.key))
                    threads.submit(self._bring, row)

    async def finish(self) -> None:
        """Wait, for at most five seconds, until nothing is under way; take nothing new."""
        with self._guard:
            threads, self._threads = self._threads, None
        with anyio.move_on_after(LAST_S):
            while self._under_way:  # noqa: ASYNC110 - a set is no event; only a stop waits here
                await anyio.sleep(0.02)
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _bring(self, delivery: Delivery) -> None:
        try:
            self.handle(delivery)
        finally:
            with self._guard:
                self._under_way.discard((delivery.company, delivery.key))

    async def _sweep(self) -> None:
        """Every two seconds bring again what was kept and not handled in time."""
        while True:
            self.begin(*await anyio.to_thread.run_sync(self._overdue))
            await anyio.sleep(SWEEP_S)

    def _overdue(self) -> list[Delivery]:
        try:
            return self._find_overdue()
        except SQLAlchemyError as error:
            log.warning("sweep.failed", source=self.source, error=type(error).__name__)
            return []

    def _find_overdue(self) -> list[Delivery]:
        with self.database.unbound() as connection:
            companies = [row.company for row in connection.execute(_DUE)]
        found: list[Delivery] = []
        for company in companies:
            with self.database.transaction(company) as unit:
                found += deliveries.overdue(unit, source=self.source, limit=20)
        return found
