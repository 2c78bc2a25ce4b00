"""Hands kept deliveries to Bolt, from the row and never from the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_bolt import App, BoltRequest

from contracts.vocabulary import Became
from engine.deployment import Deployment
from engine.trouble import report
from gateway.bringing import Bringing
from gateway.clock import Clock
from gateway.slack.case import Case
from gateway.slack.payloads import Incoming, Kind
from gateway.slack.teams import Teams
from notifications.page_address import PageAddress
from storage import deliveries
from storage.deliveries import Delivery
from storage.directory import Installation

log = structlog.get_logger()

SOURCE = "slack"
AT_ONCE = 8


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
    """Dispatches rows in threads, at most eight at once; a row that fails is left to the sweep."""

    deployment: Deployment
    teams: Teams
    clock: Clock
    bolt: App
    page: PageAddress
    rows: Bringing = field(init=False)

    def __post_init__(self) -> None:
        self.rows = Bringing(self.deployment.database, SOURCE, self._try, AT_ONCE)

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
        if self.bolt.dispatch(request).status < 500 and not case.settled.is_set():
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
            page=self.page,
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
