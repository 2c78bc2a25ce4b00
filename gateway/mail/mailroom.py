"""Has kept letters handled: at once after the acknowledgement, and again while one is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskGroup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from gateway.mail.config import MailConfig
from gateway.mail.handling import handle
from gateway.mail.names import NamesAway
from gateway.mail.receive import SOURCE
from gateway.trouble import report
from storage import deliveries
from storage.deliveries import Delivery

log = structlog.get_logger()

SWEEP_S = 2.0
LAST_S = 5.0
AT_ONCE = 2
_DUE = text("select company from due_now() where kind = 'delivery'")


@dataclass(slots=True)
class Mailroom:
    """Handles letters in threads, two at once: each one has a child process read it. A failed one is tried again."""

    deployment: Deployment
    config: MailConfig
    _group: TaskGroup | None = None
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    _threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))

    def start(self, group: TaskGroup) -> None:
        """From now on letters are handled in `group`, and so is the sweep."""
        self._group = group
        group.start_soon(self._sweep)

    def begin(self, letters: Sequence[Delivery]) -> None:
        """Handle new letters without waiting; before the start and after the end they are left to the sweep."""
        if self._group is not None:
            for one in letters:
                self._group.start_soon(self._bring, one)

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
            await anyio.to_thread.run_sync(self._try, delivery, limiter=self._threads)
        finally:
            self._under_way.discard(here)

    def _try(self, delivery: Delivery) -> None:
        try:
            handle(self.deployment, self.config, delivery)
        except NamesAway as error:
            log.warning("letter.postponed", key=delivery.key, why=str(error))
        except Exception as error:  # noqa: BLE001 - the door of the loop: the row stays, and the sweep finds it
            report("letter.failed", error, key=delivery.key, company=delivery.company)

    async def _sweep(self) -> None:
        while True:
            self.begin(await anyio.to_thread.run_sync(self._overdue))
            await anyio.sleep(SWEEP_S)

    def _overdue(self) -> list[Delivery]:
        try:
            return self._find_overdue()
        except SQLAlchemyError as error:
            log.warning("sweep.failed", what="letters", error=type(error).__name__)
            return []

    def _find_overdue(self) -> list[Delivery]:
        with self.deployment.database.unbound() as connection:
            companies = [row.company for row in connection.execute(_DUE)]
        found: list[Delivery] = []
        for company in companies:
            with self.deployment.database.transaction(company) as unit:
                found += deliveries.overdue(unit, source=SOURCE, limit=20)
        return found
