"""One kept delivery on its way to a listener, with what every listener needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Event

from contracts.loaded import Business
from contracts.vocabulary import Became
from engine.deployment import Deployment
from gateway.clock import Clock
from gateway.identity import SlackUser
from gateway.slack.bodies import Payload
from gateway.slack.payloads import Kind
from notifications.page_address import PageAddress
from storage import deliveries
from storage.database import Unit
from storage.directory import Installation

TRIGGER_S = 2.5
"""Slack's trigger ids live 3 seconds; half a second is left for the call itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery being dispatched: `key` is its row's, `received` when it came (UTC epoch seconds).

    `slack_user` is who acted, `channel` where, as far as the payload says. `settled` is set once it is on record what
    the delivery became: nobody has to look then.
    """

    deployment: Deployment
    installation: Installation
    clock: Clock
    page: PageAddress
    kind: Kind
    key: str
    payload: Payload
    received: float
    slack_user: str | None
    channel: str | None
    settled: Event = field(default_factory=Event)

    @property
    def company(self) -> str:
        """The company that the team belongs to."""
        return self.installation.company

    @property
    def team(self) -> str:
        """The Slack team."""
        return self.installation.team

    @property
    def actor(self) -> SlackUser:
        """Who acted, with the team that they are a member of as far as the payload says.

        https://docs.slack.dev/apis/slack-connect: in a shared channel that need not be the team we are installed in.
        """
        user, event = self.payload.get("user"), self.payload.get("event") or {}
        home = user.get("team_id") if isinstance(user, Mapping) else event.get("user_team") or event.get("team")
        return SlackUser(self.installation, self.slack_user or "", home if isinstance(home, str) else None)

    @property
    def business(self) -> Business:
        """The company's declared business."""
        return self.deployment.businesses[self.company]

    @property
    def form(self) -> str | None:
        """Which form was sent in, by its callback_id; None for anything else."""
        return self.payload["view"]["callback_id"] if self.kind is Kind.SUBMISSION else None

    @property
    def trigger_is_fresh(self) -> bool:
        """Whether a modal can still be opened with the payload's trigger id."""
        return self.clock.now() - self.received < TRIGGER_S

    @property
    def is_from_home(self) -> bool:
        """Whether it was done on the app's home, or in a form that was opened there and names no channel."""
        view = self.payload.get("view") or {}
        return view.get("type") == "home" or (self.kind is Kind.SUBMISSION and self.channel is None)

    def moved(self, channel: str) -> "Case":
        """The same case as if it came from another channel."""
        return replace(self, channel=channel)

    def settle(self, unit: Unit, became: Became, *, reference: str | None = None, why: str | None = None) -> None:
        """Mark the delivery handled, in the transaction of the change."""
        deliveries.handled(unit, self.key, became=became, reference=reference, why=why)

    def ignore(self, why: str) -> None:
        """Mark the delivery handled in a transaction of its own: nothing came of it."""
        with self.deployment.database.transaction(self.company) as unit:
            self.settle(unit, Became.IGNORED, why=why)
        self.settled.set()
