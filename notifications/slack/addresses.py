"""Finds a person's direct message in Slack, and the client that may speak there."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from notifications.slack.calling import Granted, Limited, Refused, Unreached, Unsure, ask, client
from notifications.slack.tokens import TokenUnreadable, unseal
from storage.directory import Installation, Person

NotFound = Limited | Refused | Unreached | Unsure


@dataclass(frozen=True, slots=True)
class Address:
    """A conversation in a team, and the client of that team's installation."""

    team: str
    channel: str
    client: AsyncWebClient


@dataclass(slots=True)
class Addresses:
    """Where people are, kept in memory: a direct message's id never changes, but an account may go.

    `knows` is told (company, team, Slack user, person) when Slack named somebody by their address.
    """

    base_url: str
    secret: str
    session: aiohttp.ClientSession
    knows: Callable[[str, str, str, str], Awaitable[None]]
    opened: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def in_channel(self, team: str, channel: str, installed: Sequence[Installation]) -> Address | Refused:
        """A channel of a team where the app is installed."""
        found = self._client(team, installed)
        return found if isinstance(found, Refused) else Address(team, channel, found)

    async def of_person(
        self, person: Person, known: tuple[str, str] | None, installed: Sequence[Installation]
    ) -> Address | NotFound:
        """The direct message with somebody of the company that the installations belong to."""
        if not installed:
            return Refused("no_installation")
        team, user = known or (installed[0].team, None)
        speaker = self._client(team, installed)
        if isinstance(speaker, Refused):
            return speaker
        place = self.opened.get((installed[0].company, person.id))
        if place is None or place[0] != team:
            found = await self._open(speaker, installed[0].company, team, person, user)
            if not isinstance(found, str):
                return found
            place = self.opened[(installed[0].company, person.id)] = (team, found)
        return Address(team, place[1], speaker)

    def forget(self, company: str, person: str) -> None:
        """What was known about a person turned out to be wrong."""
        self.opened.pop((company, person), None)

    async def _open(
        self, speaker: AsyncWebClient, company: str, team: str, person: Person, user: str | None
    ) -> str | NotFound:
        """The id of the direct message. https://docs.slack.dev/reference/methods/conversations.open"""
        if user is None:
            named = await ask(speaker.users_lookupByEmail(email=person.email))
            if not isinstance(named, Granted):
                return named
            user = str(named.data["user"]["id"])
            await self.knows(company, team, user, person.id)
        opened = await ask(speaker.conversations_open(users=user))
        return str(opened.data["channel"]["id"]) if isinstance(opened, Granted) else opened

    def _client(self, team: str, installed: Sequence[Installation]) -> AsyncWebClient | Refused:
        sealed = next((one.sealed_token for one in installed if one.team == team), None)
        if sealed is None:
            return Refused("no_installation")
        try:
            token = unseal(sealed, self.secret)
        except TokenUnreadable:
            return Refused("token_unreadable")
        return client(token, base_url=self.base_url, session=self.session)
