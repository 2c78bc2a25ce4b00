"""What Slack sends when people act, written by hand after Slack's pages; the stand-in itself sends nothing of it."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2

from tests.witness.clerk import FORM
from tests.witness.slack import TEAM, StandIn

SIGNING_SECRET = "the witness signs with this"


@dataclass(frozen=True, slots=True)
class People:
    """People of the stand-in's team, who act on a gateway at `web`."""

    web: str
    slack: StandIn

    def command(self, who: str, text: str) -> httpx2.Response:
        """https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling."""
        user = self.slack.ids[who]
        trigger = self.slack.call("views.generateTriggerId", user_id=user)["trigger_id"]
        fields = {
            "token": "deprecated",
            "team_id": TEAM,
            "team_domain": "morning",
            "channel_id": self.slack.ids["support"],
            "channel_name": "support",
            "user_id": user,
            "user_name": who,
            "command": "/chargehand",
            "text": text,
            "api_app_id": "A000WITNES",
            "is_enterprise_install": "false",
            "response_url": f"{self.slack.address}/no-response-urls-here",
            "trigger_id": trigger,
        }
        return self._send(urlencode(fields))

    def submit(self, who: str, view: dict[str, Any], values: dict[str, str]) -> httpx2.Response:
        """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission."""
        inputs = [block for block in view["blocks"] if block["type"] == "input"]
        filled = {block["block_id"]: {block["element"]["action_id"]: _typed(block, values)} for block in inputs}
        sent = {**view, "state": {"values": filled}}
        return self._interact(who, {"type": "view_submission", "view": sent, "response_urls": []})

    def press(self, who: str, channel: str, message: dict[str, Any], action_id: str) -> httpx2.Response:
        """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
        rows = [block for block in message["blocks"] if block["type"] == "actions"]
        block, button = next((row, one) for row in rows for one in row["elements"] if one["action_id"] == action_id)
        action = {**button, "block_id": block.get("block_id", "x1Yz"), "action_ts": f"{time.time():.6f}"}
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel, "is_ephemeral": False}
        place = {"container": container, "channel": {"id": channel, "name": "directmessage"}, "message": message}
        trigger = self.slack.call("views.generateTriggerId", user_id=self.slack.ids[who])["trigger_id"]
        told = {"type": "block_actions", **place, "trigger_id": trigger, "state": {"values": {}}, "actions": [action]}
        return self._interact(who, told)

    def _interact(self, who: str, payload: dict[str, Any]) -> httpx2.Response:
        user = {"id": self.slack.ids[who], "username": who, "name": who, "team_id": TEAM}
        common: dict[str, Any] = {
            "api_app_id": "A000WITNES",
            "token": "deprecated",
            "team": {"id": TEAM, "domain": "morning"},
        }
        common |= {"user": user, "enterprise": None, "is_enterprise_install": False}
        return self._send(urlencode({"payload": json.dumps(common | payload)}))

    def _send(self, body: str) -> httpx2.Response:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack."""
        now = str(int(time.time()))
        proof = hmac.new(SIGNING_SECRET.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={proof}", "Content-Type": FORM}
        return httpx2.post(f"{self.web}/slack/events", content=body, headers=headers, trust_env=False, timeout=60)


def _typed(block: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """What somebody typed into the input whose label starts with one of these words."""
    label = block["label"]["text"]
    text = next(text for start, text in values.items() if label.startswith(start))
    return {"type": block["element"]["type"], "value": text}
