"""Calls Slack once, and says what is known afterwards: a call that broke off may have been carried out all the same.

Slack has no idempotency key, so nothing here tries again. Each call has a connection of its own: one that idled could
be closed under a request, which looks exactly like a reset after Slack took the message.
"""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from notifications.slack.pauses import retry_after

CALL_S = 4.0
CONNECT_S = 2.0

_TOO_MANY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# https://docs.slack.dev/reference/methods/chat.postMessage#errors: "some aspect of the operation" may have succeeded.
_BROKE_OFF = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


@dataclass(frozen=True, slots=True)
class Granted:
    """Slack did it; `data` is its answer."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limited:
    """Slack did nothing and wants `after_s` seconds of peace."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack did nothing; `error` is its word for why."""

    error: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """The request never left: nothing was done."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The request left, and nobody knows whether Slack carried it out."""

    why: str


Reply = Granted | Limited | Refused | Unreached | Unsure


def new_session() -> aiohttp.ClientSession:
    """Connections of their own, with limits: CONNECT_S to reach Slack, CALL_S for everything."""
    timeout = aiohttp.ClientTimeout(total=CALL_S, sock_connect=CONNECT_S)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), timeout=timeout)


def client(token: str, *, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's own client, without its retries: they would post twice."""
    quiet = logging.getLogger("notifications.slack.client")
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[], logger=quiet)


async def ask(call: Awaitable[AsyncSlackResponse]) -> Reply:
    """What became of one call of the client."""
    try:
        answer = await call
    except SlackApiError as refusal:
        return _refused(refusal.response)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as unreached:
        return Unreached(type(unreached).__name__)
    # AttributeError, ValueError: slack_sdk meets an answer that is no JSON object, from a proxy for example.
    except (aiohttp.ClientError, TimeoutError, OSError, AttributeError, ValueError) as broken:
        return Unsure(type(broken).__name__)
    return Granted(answer.data if isinstance(answer.data, dict) else {})


def _refused(response: Any) -> Reply:
    if not isinstance(response, AsyncSlackResponse):
        return Unsure("unreadable answer")
    error = response.data.get("error") if isinstance(response.data, dict) else None
    if response.status_code == 429 or error in _TOO_MANY:
        return Limited(retry_after(response.headers))
    if isinstance(error, str) and error not in _BROKE_OFF and response.status_code < 500:
        return Refused(error)
    return Unsure(error if isinstance(error, str) else f"HTTP {response.status_code} without an answer")
