"""What a person does with a view: fill in, submit, press in it, look for options, close it."""

import json
from dataclasses import replace

from sandbox import payloads
from sandbox.answers import TROUBLE, carry_out_submission
from sandbox.blockkit.inputs import chosen_texts, client_errors, options_of, values_with
from sandbox.deliveries import Answer
from sandbox.person import NOTHING_SENT, Person
from sandbox.pressing import ONCE, Repeat, action_taken, element_in, repeated, value_of
from sandbox.refusals import Json, JsonValue, Refused
from sandbox.views import OpenView


async def submit(
    person: Person,
    view_id: str,
    *,
    values: Json,
    unchecked: bool = False,
    repeat: Repeat = ONCE,
) -> Json:
    """Fill in and submit the modal on top; `unchecked` skips what Slack's client checks before it sends.

    Raises Refused (not_found, not_on_top, no_such_action).
    """
    view = _filled(person, _on_top(person, view_id), values)
    wrong = {} if unchecked else client_errors(view.definition["blocks"], view.values)
    if wrong:
        person.team.views.put(replace(view, errors=wrong))
        return person.outcome(NOTHING_SENT)
    view = person.team.views.put(replace(view, errors=None))
    payload = _submission(person, view)
    answers = await repeated(lambda: person.interact(payload), repeat)
    notice = TROUBLE if answers[0].error else _carried_out(person, view, answers[0])
    tries = [{"status": answer.status, "body": answer.body, "ms": answer.ms} for answer in answers]
    return person.outcome(answers[0], notice=notice) | {"answers": tries}


async def act_in_view(person: Person, view_id: str, *, action_id: str, value: JsonValue, values: Json) -> Json:
    """Press or choose in a modal or home tab, with what is filled in so far."""
    team = person.team
    view = _filled(person, _own(person, view_id), values)
    element = element_in(view.definition["blocks"], action_id=action_id, block_id=None)
    action = action_taken(element, value, at=team.messages.new_ts())
    if element["type"] not in ("button", "overflow"):
        view = _filled(person, view, {element["block_id"]: {action_id: value_of(action)}})
    shown = team.views.as_slack(view)
    payload = payloads.view_action_taken(team.config, person.member, view=shown, action=action)
    answer = await person.interact(payload | {"trigger_id": person.new_trigger(view.id)})
    return person.outcome(answer, notice=TROUBLE if answer.error else None)


async def look_for_options(person: Person, *, place: Json, action_id: str, text: str) -> Json:
    """Type into an external select: the options that the app offers. `place` is {view_id} or {channel, ts}.

    https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
    """
    blocks, where = _place(person, place)
    element = element_in(blocks, action_id=action_id, block_id=None)
    payload = payloads.options_wanted(person.team.config, person.member, action=element, text=text, place=where)
    answer = await person.interact(payload)
    offered = _offered(answer.body)
    if "view_id" in place:
        view = _own(person, place["view_id"])
        known = (view.offered or {}) | {option["value"]: option for option in offered}
        person.team.views.put(replace(view, offered=known))
    return person.outcome(answer) | {"options": offered}


async def close(person: Person, view_id: str) -> Json:
    """Cancel a modal; the app hears of it if it asked to."""
    view = _on_top(person, view_id)
    closed = person.team.views.clear(person.id) if view.definition.get("clear_on_close") else [view]
    person.team.views.close(view)
    if not view.definition.get("notify_on_close"):
        return person.outcome(NOTHING_SENT)
    shown = person.team.views.as_slack(view)
    payload = payloads.view_closed(person.team.config, person.member, view=shown, is_cleared=len(closed) > 1)
    return person.outcome(await person.interact(payload))


def _carried_out(person: Person, view: OpenView, answer: Answer) -> str | None:
    """The answer applies to the view as it is now; the app may have updated or closed it meanwhile."""
    try:
        now = person.team.views.find(view_id=view.id)
    except Refused:
        return None
    return carry_out_submission(person.team, now, answer)


def _submission(person: Person, view: OpenView) -> Json:
    shown = person.team.views.as_slack(view)
    urls = [
        _response_url(person, block["block_id"], block["element"], view)
        for block in view.definition["blocks"]
        if block["type"] == "input" and block["element"].get("response_url_enabled")
    ]
    payload = payloads.view_submitted(person.team.config, person.member, view=shown, response_urls=urls)
    return payload | {"trigger_id": person.new_trigger(view.id)}


def _response_url(person: Person, block_id: str, element: Json, view: OpenView) -> Json:
    """https://docs.slack.dev/surfaces/modals#modal_response_url."""
    chosen = chosen_texts(view.values[block_id][element["action_id"]])
    channel = chosen[0] if chosen else ""
    url = person.response_url(person.team.tickets.new_response_right(person.id, channel=channel))
    return {"block_id": block_id, "action_id": element["action_id"], "channel_id": channel, "response_url": url}


def _filled(person: Person, view: OpenView, values: Json) -> OpenView:
    try:
        merged = values_with(view.definition["blocks"], view.values, values, offered=view.offered)
    except KeyError as error:
        raise Refused("no_such_action", f"the view has no input {error}") from error
    return person.team.views.put(replace(view, values=merged))


def _own(person: Person, view_id: str) -> OpenView:
    view = person.team.views.find(view_id=view_id)
    if view.user != person.id:
        raise Refused("not_found")
    return view


def _on_top(person: Person, view_id: str) -> OpenView:
    view = _own(person, view_id)
    if person.team.views.top(person.id) != view:
        raise Refused("not_on_top", "another modal lies above it")
    return view


def _place(person: Person, place: Json) -> tuple[list[Json], Json]:
    if "view_id" in place:
        view = _own(person, place["view_id"])
        shown = person.team.views.as_slack(view)
        return view.definition["blocks"], {"view": shown, "container": {"type": "view", "view_id": view.id}}
    conversation = person.conversation(place["channel"])
    message = person.team.messages.find(conversation.id, place["ts"])
    if message is None:
        raise Refused("message_not_found")
    container = {"type": "message", "message_ts": message.ts, "channel_id": conversation.id}
    channel = {"id": conversation.id, "name": conversation.name}
    return message.blocks, {"container": container, "channel": channel, "message": message.as_slack()}


def _offered(body: str) -> list[Json]:
    """Up to 100 options, in groups or not, as the app answered."""
    try:
        reply = json.loads(body)
    except ValueError:
        return []
    return options_of(reply)[:100] if isinstance(reply, dict) else []
