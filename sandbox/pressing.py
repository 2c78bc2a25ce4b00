"""What a person presses or chooses in a message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox import payloads
from sandbox.answers import TROUBLE
from sandbox.blockkit.check import interactive_elements
from sandbox.blockkit.inputs import initial_values, value_object
from sandbox.deliveries import Answer
from sandbox.messages import Message
from sandbox.person import Person
from sandbox.refusals import Json, JsonValue, Refused


@dataclass(frozen=True, slots=True)
class Repeat:
    """How often an act is done."""

    times: int = 1
    concurrently: bool = False


ONCE = Repeat()


async def press(
    person: Person,
    channel: str,
    *,
    ts: str,
    action_id: str,
    block_id: str | None = None,
    value: JsonValue = None,
    forged: bool = False,
    repeat: Repeat = ONCE,
) -> Json:
    """Press a button or choose in a menu of a message, also several times or all at once.

    `forged` sends what an honest client never would: from a conversation the person is not in, or with another value.
    Raises Refused (message_not_found, no_such_action).
    """
    conversation = person.team.conversation(channel) if forged else person.conversation(channel)
    message = person.team.messages.find(conversation.id, ts)
    if message is None or (message.visible_to not in (None, person.id) and not forged):
        raise Refused("message_not_found")
    element = element_in(message.blocks, action_id=action_id, block_id=block_id)
    action = action_taken(element, value, at=person.team.messages.new_ts(), forged=forged)
    # A repeated press is another act for Slack: each has an action_ts, a trigger and a response URL of its own.
    answers = await repeated(lambda: _press_once(person, message, action), repeat)
    notice = TROUBLE if answers[0].error else None
    if notice:
        person.tell(conversation, notice)
    tries = [{"status": answer.status, "body": answer.body, "ms": answer.ms} for answer in answers]
    return person.outcome(answers[0], notice=notice) | {"answers": tries}


async def repeated(act: Callable[[], Awaitable[Answer]], repeat: Repeat) -> list[Answer]:
    """The same act so many times, one after the other or all at once."""
    if repeat.concurrently:
        return list(await asyncio.gather(*(act() for _ in range(repeat.times))))
    return [await act() for _ in range(repeat.times)]


def element_in(blocks: list[Json], *, action_id: str, block_id: str | None) -> Json:
    """The element of that action_id with its block_id; raises Refused (no_such_action)."""
    for block in blocks:
        for element in interactive_elements(block):
            if element["action_id"] == action_id and block_id in (None, block["block_id"]):
                return {**element, "block_id": block["block_id"]}
    raise Refused("no_such_action", f"nothing here has action_id {action_id}")


def action_taken(element: Json, value: JsonValue, *, at: str, forged: bool = False) -> Json:
    """One entry of `actions`. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
    common = {name: element[name] for name in ("type", "action_id", "block_id")} | {"action_ts": at}
    if element["type"] != "button":
        shown = {name: element[name] for name in ("placeholder", "confirm") if name in element}
        return common | shown | value_object(element, value)
    pressed = {name: element[name] for name in ("text", "value", "style", "confirm") if name in element}
    return common | pressed | ({"value": value} if forged and value is not None else {})


async def _press_once(person: Person, message: Message, action: Json) -> Answer:
    team, conversation = person.team, person.team.conversation(message.channel)
    at = team.messages.new_ts()
    values = initial_values(message.blocks, kept={})
    if action["block_id"] in values and action["action_id"] in values[action["block_id"]]:
        values[action["block_id"]][action["action_id"]] = value_of(action)
    payload = payloads.message_action_taken(
        team.config,
        person.member,
        message=message,
        conversation=conversation,
        action={**action, "action_ts": at},
        state=values,
    )
    ticket = team.tickets.new_response_right(
        person.id, channel=message.channel, ts=message.ts, thread_ts=message.thread_ts
    )
    rights = {"trigger_id": person.new_trigger(), "response_url": person.response_url(ticket)}
    return await person.interact(payload | rights)


def value_of(action: Json) -> Json:
    """The part of an action that state.values keeps."""
    kept = ("type", "value") if action["type"].endswith("_input") else ("type",)
    return {name: item for name, item in action.items() if name in kept or name.startswith("selected_")}
