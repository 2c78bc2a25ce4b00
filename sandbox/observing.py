"""Shows tests and the page what there is to see, in JSON: messages, channels, views, calls, deliveries, faults."""

from typing import Any

from fastapi import APIRouter, Request

from sandbox.deliveries import Courier
from sandbox.faults import AS_GIVEN, Faults
from sandbox.messages import Conversation
from sandbox.refusals import Json, Refused
from sandbox.team import Team, World


class Observer:
    """Reads one world."""

    def __init__(self, world: World, *, courier: Courier, faults: Faults) -> None:
        self._world = world
        self._courier = courier
        self._faults = faults

    async def messages(self, team_id: str, channel: str, user: str | None = None) -> list[Json]:
        """Oldest first, with blocks, metadata, and `visible_to` on ephemeral ones; without `user`, everybody's."""
        team = self._team(team_id)
        said = team.messages.seen_by(user, channel) if user else team.messages.all_in(channel)
        return [one.as_slack(with_metadata=True) | {"visible_to": one.visible_to} for one in said]

    async def channels(self, team_id: str, user: str) -> list[Json]:
        """The person's channels and direct messages with unread counts."""
        team = self._team(team_id)
        return [_listed(team, conversation, user) for conversation in conversations_of(team, user)]

    async def views(self, team_id: str, user: str) -> Json:
        """`modals` (topmost last) and `home`, each with `errors`."""
        team = self._team(team_id)
        modals = [team.views.as_slack(view) | {"errors": view.errors or {}} for view in team.views.stack(user)]
        home = team.views.home(user)
        return {"modals": modals, "home": team.views.as_slack(home) if home else None}

    async def calls(self, team_id: str, method: str | None = None) -> list[Json]:
        """Every Web API call: at, method, args, answer, ms, fault."""
        return [call for call in self._team(team_id).calls if method in (None, call["method"])]

    async def deliveries(self, team_id: str, kind: str | None = None) -> list[Json]:
        """Everything sent to the app: at, kind, sent, retry, reason, and its answer (status, body, ms, error)."""
        sent = self._courier.log.get(self._team(team_id).config.id, ())
        return [entry for entry in sent if kind in (None, entry["kind"])]

    async def revision(self, team_id: str) -> Json:
        """A text that changes when anything visible changes."""
        return {"revision": self._team(team_id).revision}

    async def add_faults(self, request: Request) -> list[Json]:
        """Ask for misfortunes: one or a list of them."""
        body: Any = await request.json()
        self._faults.add(AS_GIVEN.validate_python(body if isinstance(body, list) else [body]))
        return await self.faults()

    async def faults(self) -> list[Json]:
        """What is still to come."""
        return [fault.model_dump() for fault in self._faults.pending]

    async def clear_faults(self) -> list[Json]:
        """Everything goes well again."""
        self._faults.clear()
        return []

    async def clock(self) -> Json:
        """The sandbox's time."""
        return {"now": self._world.clock.now(), "offset_s": self._world.clock.offset_s}

    async def move_clock(self, request: Request) -> Json:
        """`{"offset_s": 3600}`: the sandbox's distance to the real clock."""
        self._world.clock.move(float((await request.json())["offset_s"]))
        return await self.clock()

    def _team(self, team_id: str) -> Team:
        if team_id not in self._world.teams:
            raise Refused("team_not_found")
        return self._world.teams[team_id]


def conversations_of(team: Team, user: str) -> list[Conversation]:
    """What a person has in the left column; the direct message with the app always stands there."""
    team.direct_message(user)
    known = team.messages.conversations.values()
    return sorted((one for one in known if user in one.members), key=lambda one: (one.is_im, one.name))


def routes(observer: Observer) -> APIRouter:
    """Everything that can be looked at or set apart from acting."""
    router = APIRouter()
    for name in ("messages", "channels", "views", "calls", "deliveries", "revision"):
        router.add_api_route(f"/sandbox/api/{{team_id}}/{name}", getattr(observer, name), methods=["GET"])
    router.add_api_route("/sandbox/faults", observer.add_faults, methods=["POST"])
    router.add_api_route("/sandbox/faults", observer.faults, methods=["GET"])
    router.add_api_route("/sandbox/faults", observer.clear_faults, methods=["DELETE"])
    router.add_api_route("/sandbox/clock", observer.clock, methods=["GET"])
    router.add_api_route("/sandbox/clock", observer.move_clock, methods=["POST"])
    return router


def _listed(team: Team, conversation: Conversation, user: str) -> Json:
    name = team.config.app.name if conversation.is_im else conversation.name
    unread = team.messages.unread(user, conversation.id)
    return {"id": conversation.id, "name": name, "is_im": conversation.is_im, "unread": unread}
