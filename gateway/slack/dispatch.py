"""Brings kept deliveries to Bolt: at once after the answer, and again while a row is not handled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import structlog
from anyio.abc import TaskGroup
from slack_bolt import App, BoltRequest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from contracts.vocabulary import Became
from engine.deployment import Deployment
from gateway.clock import Clock
from gateway.slack.case import Case
from gateway.slack.payloads import Incoming, Kind
from gateway.slack.teams import Teams
from gateway.trouble import report
from storage import deliveries
from storage.deliveries import Delivery
from storage.directory import Installation

log = structlog.get_logger()

SOURCE = "slack"
SWEEP_S = 2.0
LAST_S = 5.0
AT_ONCE = 8
_DUE = text("select company from due_now() where kind = 'delivery'")


def kept(
    installation: Installation, incoming: Incoming, *, said: Mapping[str, Any] | None, received: float
) -> Delivery:
    """The row of what came in at `received` (UTC epoch seconds), with the answer that it gets."""
    body = {
        "payload": dict(incoming.payload),
        "team": installation.team,
        "user": incoming.user,
        "channel": incoming.channel,
        "received": received,
    }
    return Delivery(installation.company, incoming.key or "", SOURCE, incoming.kind, body, said)


@dataclass(slots=True)
class Dispatcher:
    """Dispatches rows in threads, at most eight at once; a row under way here is not begun a second time.

    A row that fails is left to the sweep.
    """

    deployment: Deployment
    teams: Teams
    clock: Clock
    bolt: App
    _group: TaskGroup | None = None
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    _threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))

    def start(self, group: TaskGroup) -> None:
        """From now on dispatches run in `group`, and so does the sweep."""
        self._group = group
        group.start_soon(self._sweep)

    def begin(self, delivery: Delivery) -> None:
        """Dispatch a new row without waiting for it; before the start and after the end it is left to the sweep."""
        if self._group is not None:
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
            await anyio.to_thread.run_sync(self._try, delivery, limiter=self._threads)
        finally:
            self._under_way.discard(here)

    async def _sweep(self) -> None:
        """Every two seconds bring again what was kept and not handled in time."""
        while True:
            for delivery in await anyio.to_thread.run_sync(self._overdue):
                self.begin(delivery)
            await anyio.sleep(SWEEP_S)

    def _overdue(self) -> list[Delivery]:
        try:
            return self._find_overdue()
        except SQLAlchemyError as error:
            log.warning("sweep.failed", what="deliveries", error=type(error).__name__)
            return []

    def _find_overdue(self) -> list[Delivery]:
        with self.deployment.database.unbound() as connection:
            companies = [row.company for row in connection.execute(_DUE)]
        found: list[Delivery] = []
        for company in companies:
            with self.deployment.database.transaction(company) as unit:
                found += deliveries.overdue(unit, source=SOURCE, limit=20)
        return found

    def _try(self, delivery: Delivery) -> None:
        try:
            self.dispatch(delivery)
        except Exception as error:  # noqa: BLE001 - the door of the loop: the row stays, and the sweep finds it
            report("delivery.failed", error, key=delivery.key, company=delivery.company)

    def dispatch(self, delivery: Delivery) -> None:
        """Hand one row to Bolt; afterwards it is handled, unless a listener failed."""
        case = self._case(delivery)
        if case is None:
            return
        request = BoltRequest(body=dict(case.payload), mode="socket_mode", context={"case": case})
        if self.bolt.dispatch(request).status < 500:
            self._close(case)

    def _case(self, delivery: Delivery) -> Case | None:
        body = delivery.body
        installation = self.teams.installation(body["team"])
        if installation is None or installation.company != delivery.company:
            log.warning("delivery.team_left", key=delivery.key, team=body["team"])
            return None
        return Case(
            deployment=self.deployment,
            installation=installation,
            clock=self.clock,
            kind=Kind(delivery.kind),
            key=delivery.key,
            payload=body["payload"],
            received=body["received"],
            slack_user=body["user"],
            channel=body["channel"],
        )

    def _close(self, case: Case) -> None:
        with self.deployment.database.transaction(case.company) as unit:
            if not deliveries.is_handled(unit, case.key):
                case.settle(unit, Became.IGNORED, why=f"nothing of ours listens to this {case.kind}")
