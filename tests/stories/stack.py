"""A whole Chargehand on real parts, brought up as a newcomer does, and driven as people drive it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from chargehand.settings import child_environment
from tests.ports import free_port

TEAM = "T0MORNING"
SUPPORT = "C0SUPPORT"
BOT = "U0CHARGE"
PATIENCE_S = 60.0
Found = TypeVar("Found")


@dataclass(slots=True)
class Stack:
    """A running deployment of the example: `web` and `sandbox` are addresses, `home` its folder."""

    web: str
    sandbox: str
    home: Path
    process: subprocess.Popen[str]
    environment: dict[str, str]
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60))

    def act(self, act: str, **body: Any) -> dict[str, Any]:
        """Do something in Slack as a person; the sandbox's answer."""
        answer = self.client.post(f"{self.sandbox}/sandbox/api/{TEAM}/{act}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def look(self, what: str, **query: Any) -> Any:
        """Look at Slack's side."""
        return self.client.get(f"{self.sandbox}/sandbox/api/{TEAM}/{what}", params=query).json()

    def fault(self, **fault: Any) -> None:
        """Have Slack's side misbehave."""
        assert self.client.post(f"{self.sandbox}/sandbox/faults", json=fault).status_code == 200

    def messages(self, user: str, channel: str = BOT) -> list[dict[str, Any]]:
        """What a person sees in a conversation (their DM with the app unless said), oldest first."""
        place = self.dm(user) if channel == BOT else channel
        return [{"channel": place, **one} for one in self.look("messages", user=user, channel=place)]

    def dm(self, user: str) -> str:
        """The person's conversation with the app."""
        found = [one["id"] for one in self.look("channels", user=user) if one["is_im"]]
        return str(found[0]) if found else "none yet"

    def ask(self, user: str = "U0ANNA", **values: str) -> dict[str, Any]:
        """Ask for a refund as staff do: the slash command, the form, submit; the sandbox's answer to the submission.

        They submit again where Slack shows that it did not work: a machine may stand still for longer than Slack waits.
        """
        view = self.form(user)
        return until(lambda: _taken(self.submit(user, view, **values)), "the form taken")

    def form(self, user: str = "U0ANNA") -> dict[str, Any]:
        """The refund form, opened with the slash command, which is typed again where nothing comes of it."""
        return until(lambda: self.form_if_it_comes(user), "the form")

    def form_if_it_comes(self, user: str = "U0ANNA") -> dict[str, Any] | None:
        """The refund form, unless the slash command came to nothing."""
        typed = {"command": "/chargehand", "text": "refunds", "wait_for_view": 10}
        found: dict[str, Any] | None = self.act("command", user=user, channel=SUPPORT, **typed)["view"]
        return found

    def submit(self, user: str, view: dict[str, Any], **values: str) -> dict[str, Any]:
        """Send a refund form."""
        wanted = {"order": "1001", "amount": "42.00", "reason": "The parcel was lost."} | values
        filled = {name: {"value": text} for name, text in wanted.items()}
        return self.act("submit", user=user, view_id=view["id"], values=filled)

    def live(self, text: str, user: str = "U0ANNA", channel: str = SUPPORT) -> dict[str, Any]:
        """The message in a channel that has `text`, as soon as it is there."""
        return until(lambda: self._with(text, user, channel), f"a message with {text!r} in {channel} for {user}")

    def card(self, user: str, text: str) -> dict[str, Any]:
        """The card in a person's DM that has `text`."""
        return self.live(text, user=user, channel=BOT)

    def _with(self, text: str, user: str, channel: str) -> dict[str, Any] | None:
        found = [one for one in self.messages(user, channel) if text in json.dumps(one, ensure_ascii=False)]
        return found[-1] if found else None

    def click(self, user: str, message: dict[str, Any], action: str, **more: Any) -> dict[str, Any]:
        """Press a button of a message."""
        where = {"channel": message["channel"], "ts": message["ts"], "action_id": action}
        return self.act("click", user=user, **where, **more)

    def notices(self, user: str, channel: str = BOT) -> str:
        """Everything that only this person sees in a conversation, as text."""
        return json.dumps(
            [one for one in self.messages(user, channel) if one.get("visible_to") == user], ensure_ascii=False
        )

    def state(self) -> dict[str, Any]:
        """What the deployment says of itself to checks from outside."""
        found: dict[str, Any] = self.client.get(f"{self.web}/api/v1/test/state").json()
        return found

    def wait(self, offset_s: float) -> None:
        """Put the clocks of both sides ahead of the true time."""
        answer = self.client.post(f"{self.web}/api/v1/test/clock", json={"offset_s": offset_s})
        assert answer.status_code == 200, answer.text
        assert self.client.post(f"{self.sandbox}/sandbox/clock", json={"offset_s": offset_s}).status_code == 200

    def shop(self, query: str, *parameters: Any) -> list[Any]:
        """What the shop itself has."""
        with sqlite3.connect(self.home / "shop.sqlite", isolation_level=None) as shop:
            found = shop.execute(query, parameters).fetchall()
        shop.close()
        return found

    def refunds(self, order: str) -> list[int]:
        """The amounts that the shop paid back on an order."""
        return [amount for (amount,) in self.shop("select amount from refunds where order_number = ?", order)]

    def chargehand(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line, on this deployment."""
        command = [sys.executable, "-P", "-m", "chargehand", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)


def _taken(answer: dict[str, Any]) -> dict[str, Any] | None:
    """An answer of the sandbox's, if the app said yes."""
    return answer if answer["status"] == 200 else None


def until(find: Callable[[], Found | None], what: str, *, within_s: float = PATIENCE_S) -> Found:
    """What `find` gives, as soon as it gives something; fails with `what` when it never does."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never saw {what}")


@contextmanager
def running(home: Path, **settings: str) -> Iterator[Stack]:
    """`chargehand up` on free ports with checks from outside open; stopped as Ctrl-C stops it."""
    web, sandbox = free_port(), free_port()
    environment = child_environment(
        {
            "CHARGEHAND_HOME": str(home),
            "CHARGEHAND_URL": f"http://127.0.0.1:{web}",
            "CHARGEHAND_SANDBOX_PORT": str(sandbox),
            "CHARGEHAND_TEST": "1",
            "CHARGEHAND_SWEEP": "0.5",
            **settings,
        }
    )
    with started(environment) as process:
        stack = Stack(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}", home, process, environment)
        try:
            yield stack
        finally:
            stack.client.close()


@contextmanager
def started(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """One `chargehand up`, ready."""
    command = [sys.executable, "-P", "-m", "chargehand", "up"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        _wait_for_welcome(process)
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors


def _wait_for_welcome(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if "is up" not in line:
        _, errors = process.communicate(timeout=30)
        raise AssertionError(f"up said {line!r} and {errors}")
