"""Receives Web API calls and response URLs, meets them with the faults asked for, and keeps the log."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.deliveries import Courier
from sandbox.faults import Faults
from sandbox.refusals import Json, Refused
from sandbox.team import Team, World
from sandbox.webapi import arguments
from sandbox.webapi.answering_back import answer_back
from sandbox.webapi.methods import METHODS
from sandbox.webapi.misfortune import wrong_answer

RESPONSE_URL = "response_url"
# What the sandbox's token may do. https://docs.slack.dev/reference/scopes
_SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,im:history,im:read,im:write,"
    "users:read,users:read.email"
)
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
_GONE = ("expired_url", "used_url")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the app's calls come in."""

    world: World
    faults: Faults
    courier: Courier

    async def call(self, method: str, request: Request) -> Response:
        """One Web API call. https://docs.slack.dev/apis/web-api/#responses."""
        if method not in METHODS:
            return JSONResponse(Refused("unknown_method").as_slack())
        try:
            args, token = await arguments.read(request)
            team = self.world.team_of_token(token)
        except Refused as refusal:
            return JSONResponse(refusal.as_slack())
        return await self._answer(request, team, _Call(method, args, lambda: METHODS[method](team, args)))

    async def response_url(self, team_id: str, ticket: str, request: Request) -> Response:
        """One post to a response URL; the body is JSON."""
        team = self.world.teams.get(team_id)
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if team is None or not isinstance(body, dict):
            return PlainRefusal("invalid_payload")
        return await self._answer(request, team, _Call(RESPONSE_URL, body, lambda: answer_back(team, ticket, body)))

    async def _answer(self, request: Request, team: Team, call: "_Call") -> Response:
        began = time.monotonic()
        fault = self.faults.next_for_call(team.config.id, call.method, str(call.args.get("channel") or "") or None)
        body = call.carried_out() if fault is None or fault.takes_effect else None
        ms = round((time.monotonic() - began) * 1000, 1)
        entry = {"at": team.clock.now(), "method": call.method, "args": call.args, "answer": body, "ms": ms}
        team.calls.append(entry | {"fault": fault.kind if fault else None})
        self.courier.deliver_happenings(team)
        if fault is not None:
            return await wrong_answer(fault, request)
        status = 404 if body and body.get("error") in _GONE else 200
        return JSONResponse(body, status_code=status, headers={"x-oauth-scopes": _SCOPES})


class PlainRefusal(JSONResponse):
    """HTTP 400 with Slack's error word."""

    def __init__(self, error: str) -> None:
        super().__init__(Refused(error).as_slack(), status_code=400)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    args: Json
    work: Callable[[], Json]

    def carried_out(self) -> Json:
        try:
            return {"ok": True, **self.work()}
        except Refused as refusal:
            return refusal.as_slack()


def routes(door: Door) -> APIRouter:
    """`/api/<method>` and `/response/<team>/<ticket>`."""
    router = APIRouter()
    router.add_api_route("/api/{method}", door.call, methods=["GET", "POST"], response_model=None)
    router.add_api_route("/response/{team_id}/{ticket}", door.response_url, methods=["POST"], response_model=None)
    return router
