"""Posts declared messages in Slack with metadata that holds the key, and finds them again by it in their conversation."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from chargehand.systems.outcomes import failure
from chargehand.systems.patience import patiently
from contracts.authoring import Deterministic, Governance, Seen
from contracts.canonical import digest
from contracts.systems.operations import REFERENCE
from contracts.systems.slack import SlackSystem
from contracts.systems.templates import as_text, filled
from contracts.vocabulary import FailureCase
from notifications.slack.calling import Granted, Limited, Refused, Reply, Unreached, Unsure, ask, client, new_session
from notifications.slack.lookup import Finding, Found, Missing, Where, find
from notifications.slack.mrkdwn import lines
from notifications.slack.refusals import Cure, cure_of

Given = TypeVar("Given")

EVENT_TYPE = "chargehand_effect"
_OF_TIME = 0.9
"""The share of its time-out that a call may take: it is to end before its runner would be ended with it."""
_CLOCKS_APART_S = 300
"""How far the database's clock may be ahead of Slack's, which dates the messages."""
_PAGE = 200
"""How many messages are listed at once; Slack advises against more."""
_LONGEST = 4000
"""https://docs.slack.dev/changelog/2018-truncating-really-long-messages: what is much longer is cut off by Slack."""
_CASES = {
    Cure.REDIRECT: FailureCase.NOT_FOUND,
    Cure.NOBODY: FailureCase.NOT_FOUND,
    Cure.UNUSABLE: FailureCase.RIGHTS,
}


