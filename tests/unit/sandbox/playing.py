"""Builds a small Slack team with a real slack-bolt app beside it, both on loopback, for one test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI, Request, Response
from slack_bolt import App
from slack_bolt.adapter.fastapi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.app import create_app
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.deliveries import Pace
from sandbox.serving import served
from tests.plain_http import plain_client

TEAM = "T0MORNING"
SECRET = "a signing secret"
TOKEN = "xoxb-morning"
ANNA, BEN, SUPPORT, FINANCE = "U0ANNA", "U0BEN", "C0SUPPORT", "C0FINANCE"


def plain(text: str) -> dict[str, Any]:
    """A plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Hello") -> dict[str, Any]:
    """A section block."""
    return {"type": "section", "text": mrkdwn(text)}


def button(action_id: str, **more: object) -> dict[str, Any]:
    """An actions block with one button."""
    pressed = {"type": "button", "action_id": action_id, "text": plain(action_id.title()), "value": "7", **more}
    return {"type": "actions", "block_id": f"{action_id}-block", "elements": [pressed]}


def text_input(block_id: str, **more: object) -> dict[str, Any]:
    """An input block with one line of text."""
    element = {"type": "plain_text_input", "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element}


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    """A modal with a submit button."""
    title = {"title": plain("Refund an order"), "submit": plain("Ask")}
    return {"type": "modal", "callback_id": "refund", **title, "blocks": list(blocks), **more}


def config(request_url: str, **app: object) -> Config:
    """A team of two people with two channels; the app is in one of them."""
    team = {
        "id": TEAM,
        "domain": "morning",
        "name": "The morning company",
        "signing_secret": SECRET,
        "bot_token": TOKEN,
        "request_url": request_url,
        "app": {
            "id": "A0CHARGE",
            "name": "Chargehand",
            "bot_id": "B0CHARGE",
            "bot_user_id": "U0CHARGE",
            "commands": ({"command": "/chargehand", "description": "Ask for work", "usage_hint": "[find TEXT]"},),
            "events": (),
            **app,
        },
        "users": (
            {"id": ANNA, "name": "anna", "real_name": "Anna Berg", "email": "anna@morning.example"},
            {"id": BEN, "name": "ben", "real_name": "Ben Ortiz", "email": "ben@morning.example"},
            {"id": "U0GONE", "name": "gone", "real_name": "Gone", "email": "gone@morning.example", "deleted": True},
        ),
        "channels": (
            {"id": SUPPORT, "name": "support", "members": (ANNA, BEN)},
            {"id": FINANCE, "name": "finance", "members": (BEN,), "bot_is_member": False},
        ),
    }
    return Config.model_validate({"teams": (team,)})


@dataclass(slots=True)
class Later:
    """An address that exists before the app behind it does."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer lifespan at once, pass requests on."""
        if scope["type"] == "lifespan":
            for _ in range(2):
                asked = await receive()
                await send({"type": asked["type"] + ".complete"})
            return
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass(slots=True)
class Playing:
    """A running sandbox with its app: `client` is the app's, `act` and `see` are people's."""

    address: str
    client: WebClient
    clock: Clock
    bolt: App
    received: list[dict[str, str]]
    http: httpx2.Client
    handler: Later = field(default_factory=Later)

    def act(self, name: str, **given: object) -> dict[str, Any]:
        """What a person does, through the driver."""
        return dict(self.http.post(f"/sandbox/api/{TEAM}/{name}", json=given).json())

    def see(self, name: str, **asked: str) -> Any:
        """What there is to see."""
        return self.http.get(f"/sandbox/api/{TEAM}/{name}", params=asked).json()

    def fault(self, **fault: object) -> None:
        """Ask for a misfortune."""
        assert self.http.post("/sandbox/faults", json=fault).status_code == 200

    def error_of(self, method: str, **args: object) -> str:
        """Slack's error word for a call that is refused."""
        answer = self.http.post(f"/api/{method}", json=args, headers={"Authorization": f"Bearer {TOKEN}"}).json()
        assert answer["ok"] is False
        return str(answer["error"])


PATIENT = Pace(answer_within_s=60.0, trigger_lives_s=60.0)
"""For tests that are not about time: a busy machine may take longer than Slack waits."""


@contextmanager
def playing(*, state: Path | None = None, pace: Pace | None = None, **app: object) -> Iterator[Playing]:
    """A sandbox and a Bolt app that talk to each other; its time stands still, for a busy machine may take longer than Slack waits."""
    later, began = Later(), time.time()
    clock = Clock(source=lambda: began)
    received: list[dict[str, str]] = []
    with served(later) as app_address:
        teams = config(f"{app_address}/slack/events", **app)
        with (
            served(
                create_app(teams, state_path=state, clock=clock, pace=pace or Pace(answer_within_s=60.0))
            ) as address,
            plain_client(base_url=address) as http,
        ):
            client = WebClient(TOKEN, base_url=f"{address}/api/", retry_handlers=[])
            bolt = _bolt(client)
            later.app = _web(bolt, received)
            yield Playing(address, client, clock, bolt, received, http, later)


def _bolt(client: WebClient) -> App:
    known = AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_token=TOKEN, bot_id="B0CHARGE", bot_user_id="U0CHARGE"
    )
    return App(signing_secret=SECRET, client=client, authorize=lambda: known, process_before_response=True)


def _web(bolt: App, received: list[dict[str, str]]) -> FastAPI:
    web, handler = FastAPI(), SlackRequestHandler(bolt)

    async def events(request: Request) -> Response:
        body = (await request.body()).decode()
        received.append({**request.headers, "body": body})
        return await handler.handle(request)

    web.add_api_route("/slack/events", events, methods=["POST"])
    return web
