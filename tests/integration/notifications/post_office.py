"""A courier at work over the real record, with Slack played beside it, and a test that looks at both."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import httpx2
from anyio.from_thread import start_blocking_portal

from chargehand.sandbox_config import APP
from contracts.loaded import Business
from contracts.vocabulary import Message
from notifications.courier import CourierConfig, run
from notifications.slack.tokens import seal
from storage import outbox
from storage.directory import Installation, install
from storage.outbox import Letter
from tests.builders import House

TEAM, TOKEN, SECRET = "T0MORNING", "xoxb-morning", "the deployment's secret"
CHANNEL = "C0SUPPORT"
DOUBT_S = 20.0
Found = TypeVar("Found")


def slack_team(business: Business) -> dict[str, Any]:
    """The sandbox's configuration: the company's people, one channel, nobody who listens to events."""
    people = business.company.people
    users = [{"id": f"U0{one.id.upper()}", "name": one.id, "real_name": one.name, "email": one.email} for one in people]
    channel = {"id": CHANNEL, "name": "support", "members": [user["id"] for user in users]}
    app = {**APP, "events": []}
    return {
        "id": TEAM,
        "domain": "morning",
        "name": business.company.name,
        "signing_secret": "0123456789abcdef0123456789abcdef",
        "bot_token": TOKEN,
        "request_url": "http://127.0.0.1:1/slack/events",
        "app": app,
        "users": users,
        "channels": [channel],
    }


@dataclass(frozen=True, slots=True)
class PostOffice:
    """The record, the played Slack, and couriers that are started when a test says so."""

    house: House
    slack: str
    http: httpx2.Client
    redis_url: str

    def install(self, token: str = TOKEN) -> None:
        """Install the app in the company's Slack team."""
        with self.house.deployment.database.transaction("morning") as unit:
            install(unit, Installation("morning", TEAM, str(APP["bot_user_id"]), seal(token, SECRET)))

    @contextmanager
    def courier(self, *, redis_url: str | None = None, sweep_s: float = 1.0, **more: Any) -> Iterator[None]:
        """A courier at work, in a thread of its own; stopped as its process is stopped."""
        redis = redis_url or self.redis_url
        config = CourierConfig(f"{self.slack}/api/", SECRET, redis, sweep_s=sweep_s, doubt_after_s=DOUBT_S, **more)
        with start_blocking_portal() as portal:
            stop = portal.call(anyio.Event)
            working = portal.start_task_soon(run, self.house.deployment, config, stop)
            yield
            portal.call(stop.set)
            working.result(timeout=60)

    def put(self, letter: Letter) -> None:
        """Put a letter into the outbox."""
        with self.house.deployment.database.transaction("morning") as unit:
            outbox.put(unit, letter)
        self.house.deployment.wakeups.courier()

    def notice(self, sentence: str, *, to: str = "anna", name: str = "notice") -> None:
        """Put a plain sentence to somebody into the outbox."""
        self.put(Letter(Message.NOTICE, name, person=to, details={"sentence": sentence}))

    def fault(self, **fault: Any) -> None:
        """Have Slack misbehave."""
        assert self.http.post(f"{self.slack}/sandbox/faults", json={"on": "call", **fault}).status_code == 200

    def pending_faults(self) -> list[Any]:
        """What is still to go wrong."""
        return list(self.http.get(f"{self.slack}/sandbox/faults").json())

    def messages(self, user: str | None = None) -> list[dict[str, Any]]:
        """The app's messages in somebody's direct message, or in the channel; oldest first."""
        return self._look("messages", channel=self._direct(f"U0{user.upper()}") if user else CHANNEL)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Every call of a Web API method, oldest first."""
        return self._look("calls", method=method)

    def _direct(self, user: str) -> str:
        found: str = next(one["id"] for one in self._look("channels", user=user) if one["is_im"])
        return found

    def _look(self, what: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"{self.slack}/sandbox/api/{TEAM}/{what}", params=query).json()
        return found

    def rows(self, **where: str) -> list[Any]:
        """Outbox rows, oldest first."""
        condition = " and ".join(f"{name} = :{name}" for name in where) or "true"
        return self.house.rows(f"select * from outbox where {condition} order by id", **where)

    def all_sent(self) -> bool:
        """Whether nothing is on its way any more."""
        return all(row.state not in ("pending", "sending") for row in self.rows())


def words(message: Mapping[str, Any]) -> str:
    """Everything that a message shows, as text."""
    return json.dumps([message.get("text"), message.get("blocks")], ensure_ascii=False)


def buttons(message: Mapping[str, Any]) -> list[str]:
    """The action ids of a message's buttons."""
    blocks = message.get("blocks") or []
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


def until(find: Callable[[], Found | None], *, within_s: float = 60.0) -> Found:
    """What `find` gives, as soon as it gives something."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError("it never happened")
