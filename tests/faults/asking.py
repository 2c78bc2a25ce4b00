"""Asks for many refunds as Slack would bring them, signed, several at once, and approves the cards that come back."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2

from gateway.slack.modals import REQUEST
from tests.faults.ledger import Ledger

TEAM = "T0MORNING"
CHANNEL = "C0SUPPORT"
ASKERS = ("U0ANNA", "U0TOMAS")
APPROVERS = ("U0PRIYA", "U0KWAME")
FORM = "application/x-www-form-urlencoded"
AT_ONCE = 8
_AGAIN_S = 0.25
_LOOK_S = 0.5
_ASKS = re.compile(r"order (\d+)\?")


@dataclass(frozen=True, slots=True)
class Slack:
    """Both sides: `web` takes what Slack sends, `sandbox` is where people press; `secret` signs for Slack."""

    web: str
    sandbox: str
    secret: str
    http: httpx2.AsyncClient

    async def deliver(self, payload: dict[str, Any]) -> int | None:
        """Bring one interaction; the status of the answer, None when there was none."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        try:
            answer = await self.http.post(f"{self.web}/slack/events", content=body, headers=self._signed(body))
        except httpx2.HTTPError:
            return None
        return answer.status_code

    def _signed(self, body: bytes) -> dict[str, str]:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
        stamp = str(int(time.time()))
        digest = hmac.new(self.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"Content-Type": FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def look(self, what: str, **query: str) -> Any:
        """What stands on Slack's side; raises httpx2's errors."""
        answer = await self.http.get(f"{self.sandbox}/sandbox/api/{TEAM}/{what}", params=query)
        return answer.raise_for_status().json()

    async def press(self, user: str, message: dict[str, Any], channel: str, action: str) -> bool:
        """Press a button as a person does; whether the app took it."""
        where = {"user": user, "channel": channel, "ts": message["ts"], "action_id": action}
        try:
            answer = await self.http.post(f"{self.sandbox}/sandbox/api/{TEAM}/click", json=where)
        except httpx2.HTTPError:
            return False  # the app is away: a person presses again
        return answer.status_code == 200 and answer.json().get("status") == 200


async def ask_for_all(slack: Slack, ledger: Ledger) -> None:
    """Send every form of the ledger, each again until it is acknowledged, as a person would."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(position: int, order: str, cents: int) -> None:
        async with turns:
            while await slack.deliver(form(position, order, cents)) != 200:
                ledger.unanswered += 1
                await asyncio.sleep(_AGAIN_S)
            ledger.acknowledged.add(order)

    await asyncio.gather(*(ask(position, *one) for position, one in enumerate(ledger.asked.items())))


def form(position: int, order: str, cents: int) -> dict[str, Any]:
    """The refund form as it was filled in; every copy of it has the same view."""
    user = ASKERS[position % len(ASKERS)]
    filled = {"order": order, "amount": f"{cents / 100:.2f}", "reason": "The parcel was lost."}
    values = {name: {"value": {"type": "plain_text_input", "value": text}} for name, text in filled.items()}
    view = {
        "id": f"V{order}",
        "type": "modal",
        "callback_id": REQUEST,
        "private_metadata": json.dumps({"lane": "refunds", "channel": CHANNEL}),
        "state": {"values": values},
    }
    return {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}, "view": view}


async def approve_all(slack: Slack, ledger: Ledger, orders: Iterable[str]) -> None:
    """Approve every card that comes for these orders, both approvers at once, until none is left; cancel it to end.

    Whoever can't look at their cards looks again.
    """
    left = set(orders)
    dms = {user: await dm_of(slack, user) for user in APPROVERS}
    while left:
        try:
            cards = {user: await _cards(slack, channel) for user, channel in dms.items()}
        except httpx2.HTTPError:
            cards = {user: {} for user in dms}
        for order in [one for one in left if all(one in found for found in cards.values())]:
            presses = [slack.press(user, cards[user][order], dms[user], "decision.approve") for user in APPROVERS]
            if any(await asyncio.gather(*presses)):
                ledger.approved.add(order)
        left -= ledger.approved
        await asyncio.sleep(_LOOK_S)


async def _cards(slack: Slack, channel: str) -> dict[str, dict[str, Any]]:
    """The cards that can be answered, by order."""
    said = [(one, json.dumps(one.get("blocks", []))) for one in await slack.look("messages", channel=channel)]
    asking = [(_ASKS.search(words), one) for one, words in said if "decision.approve" in words]
    return {found[1]: one for found, one in asking if found}


async def dm_of(slack: Slack, user: str) -> str:
    """The person's conversation with the app."""
    return str(next(one["id"] for one in await slack.look("channels", user=user) if one["is_im"]))
