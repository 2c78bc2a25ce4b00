"""Stands for one person at Slack's client, whoever drives it: the page or a test."""

from dataclasses import dataclass

from sandbox import payloads, posting
from sandbox.answers import word_for
from sandbox.config import Member
from sandbox.deliveries import Answer, Courier, Parcel
from sandbox.messages import Conversation
from sandbox.refusals import Json, Refused
from sandbox.team import Team


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a team; `address` is the sandbox's own, for response URLs."""

    team: Team
    courier: Courier
    member: Member
    address: str

    @property
    def id(self) -> str:
        """The person's id in this team."""
        return self.member.id

    def conversation(self, channel: str) -> Conversation:
        """A conversation that the person is in, by id; the app's user id means the direct message with it.

        Raises Refused (channel_not_found, not_in_channel).
        """
        if channel == self.team.config.app.bot_user_id:
            return self.team.direct_message(self.id)
        found = self.team.conversation(channel)
        if self.id not in found.members:
            raise Refused("not_in_channel", f"{self.member.name} is not in {found.name}")
        return found

    def response_url(self, ticket: str) -> str:
        """Where the app may answer back."""
        return f"{self.address}/response/{self.team.config.id}/{ticket}"

    def new_trigger(self, view_id: str | None = None) -> str:
        """A trigger id made by this very act."""
        return self.team.tickets.new_trigger(self.id, view_id=view_id)

    async def interact(self, payload: Json) -> Answer:
        """Deliver an interaction payload."""
        parcel = Parcel(payload["type"], payloads.FORM, payloads.interaction(payload))
        return await self.courier.deliver(self.team.config, parcel)

    def tell(self, conversation: Conversation, text: str) -> None:
        """Slack itself says something to this person only."""
        posting.notice(self.team, conversation, user=self.id, text=text)

    def outcome(self, answer: Answer, *, notice: str | None = None) -> Json:
        """What a driver hears of an act: the app's answer, Slack's notice, the view now on top with its errors."""
        top = self.team.views.top(self.id)
        told: Json = {"status": answer.status, "body": answer.body, "ms": answer.ms, "error": word_for(answer)}
        told |= {"notice": notice, "view": self.team.views.as_slack(top) if top else None}
        return told | {"errors": (top.errors or {}) if top else {}}


NOTHING_SENT = Answer(status=None, body="", ms=0.0)
