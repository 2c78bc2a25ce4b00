"""The morning company over real parts: its gateway served over HTTP, Slack played beside it, and a test at the driver."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from sqlalchemy import select, text

from chargehand.sandbox_config import APP
from contracts.loaded import Business
from engine.deployment import Deployment
from gateway.app import GatewayParts, SlackConfig
from gateway.slack.signatures import SigningSecret
from notifications.slack.tokens import seal
from storage.directory import Installation, install
from storage.tables.traffic import deliveries, outbox
from tests.builders import House

TEAM = "T0MORNING"
ELSEWHERE = "T0OTHER"
"""The team of another company behind the same gateway."""
TOKEN = "xoxb-morning"
SIGNING = "0123456789abcdef0123456789abcdef"
SECRET = "the deployment's secret"
FORM = "application/x-www-form-urlencoded"
CHANNEL = "C0SUPPORT"
PAGE = "http://page.invalid"
"""Where people's browsers find the page; a test sends its requests to wherever the gateway listens."""
DM = str(APP["bot_user_id"])


def install_app(deployment: Deployment, company: str = "morning") -> None:
    """Install the app in the company's Slack team."""
    with deployment.database.transaction(company) as unit:
        install(unit, Installation(company, team_of(company), DM, seal(f"xoxb-{company}", SECRET)))


def team_of(company: str) -> str:
    """The id of the company's Slack team."""
    return f"T0{company.upper()}"


def parts(deployment: Deployment, slack_api_url: str) -> GatewayParts:
    """The gateway's parts for a deployment under test."""
    config = SlackConfig((SigningSecret(SIGNING),), slack_api_url, SECRET)
    return GatewayParts(deployment=deployment, slack=config, url=PAGE, test=True)


def team_config(gateway: str, business: Business) -> dict[str, Any]:
    """The sandbox's configuration of the company's team."""
    people = business.company.people
    users = [{"id": f"U0{one.id.upper()}", "name": one.id, "real_name": one.name, "email": one.email} for one in people]
    users.append({"id": "U0OTTO", "name": "otto", "real_name": "Otto Stranger", "email": "otto@elsewhere.example"})
    everybody = [user["id"] for user in users]
    return {
        "id": team_of(business.company.company),
        "domain": business.company.company,
        "name": business.company.name,
        "signing_secret": SIGNING,
        "bot_token": f"xoxb-{business.company.company}",
        "request_url": f"{gateway}/slack/events",
        "app": {**APP, "events": ["app_mention", "message.im", "app_home_opened"]},
        "users": users,
        "channels": [{"id": CHANNEL, "name": "support", "members": everybody}],
    }


