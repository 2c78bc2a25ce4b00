"""Finds a message of ours by the metadata that it carries, before it is posted a second time.

https://docs.slack.dev/reference/methods/conversations.history; replies stand in conversations.replies only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from notifications.slack.calling import Granted, Limited, Refused, Unreached, Unsure, ask

EVENT_TYPE = "chargehand_message"
PAGE, MOST_PAGES = 100, 10


@dataclass(frozen=True, slots=True)
class Found:
    """It stands there, and carries this metadata."""

    ts: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """Everything that can have been posted since was read, and it is not there."""


Wanted = Callable[[Mapping[str, Any]], bool]
"""Whether the metadata of a message, empty for most, is that of the one that is looked for."""
Finding = Found | Missing | Limited | Refused | Unreached | Unsure


def mark(outbox_row: int) -> dict[str, Any]:
    """The metadata of one outbox row's message. https://docs.slack.dev/messaging/message-metadata"""
    return {"event_type": EVENT_TYPE, "event_payload": {"outbox": outbox_row}}


@dataclass(frozen=True, slots=True)
class Where:
    """A conversation (or a thread in it), and the time of Slack's since when the message can exist."""

    channel: str
    thread_ts: str | None
    oldest: float


async def find(client: AsyncWebClient, where: Where, wanted: Wanted) -> Finding:
    """Look for the message whose metadata is wanted; Unsure when there was too much to read.

    A reply whose thread is gone by then stands in the conversation itself, so what is not in its thread is looked for
    there, too.
    """
    if where.thread_ts is None:
        return await _found_in(client, where, wanted)
    in_thread = await _found_in(client, where, wanted)
    gone = isinstance(in_thread, Refused) and in_thread.error == "thread_not_found"
    if not gone and not isinstance(in_thread, Missing):
        return in_thread
    return await _found_in(client, replace(where, thread_ts=None), wanted)


async def _found_in(client: AsyncWebClient, where: Where, wanted: Wanted) -> Finding:
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        reply = await _page(client, where, cursor)
        if not isinstance(reply, Granted):
            return reply
        found = _ours(reply.data.get("messages") or [], wanted)
        cursor = (reply.data.get("response_metadata") or {}).get("next_cursor")
        if found is not None or not cursor:
            return found or Missing()
    return Unsure(f"not among the last {PAGE * MOST_PAGES} messages")


async def _page(
    client: AsyncWebClient, where: Where, cursor: str | None
) -> Granted | Limited | Refused | Unreached | Unsure:
    oldest = f"{where.oldest:.6f}"
    if where.thread_ts is not None:
        return await ask(
            client.conversations_replies(
                channel=where.channel, ts=where.thread_ts, oldest=oldest, limit=PAGE, cursor=cursor,
                include_all_metadata=True,
            )
        )  # fmt: skip
    return await ask(
        client.conversations_history(
            channel=where.channel, oldest=oldest, limit=PAGE, cursor=cursor, include_all_metadata=True
        )
    )


def _ours(messages: Sequence[Mapping[str, Any]], wanted: Wanted) -> Found | None:
    marked = ((str(one["ts"]), one.get("metadata") or {}) for one in messages)
    return next((Found(ts, metadata) for ts, metadata in marked if wanted(metadata)), None)
