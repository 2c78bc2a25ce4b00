"""Brings together what the sandbox knows of one Slack team."""

import hashlib
import secrets
from collections import deque
from dataclasses import dataclass, field, replace

from sandbox.clock import Clock
from sandbox.config import Config, Member, TeamConfig
from sandbox.keeping import Keeper
from sandbox.messages import Conversation, Messages
from sandbox.refusals import Json, Refused
from sandbox.tickets import TRIGGER_LIVES_S, Tickets
from sandbox.views import Views

# How many calls and deliveries are remembered for looking at.
LOG_LENGTH = 50_000


@dataclass(slots=True)
class Team:
    """One team while it runs. `happenings` are events that Slack still has to tell the app."""

    config: TeamConfig
    clock: Clock
    messages: Messages
    views: Views
    tickets: Tickets
    happenings: list[Json] = field(default_factory=list)
    calls: deque[Json] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    started: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def revision(self) -> str:
        """Changes whenever anything that a person could see changes, and with every start."""
        return f"{self.started}-{self.messages.revision + self.views.revision}"

    def person(self, user_id: str) -> Member:
        """Raises Refused (user_not_found)."""
        for member in self.config.users:
            if member.id == user_id:
                return member
        raise Refused("user_not_found")

    def conversation(self, channel_id: str) -> Conversation:
        """A channel or direct message by id; raises Refused (channel_not_found)."""
        found = self.messages.conversations.get(channel_id)
        if found is None:
            raise Refused("channel_not_found")
        return found

    def direct_message(self, user_id: str) -> Conversation:
        """The direct message between the app and a person, opened if need be; raises Refused (user_not_found)."""
        member = self.person(user_id)
        channel_id = "D" + hashlib.sha256(f"{self.config.id} {user_id}".encode()).hexdigest()[:9].upper()
        known = self.messages.conversations.get(channel_id)
        if known:
            return known
        opened = Conversation(
            id=channel_id,
            name="directmessage",
            members=(member.id,),
            bot_is_member=True,
            is_im=True,
            archived=member.deleted,
        )
        self.messages.add_conversation(opened)
        return opened


@dataclass(frozen=True, slots=True)
class World:
    """All teams by id."""

    teams: dict[str, Team]
    keeper: Keeper
    clock: Clock

    def team_of_token(self, token: str) -> Team:
        """Raises Refused (not_authed, invalid_auth). https://docs.slack.dev/authentication/tokens."""
        if not token:
            raise Refused("not_authed")
        for team in self.teams.values():
            if team.config.bot_token == token:
                return team
        raise Refused("invalid_auth")


def build(config: Config, *, keeper: Keeper, clock: Clock, trigger_lives_s: float = TRIGGER_LIVES_S) -> World:
    """The teams of the configuration, with what was kept of them."""
    teams = {
        team.id: _build_team(team, keeper=keeper, clock=clock, trigger_lives_s=trigger_lives_s) for team in config.teams
    }
    return World(teams=teams, keeper=keeper, clock=clock)


def _build_team(config: TeamConfig, *, keeper: Keeper, clock: Clock, trigger_lives_s: float) -> Team:
    messages = Messages(config.id, keeper=keeper, clock=clock)
    for channel in config.channels:
        messages.add_conversation(
            Conversation(
                id=channel.id,
                name=channel.name,
                members=channel.members,
                bot_is_member=channel.bot_is_member,
                archived=channel.archived,
            )
        )
    active = {person.id for person in config.users if not person.deleted}
    for kept in [one for one in messages.conversations.values() if one.is_im]:
        # People may have left since their direct message was opened.
        messages.add_conversation(replace(kept, archived=kept.members[0] not in active))
    views = Views(config, keeper=keeper, clock=clock)
    tickets = Tickets(clock, trigger_lives_s=trigger_lives_s)
    return Team(config=config, clock=clock, messages=messages, views=views, tickets=tickets)
