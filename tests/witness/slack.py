"""The stand-in as a Slack team with people: npm's `emulate`, started on loopback and asked through slack_sdk."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

HERE = Path(__file__).parent
MISSING = "tests/witness has no node_modules: run bin/witnesses"
BOT_TOKEN, TEAM = "xoxb-witness", "T000000001"
PEOPLE = {"anna": "Anna Kowalczyk", "tomas": "Tomás Herrera", "priya": "Priya Nair", "kwame": "Kwame Boateng"}
# What Chargehand's app asks an administrator for; `strict_scopes` refuses everything else.
SCOPES = (
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "im:history", "im:read",
    "im:write", "users:read", "users:read.email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running stand-in: `port` of loopback, and the ids that it gave to people and channels, by name."""

    port: int
    ids: dict[str, str]

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Its answer to one call with the bot's token."""
        return _call(self.address, method, arguments)

    def history(self, channel: str) -> list[dict[str, Any]]:
        """What it says stands in a conversation, newest first, replies left out."""
        return list(self.call("conversations.history", channel=channel)["messages"])

    def dm(self, person: str) -> str:
        """The direct message between the bot and a person."""
        return str(self.call("conversations.open", users=self.ids[person])["channel"]["id"])


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A fresh stand-in; the process is ours and ends here."""
    if not (HERE / "node_modules").is_dir():
        raise FileNotFoundError(MISSING)
    process = subprocess.Popen(
        ["node", str(HERE / "stand_in.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(_seed()) + "\n")
        process.stdin.flush()
        port = int(process.stdout.readline())
        yield StandIn(port, _ids(f"http://127.0.0.1:{port}"))
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def _seed() -> dict[str, Any]:
    """Its ids of people and channels are dice; the app's are ours."""
    app = {"app_id": "A000WITNES", "bot_id": "B000WITNES", "bot_user_id": "U000WITNES"}
    people = [{"name": name, "real_name": real, "email": f"{name}@morning.example"} for name, real in PEOPLE.items()]
    oauth = {"name": "Chargehand", "bot_name": "chargehand", "client_id": "1.2", "client_secret": "s", **app}
    token = {"token": BOT_TOKEN, "type": "bot", "user_id": app["bot_user_id"], "scopes": list(SCOPES), **app}
    slack = {
        "team": {"name": "The morning company", "domain": "morning"},
        "users": people,
        "channels": [{"name": "support"}],
        "oauth_apps": [{**oauth, "redirect_uris": [], "scopes": list(SCOPES)}],
        "tokens": [token],
        "strict_scopes": True,
    }
    return {"slack": slack}


def _ids(address: str) -> dict[str, str]:
    members = _call(address, "users.list", {})["members"]
    channels = _call(address, "conversations.list", {})["channels"]
    return {str(one["name"]): str(one["id"]) for one in (*members, *channels)}


def _call(address: str, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    reply = httpx2.post(f"{address}/api/{method}", json=arguments, headers=headers, trust_env=False, timeout=60)
    found: dict[str, Any] = reply.json()
    return found