class SlackCarrier:
    """A Slack team by its API's address and the app's token; nothing is called before it is asked for.

    What Slack refuses raises Deterministic, or Governance where the app may not; a limit and what broke on the way raise
    Transient or TimeoutError.
    """

    def __init__(self, system: str, declared: SlackSystem, *, api: str, token: str) -> None:
        self._system = system
        self._declared = declared
        self._api = api
        self._token = token

    def perform(self, name: str, args: Mapping[str, Any], key: str, since: int) -> dict[str, Any]:
        """Post one message, or delete one."""
        if name in self._declared.deletes:
            return self._delete(name, str(args[REFERENCE]))
        return self._post(name, args, key)

    def look(self, name: str, args: Mapping[str, Any], key: str, since: int) -> Seen | None:
        """The message that carries the key, one that was made of something else without these arguments; or that one is gone."""
        if name in self._declared.deletes:
            return self._gone(name, str(args[REFERENCE]))
        return self._posted(name, args, key, since)

    def keys(self, name: str) -> list[str]:
        """The keys of all such messages that their conversation still shows; a limit of Slack's is waited for.

        https://docs.slack.dev/reference/methods/conversations.history, newest first. What has been deleted is not there.
        """
        effect = self._declared.effects[name]

        async def where(slack: AsyncWebClient) -> str:
            return await self._conversation(name, slack, effect.channel)

        channel = patiently(lambda: self._within(effect.timeout_s, where))
        found: list[str] = []
        cursor: str | None = None
        while True:
            messages, cursor = patiently(partial(self._page, name, channel, cursor))
            marks = [_ours(one.get("metadata") or {}) for one in messages]
            found += [str(mark["key"]) for mark in marks if mark.get("effect") == name and "key" in mark]
            if cursor is None:
                return found

    def _page(self, name: str, channel: str, cursor: str | None) -> tuple[list[Mapping[str, Any]], str | None]:
        """Messages, and what asks for those before them; an answer that shows none is no sign that there are none."""

        async def read(slack: AsyncWebClient) -> Mapping[str, Any]:
            call = slack.conversations_history(channel=channel, limit=_PAGE, cursor=cursor, include_all_metadata=True)
            return self._granted(name, await ask(call)).data

        said = self._within(self._declared.effects[name].timeout_s, read)
        following = (said.get("response_metadata") or {}).get("next_cursor") or None
        if not isinstance(said.get("messages"), list) or (said.get("has_more") and following is None):
            raise self._trouble(name, Unsure("unreadable answer"))
        return said["messages"], following

    def _post(self, name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/chat.postMessage"""
        effect = self._declared.effects[name]
        text = as_text(filled(effect.text, {part: lines(as_text(value)) for part, value in args.items()}))
        if not text.strip() or len(text) > _LONGEST:
            told = f"{name} has a text of {len(text):,} characters, and 1 to {_LONGEST:,} are let: nothing was posted."
            raise Deterministic(told, cause=name, case=FailureCase.REJECTED)

        async def post(slack: AsyncWebClient) -> Granted:
            call = slack.chat_postMessage(
                channel=effect.channel,
                text=text,
                metadata=_mark(name, args, key),
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
            return self._granted(name, await ask(call))

        posted = self._within(effect.timeout_s, post)
        return {"ts": str(posted.data.get("ts", ""))}

    def _posted(self, name: str, args: Mapping[str, Any], key: str, since: int) -> Seen | None:
        effect = self._declared.effects[name]

        async def search(slack: AsyncWebClient) -> Finding:
            channel = await self._conversation(name, slack, effect.channel)
            return await find(
                slack, Where(channel, None, since - _CLOCKS_APART_S), lambda one: _ours(one).get("key") == key
            )

        match self._within(effect.timeout_s, search):
            case Found(ts, metadata):
                is_proof = metadata == _mark(name, args, key)
                return Seen(ts, dict(args) if is_proof else {}, int(float(ts)))
            case Missing():
                return None
            case unseen:
                raise self._trouble(name, unseen)

    def _delete(self, name: str, ts: str) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/chat.delete; nothing else that the app has said is deleted."""
        of = self._declared.deletes[name].of
        effect = self._declared.effects[of]

        async def delete(slack: AsyncWebClient) -> None:
            channel = await self._conversation(name, slack, effect.channel)
            message = await self._message_at(name, slack, channel, ts)
            if message is None:
                return
            if _ours(message.get("metadata") or {}).get("effect") != of:
                told = f"{name} deletes messages of {of} only, and {ts} is none: nothing was deleted."
                raise Governance(told, cause=name, case=FailureCase.RIGHTS)
            reply = await ask(slack.chat_delete(channel=channel, ts=ts))
            if reply != Refused("message_not_found"):  # somebody was faster
                self._granted(name, reply)

        self._within(effect.timeout_s, delete)
        return {}

    def _gone(self, name: str, ts: str) -> Seen | None:
        effect = self._declared.effects[self._declared.deletes[name].of]

        async def search(slack: AsyncWebClient) -> bool:
            channel = await self._conversation(name, slack, effect.channel)
            return await self._message_at(name, slack, channel, ts) is None

        return Seen(ts, {REFERENCE: ts}) if self._within(effect.timeout_s, search) else None

    async def _message_at(self, name: str, slack: AsyncWebClient, channel: str, ts: str) -> Mapping[str, Any] | None:
        call = slack.conversations_history(
            channel=channel, oldest=ts, latest=ts, inclusive=True, limit=1, include_all_metadata=True
        )
        found = self._granted(name, await ask(call)).data.get("messages") or []
        return next((one for one in found if one.get("ts") == ts), None)

    async def _conversation(self, name: str, slack: AsyncWebClient, channel: str) -> str:
        """Where a message is read again: a person's direct message has an id of its own."""
        if channel[0] not in "UW":
            return channel
        opened = self._granted(name, await ask(slack.conversations_open(users=channel)))
        return str(opened.data["channel"]["id"])

    def _within(self, timeout_s: float, act: Callable[[AsyncWebClient], Awaitable[Given]]) -> Given:
        async def acting() -> Given:
            async with asyncio.timeout(timeout_s * _OF_TIME), new_session() as session:
                return await act(client(self._token, base_url=self._api, session=session))

        return asyncio.run(acting())

    def _granted(self, name: str, reply: Reply) -> Granted:
        if isinstance(reply, Granted):
            return reply
        raise self._trouble(name, reply)

    def _trouble(self, name: str, reply: Limited | Refused | Unreached | Unsure) -> Exception:
        pause: float | None = None
        match reply:
            case Limited(after_s):
                case_, said, pause = FailureCase.RATE_LIMIT, "ratelimited", after_s
            case Refused(error):
                case_, said = _CASES.get(cure_of(error), FailureCase.REJECTED), error
            case Unreached(why):
                case_, said = FailureCase.NETWORK, why
            case Unsure(why):
                case_, said = FailureCase.PROVIDER_DOWN, why
        return failure(case_, system=self._system, operation=name, said=said, after_s=pause)


def _ours(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an effect's message carries, nothing for any other."""
    return metadata.get("event_payload") or {} if metadata.get("event_type") == EVENT_TYPE else {}


def _mark(name: str, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/message-metadata; only the app itself can put it there."""
    return {"event_type": EVENT_TYPE, "event_payload": {"effect": name, "key": key, "made_of": digest(dict(args))}}
