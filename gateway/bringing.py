"""Has kept deliveries handled: at once after the acknowledgement, and again while a row is not handled."""

from collections.abc import Callable
from dataclasses import dataclass, field

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
    """Brings rows of one source to `handle` in threads; a row under way here is not begun a second time.

    `handle` raises nothing: a row that it could not handle is left to the sweep.
    """

    database: Database
    source: str
    handle: Callable[[Delivery], None]
    threads: anyio.CapacityLimiter
    _group: TaskGroup | None = None
    _under_way: set[tuple[str, str]] = field(default_factory=set)

    def start(self, group: TaskGroup) -> None:
        """From now on rows are handled in `group`, and so is the sweep."""
        self._group = group
        group.start_soon(self._sweep)

    def begin(self, *rows: Delivery) -> None:
        """Handle new rows without waiting for them; before the start and after the end they are left to the sweep."""
        if self._group is not None:
            for delivery in rows:
                self._group.start_soon(self._bring, delivery)

    async def finish(self) -> None:
        """Wait, for at most five seconds, until nothing is under way; take nothing new."""
        self._group = None
        with anyio.move_on_after(LAST_S):
            while self._under_way:  # noqa: ASYNC110 - a set is no event; only a stop waits here
                await anyio.sleep(0.02)

    async def _bring(self, delivery: Delivery) -> None:
        here = (delivery.company, delivery.key)
        if here in self._under_way:
            return
        self._under_way.add(here)
        try:
            await anyio.to_thread.run_sync(self.handle, delivery, limiter=self.threads)
        finally:
            self._under_way.discard(here)

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