def signed(body: bytes, content_type: str, *, secret: str = SIGNING, at: float | None = None) -> dict[str, str]:
    """The headers that Slack would send with a body."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def press_body(user: str, action_id: str, value: Any, /, **changed: Any) -> bytes:
    """The body of a press of a button in the support channel, as it would come from any message."""
    stamp = f"{time.time_ns() // 1000}"
    written = value if isinstance(value, str) else json.dumps(value)
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": user, "team_id": TEAM},
        "channel": {"id": CHANNEL},
        "container": {"type": "message", "channel_id": CHANNEL, "message_ts": "1.1"},
        "actions": [{"action_id": action_id, "block_id": "b", "action_ts": stamp, "value": written, "type": "button"}],
        "trigger_id": f"trigger.{stamp}",
        **changed,
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


@dataclass(frozen=True, slots=True)
class World:
    """A running gateway and a running Slack; `house` is the record behind them, with a runner."""

    gateway: str
    slack: str
    house: House
    http: httpx2.Client

    @property
    def deployment(self) -> Deployment:
        """The record behind the gateway."""
        return self.house.deployment

    def press(self, user: str, action_id: str, value: Any, /, **changed: Any) -> httpx2.Response:
        """Send a signed press of a button in the support channel, as it would come from any message."""
        body = press_body(user, action_id, value, **changed)
        return self.post(body, signed(body, FORM))

    def submit(
        self, user: str, callback_id: str, note: dict[str, Any], *, view_id: str = "", home: str = TEAM, **filled: str
    ) -> httpx2.Response:
        """Send a signed form of texts; `home` is the team that its sender is a member of."""
        values = {name: {"value": {"type": "plain_text_input", "value": text}} for name, text in filled.items()}
        return self.submitted(user, callback_id, values, note=json.dumps(note), view_id=view_id, home=home)

    def submitted(
        self,
        user: str,
        callback_id: str,
        values: dict[str, Any],
        *,
        note: str = "",
        view_id: str = "",
        home: str = TEAM,
        blocks: Sequence[Mapping[str, Any]] = (),
    ) -> httpx2.Response:
        """Send a signed form as it was filled in; `blocks` are those that it was opened with."""
        view = {
            "id": view_id or f"V{time.time_ns()}",
            "type": "modal",
            "callback_id": callback_id,
            "state": {"values": values},
            "blocks": list(blocks),
        }
        submission = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": user, "team_id": home}}
        payload = {**submission, "view": {**view, "private_metadata": note}}
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.post(body, signed(body, FORM))

    def act(self, act: str, user: str, **given: Any) -> dict[str, Any]:
        """Have somebody do something in Slack, and wait for the modal if one is to come."""
        answer = self.http.post(f"{self.slack}/sandbox/api/{TEAM}/{act}", json={"user": user, **given})
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, **fault: Any) -> None:
        """Tell Slack to misbehave."""
        assert self.http.post(f"{self.slack}/sandbox/faults", json=fault).status_code == 200

    def look(self, what: str, **query: str) -> Any:
        """What stands in Slack."""
        return self.http.get(f"{self.slack}/sandbox/api/{TEAM}/{what}", params=query).json()

    def modal(self, user: str, callback_id: str) -> dict[str, Any] | None:
        """The modal of that kind that somebody has open."""
        found: list[dict[str, Any]] = self.look("views", user=user)["modals"]
        return next((view for view in found if view["callback_id"] == callback_id), None)

    def home(self, user: str) -> dict[str, Any] | None:
        """The app's home as it was last put before somebody."""
        found: dict[str, Any] | None = self.look("views", user=user)["home"]
        return found

    def heard(self, user: str, channel: str = CHANNEL) -> list[str]:
        """What somebody was told for their eyes only, in a channel."""
        messages = self.look("messages", channel=channel, user=user)
        return [message["text"] for message in messages if message.get("visible_to")]

    def post(self, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """Send raw bytes to the door."""
        return self.http.post(f"{self.gateway}/slack/events", content=body, headers=dict(headers))

    def event(self, event_id: str, event: Mapping[str, Any]) -> httpx2.Response:
        """Send a signed event."""
        payload = {"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": dict(event)}
        body = json.dumps(payload).encode()
        return self.post(body, signed(body, "application/json"))

    def command(self, trigger: str, typed: str = "", *, team: str = TEAM, at: float | None = None) -> httpx2.Response:
        """Send a signed slash command of Anna's."""
        fields = {"command": "/chargehand", "text": typed, "trigger_id": trigger, "team_id": team}
        body = urlencode(fields | {"user_id": "U0ANNA", "channel_id": CHANNEL}).encode()
        return self.post(body, signed(body, "application/x-www-form-urlencoded", at=at))

    def rows(self) -> list[Any]:
        """The kept deliveries."""
        with self.deployment.database.transaction("morning") as unit:
            return list(unit.connection.execute(select(deliveries).order_by(deliveries.c.received_at)))

    def letters(self) -> list[Any]:
        """The outbox."""
        with self.deployment.database.transaction("morning") as unit:
            return list(unit.connection.execute(select(outbox).order_by(outbox.c.id)))

    def count(self, table: str) -> int:
        """How many rows of a table the company has."""
        with self.deployment.database.transaction("morning") as unit:
            found: int = unit.connection.execute(text(f"select count(*) from {table}")).scalar_one()
            return found


def eventually(there: Callable[[], Any], *, within_s: float = 60.0) -> Any:
    """What `there` gives as soon as it gives something; the last it gave when time is up."""
    end = time.monotonic() + within_s
    while True:
        found = there()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.02)
