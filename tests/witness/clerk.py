"""Stands between Chargehand and the stand-in, hands every call on, and writes down what was asked and answered."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import served

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API; `arguments` of a JSON body are what it holds, those of a form are text."""

    method: str
    arguments: dict[str, Any]
    answer: dict[str, Any]
    was_lost: bool


@dataclass(slots=True)
class Clerk:
    """Every call that Chargehand made, in order; `lose` has the next answer to a method lost on its way."""

    stand_in: str
    calls: list[Call] = field(default_factory=list)
    losing: list[tuple[str, str]] = field(default_factory=list)

    def lose(self, method: str, containing: str) -> None:
        """The next call of `method` that contains these words is carried out, and its answer is lost."""
        self.losing.append((method, containing))

    def answers(self, method: str) -> list[dict[str, Any]]:
        """What the stand-in answered to a method, oldest first."""
        return [call.answer for call in self.calls if call.method == method]

    async def pass_on(self, request: Request) -> Response:
        """One call. The stand-in reads the body of a POST alone, so arguments in the address are moved there.

        Slack takes either: https://docs.slack.dev/apis/web-api/#basics; slack_sdk uses both.
        """
        query, body = request.url.query.encode(), await request.body()
        assert not (query and body), "arguments in both places"
        kind = FORM if query else request.headers.get("content-type", FORM)
        body = query or body
        headers = {"Content-Type": kind, "Authorization": request.headers.get("authorization", "")}
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            reply = await client.post(f"{self.stand_in}{request.url.path}", content=body, headers=headers)
        lost = self._is_lost(request.path_params["method"], body.decode())
        self.calls.append(Call(request.path_params["method"], _arguments(body, kind), _read(reply.content), lost))
        if lost:
            return Response(status_code=503)
        return Response(reply.content, reply.status_code, media_type=reply.headers.get("content-type"))

    def _is_lost(self, method: str, body: str) -> bool:
        found = next((one for one in self.losing if one[0] == method and one[1] in body), None)
        if found:
            self.losing.remove(found)
        return found is not None


@contextmanager
def clerk_before(stand_in: str) -> Iterator[tuple[Clerk, str]]:
    """A clerk, and the address at which it takes the calls."""
    clerk = Clerk(stand_in)
    door = Starlette(routes=[Route("/api/{method}", clerk.pass_on, methods=["GET", "POST"])], lifespan=_nothing)
    with served(door) as address:
        yield clerk, address


@asynccontextmanager
async def _nothing(_: Starlette) -> AsyncIterator[None]:
    yield


def _arguments(body: bytes, kind: str) -> dict[str, Any]:
    return _read(body) if kind.startswith("application/json") else dict(parse_qsl(body.decode()))


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
