"""Lets tests and the page act as any person, in JSON under /sandbox/api/<team>/."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from sandbox import filling, pressing, writing
from sandbox.deliveries import Courier
from sandbox.person import Person
from sandbox.refusals import Json, Refused
from sandbox.team import Team, World


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    user: str
    # Seconds to wait for a view that the app opens after its answer.
    wait_for_view: float = 0.0


class TypedCommand(_Act):
    """A slash command as typed."""

    channel: str
    command: str
    text: str = ""


class Typed(_Act):
    """A message as typed."""

    channel: str
    text: str
    thread_ts: str | None = None


class Pressed(_Act):
    """A press in a message."""

    channel: str
    ts: str
    action_id: str
    block_id: str | None = None
    value: Any = None
    times: int = 1
    concurrently: bool = False
    forged: bool = False


class Submitted(_Act):
    """A filled-in modal."""

    view_id: str
    values: Json = {}
    unchecked: bool = False
    times: int = 1
    concurrently: bool = False


class ViewAction(_Act):
    """A press or choice in a view."""

    view_id: str
    action_id: str
    value: Any = None
    values: Json = {}


class OptionsWanted(_Act):
    """Text typed into an external select, in a view or a message."""

    action_id: str
    text: str = ""
    view_id: str | None = None
    channel: str | None = None
    ts: str | None = None


class Shortcut(_Act):
    """A shortcut: a message shortcut if `ts` is given."""

    callback_id: str
    channel: str | None = None
    ts: str | None = None


class Closed(_Act):
    """A cancelled modal."""

    view_id: str


class HomeOpened(_Act):
    """The app's home tab is opened."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Finds who acts and on what."""

    world: World
    courier: Courier

    def team(self, team_id: str) -> Team:
        """Raises Refused (team_not_found)."""
        if team_id not in self.world.teams:
            raise Refused("team_not_found")
        return self.world.teams[team_id]

    def person(self, request: Request, team_id: str, user: str) -> Person:
        """Raises Refused (team_not_found, user_not_found, user_disabled, foreign_page)."""
        team = self.team(team_id)
        address = str(request.base_url).rstrip("/")
        # A page of somebody else, open in the same browser, must not act as our people.
        if request.headers.get("origin", address) != address:
            raise Refused("foreign_page")
        member = team.person(user)
        if member.deleted:
            raise Refused("user_disabled")
        return Person(team=team, courier=self.courier, member=member, address=address)

    async def acted(self, person: Person, act: _Act, doing: Awaitable[Json]) -> Json:
        """The outcome, once the view that was waited for is there."""
        before = person.team.views.top(person.id)
        outcome = await doing
        self.courier.deliver_happenings(person.team)
        with suppress(TimeoutError):
            async with asyncio.timeout(act.wait_for_view):
                await _until(lambda: person.team.views.top(person.id) != before)
        top = person.team.views.top(person.id)
        return outcome | {"view": person.team.views.as_slack(top) if top else None}


async def _until(there: Callable[[], bool]) -> None:
    while not there():  # noqa: ASYNC110 - views are plain values; only this waits for one to appear
        await asyncio.sleep(0.01)


_Doing = Callable[[Person, Any], Awaitable[Json]]

_ACTS: dict[str, tuple[type[_Act], _Doing]] = {
    "command": (TypedCommand, lambda p, a: writing.command(p, a.channel, name=a.command, text=a.text)),
    "message": (Typed, lambda p, a: writing.message(p, a.channel, text=a.text, thread_ts=a.thread_ts)),
    "mention": (Typed, lambda p, a: writing.mention(p, a.channel, text=a.text, thread_ts=a.thread_ts)),
    "click": (Pressed, lambda p, a: pressing.press(p, a.channel, **_repeated(a, "channel"))),
    "submit": (Submitted, lambda p, a: filling.submit(p, a.view_id, **_repeated(a, "view_id"))),
    "view-action": (ViewAction, lambda p, a: filling.act_in_view(p, a.view_id, **_named(a, "view_id"))),
    "options": (OptionsWanted, lambda p, a: filling.look_for_options(p, **_place(a))),
    "shortcut": (Shortcut, lambda p, a: writing.any_shortcut(p, a.callback_id, channel=a.channel, ts=a.ts)),
    "close-view": (Closed, lambda p, a: filling.close(p, a.view_id)),
    "home": (HomeOpened, lambda p, _: writing.open_home(p)),
}


def _named(act: BaseModel, *without: str) -> Json:
    return act.model_dump(exclude={"user", "wait_for_view", *without})


def _repeated(act: Pressed | Submitted, *without: str) -> Json:
    repeat = pressing.Repeat(times=act.times, concurrently=act.concurrently)
    return _named(act, "times", "concurrently", *without) | {"repeat": repeat}


def _place(act: OptionsWanted) -> Json:
    place = {"view_id": act.view_id} if act.view_id else {"channel": act.channel or "", "ts": act.ts or ""}
    return {"place": place, "action_id": act.action_id, "text": act.text}


def routes(driver: Driver) -> APIRouter:
    """Acts (POST) and what there is to see (GET)."""
    router = APIRouter()
    for name, (shape, doing) in _ACTS.items():
        router.add_api_route(f"/sandbox/api/{{team_id}}/{name}", _act(driver, shape, doing), methods=["POST"])
    return router


def _act(driver: Driver, shape: type[_Act], doing: _Doing) -> Callable[..., Awaitable[JSONResponse]]:
    async def act(team_id: str, request: Request) -> JSONResponse:
        given = shape.model_validate_json(await request.body())
        person = driver.person(request, team_id, given.user)
        return JSONResponse(await driver.acted(person, given, doing(person, given)))

    return act
