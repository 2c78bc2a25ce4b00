"""Takes what Slack sends, HTTP and Socket Mode alike: understood, kept in one statement, and only then answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import App, BoltRequest
from sqlalchemy.exc import DBAPIError

from contracts.loaded import Business
from gateway.clock import Clock
from gateway.counts import Counts
from gateway.slack.bodies import Malformed, Payload
from gateway.slack.dispatch import kept
from gateway.slack.payloads import Incoming, Kind, understand
from gateway.slack.submissions import answer_to, errors_of
from gateway.slack.teams import Teams
from storage import deliveries
from storage.database import Database
from storage.deliveries import Delivery
from storage.directory import Installation
from storage.failpoints import passing
from storage.receipts import Receipts

log = structlog.get_logger()

NOT_SET_UP = "Chargehand is not set up for this Slack team yet. Ask whoever installed it."


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack hears: a status and a JSON body (None is an empty one); `work` is a new row to be dispatched."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    work: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Reception:
    """Everything that the acknowledgement path touches."""

    businesses: Mapping[str, Business]
    database: Database
    receipts: Receipts
    teams: Teams
    clock: Clock
    bolt: App
    counts: Counts

    def receive(self, payload: Payload) -> Answer:
        """Answer a verified payload; raises sqlalchemy's errors when nothing could be kept."""
        try:
            incoming = understand(payload)
            return self._answer(incoming)
        except Malformed as error:
            log.info("slack.malformed", why=str(error))
            self.counts.received.labels("malformed", "refused").inc()
            return Answer(400, {"error": str(error)})

    def _answer(self, incoming: Incoming) -> Answer:
        if incoming.kind is Kind.GREETING:
            greeted = self.bolt.dispatch(BoltRequest(body=dict(incoming.payload), mode="socket_mode"))
            return Answer(body=json.loads(greeted.body) if greeted.body else None)
        installation = self._installation(incoming.team)
        if installation is None:
            return self._unknown_team(incoming)
        if incoming.kind is Kind.SUGGESTION:
            return Answer(body={"options": []})
        if incoming.key is None:
            return Answer()
        return self._keep(incoming, installation)

    def _installation(self, team: str | None) -> Installation | None:
        if team is None:
            return None
        found = self.teams.at_hand(team) or self.teams.installation(team)
        return found if found and found.company in self.businesses else None

    def _unknown_team(self, incoming: Incoming) -> Answer:
        log.info("slack.unknown_team", team=incoming.team, kind=incoming.kind)
        self.counts.received.labels(incoming.kind, "unknown team").inc()
        if incoming.kind is Kind.COMMAND:
            return Answer(body={"response_type": "ephemeral", "text": NOT_SET_UP})
        return Answer()

    def _keep(self, incoming: Incoming, installation: Installation) -> Answer:
        said: Mapping[str, Any] | None = None
        if incoming.kind is Kind.SUBMISSION:
            business, view = self.businesses[installation.company], incoming.payload["view"]
            errors = errors_of(business, view)
            if errors:
                return Answer(body={"response_action": "errors", "errors": errors})
            said = answer_to(business, view, incoming.key or "")
        delivery = kept(installation, incoming, said=said, received=self.clock.now())
        new = self._insert(delivery)
        self.counts.received.labels(incoming.kind, "kept" if new else "duplicate").inc()
        return Answer(body=said, work=delivery) if new else self._again(delivery)

    def _insert(self, delivery: Delivery) -> bool:
        passing("gateway.before_receipt")
        try:
            new = deliveries.receive(self.receipts, delivery)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # A pooled connection had died with the server of before. If the row was kept all the same, this says
            # "duplicate" and the sweep dispatches it.
            new = deliveries.receive(self.receipts, delivery)
        passing("gateway.after_receipt")
        return new

    def _again(self, delivery: Delivery) -> Answer:
        """A copy hears what the first one heard, and starts nothing; only words that were said have to be looked up."""
        if delivery.kind != Kind.SUBMISSION:
            return Answer()
        with self.database.transaction(delivery.company) as unit:
            first = deliveries.find(unit, delivery.key)
        return Answer(body=first.answer if first else None)
