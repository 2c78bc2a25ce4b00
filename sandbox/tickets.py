"""Hands out what Slack lets an app use once or a few times: trigger ids and response URLs."""

import secrets
from dataclasses import dataclass, replace

from sandbox.clock import Clock
from sandbox.refusals import Refused

# https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses: "expires in 3 seconds".
TRIGGER_LIVES_S = 3.0
# https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: "up to 5 times within 30 minutes".
RESPONSE_URL_LIVES_S = 1800.0
RESPONSE_URL_USES = 5


@dataclass(frozen=True, slots=True)
class Trigger:
    """The right to show one view to the person who acted."""

    user: str
    made_at: float
    view_id: str | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class ResponseRight:
    """The right to answer at a response URL; `ts` is the message that was acted on, if any."""

    user: str
    channel: str
    made_at: float
    ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class Tickets:
    """Every trigger id and response URL of one team."""

    def __init__(self, clock: Clock, *, trigger_lives_s: float = TRIGGER_LIVES_S) -> None:
        self._clock = clock
        self._trigger_lives_s = trigger_lives_s
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseRight] = {}

    def new_trigger(self, user: str, *, view_id: str | None = None) -> str:
        """A trigger id in Slack's format, `132456.7890123.abcdef`."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user=user, made_at=self._clock.now(), view_id=view_id)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger up. Errors as https://docs.slack.dev/reference/methods/views.open lists them."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self._clock.now() - trigger.made_at > self._trigger_lives_s:
            raise Refused("expired_trigger_id")
        self._triggers[trigger_id] = replace(trigger, used=True)
        return trigger

    def new_response_right(
        self, user: str, *, channel: str, ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """The secret last part of a response URL."""
        ticket = secrets.token_hex(16)
        self._responses[ticket] = ResponseRight(
            user=user, channel=channel, made_at=self._clock.now(), ts=ts, thread_ts=thread_ts
        )
        return ticket

    def use_response_right(self, ticket: str) -> ResponseRight:
        """Count one use; raises Refused as Slack's response URLs do: expired_url, used_url."""
        right = self._responses.get(ticket)
        if right is None or self._clock.now() - right.made_at > RESPONSE_URL_LIVES_S:
            raise Refused("expired_url")
        if right.uses >= RESPONSE_URL_USES:
            raise Refused("used_url")
        self._responses[ticket] = replace(right, uses=right.uses + 1)
        return right
