"""What a person writes: slash commands, messages, shortcuts, and opening the app's home."""

import re
from collections.abc import Callable

from sandbox import payloads, posting
from sandbox.answers import carry_out_command, word_for
from sandbox.deliveries import Answer, Parcel
from sandbox.messages import Conversation, Message
from sandbox.person import NOTHING_SENT, Person
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.tickets import ResponseRight


async def command(person: Person, channel: str, *, name: str, text: str) -> Json:
    """Type a slash command and carry out the app's immediate reply."""
    team, conversation = person.team, person.conversation(channel)
    if name not in {known.command for known in team.config.app.commands}:
        return _not_sent(person, conversation, f"{name} is not a valid command.")
    answer = await _deliver_command(person, conversation, name=name, text=text)
    right = ResponseRight(user=person.id, channel=conversation.id, made_at=team.clock.now())
    word = word_for(answer) or carry_out_command(team, right, answer)
    notice = f"{name} failed with the error “{word}”" if word else None
    if notice:
        person.tell(conversation, notice)
    return person.outcome(answer, notice=notice)


async def message(person: Person, channel: str, *, text: str, thread_ts: str | None = None) -> Json:
    """Write a message; the app hears of it as it subscribed. Adds `ts` and `channel` to the outcome."""
    team, conversation = person.team, person.conversation(channel)
    if thread_ts and team.messages.find(conversation.id, thread_ts) is None:
        raise Refused("thread_not_found")
    ts = team.messages.new_ts()
    said = Message(
        channel=conversation.id, ts=ts, user=person.id, text=_as_sent(team, text), thread_ts=thread_ts or None
    )
    team.messages.put(said)
    team.messages.mark_read(person.id, conversation.id)
    answers = [await person.courier.deliver_event(team.config, event) for event in _events(team, conversation, said)]
    return person.outcome(answers[-1] if answers else NOTHING_SENT) | {"ts": ts, "channel": conversation.id}


async def mention(person: Person, channel: str, *, text: str, thread_ts: str | None = None) -> Json:
    """Write a message that begins with the app's name."""
    return await message(person, channel, text=f"@{person.team.config.app.name} {text}", thread_ts=thread_ts)


async def any_shortcut(person: Person, callback_id: str, *, channel: str | None, ts: str | None) -> Json:
    """Run a message shortcut where a message is given, else a global one."""
    if channel and ts:
        return await message_shortcut(person, channel, ts=ts, callback_id=callback_id)
    return await shortcut(person, callback_id)


async def shortcut(person: Person, callback_id: str) -> Json:
    """Run a global shortcut."""
    team = person.team
    payload = payloads.global_shortcut(
        team.config, person.member, callback_id=callback_id, action_ts=team.messages.new_ts()
    )
    return person.outcome(await person.interact(payload | {"trigger_id": person.new_trigger()}))


async def message_shortcut(person: Person, channel: str, *, ts: str, callback_id: str) -> Json:
    """Run a message shortcut."""
    team, conversation = person.team, person.conversation(channel)
    found = team.messages.find(conversation.id, ts)
    if found is None:
        raise Refused("message_not_found")
    payload = payloads.message_shortcut(
        team.config,
        person.member,
        callback_id=callback_id,
        message=found,
        conversation=conversation,
        action_ts=team.messages.new_ts(),
    )
    ticket = team.tickets.new_response_right(person.id, channel=conversation.id, ts=ts)
    rights = {"trigger_id": person.new_trigger(), "response_url": person.response_url(ticket)}
    return person.outcome(await person.interact(payload | rights))


async def open_home(person: Person, tab: str = "home") -> Json:
    """Open the app's home tab. https://docs.slack.dev/reference/events/app_home_opened."""
    team = person.team
    if "app_home_opened" not in team.config.app.events:
        return person.outcome(NOTHING_SENT)
    event: Json = {"type": "app_home_opened", "user": person.id, "tab": tab, "event_ts": team.messages.new_ts()}
    event["channel"] = team.direct_message(person.id).id
    home = team.views.home(person.id)
    if home:
        event["view"] = team.views.as_slack(home)
    return person.outcome(await person.courier.deliver_event(team.config, event))


async def _deliver_command(person: Person, conversation: Conversation, *, name: str, text: str) -> Answer:
    ticket = person.team.tickets.new_response_right(person.id, channel=conversation.id)
    body = payloads.slash_command(
        person.team.config,
        person.member,
        conversation=conversation,
        command=name,
        text=text,
        trigger_id=person.new_trigger(),
        url=person.response_url(ticket),
    )
    return await person.courier.deliver(person.team.config, Parcel("command", payloads.FORM, body))


def _not_sent(person: Person, conversation: Conversation, text: str) -> Json:
    person.tell(conversation, text)
    return person.outcome(NOTHING_SENT, notice=text)


def _events(team: Team, conversation: Conversation, said: Message) -> list[Json]:
    """A mention makes two events, as in Slack. https://docs.slack.dev/reference/events/app_mention."""
    posting.tell_app(team, said.as_slack() | {"team": team.config.id}, conversation=conversation)
    events, team.happenings[:] = list(team.happenings), []
    mentioned = f"<@{team.config.app.bot_user_id}>" in said.text and not conversation.is_im
    if mentioned and conversation.bot_is_member and "app_mention" in team.config.app.events:
        common = said.as_slack() | {"team": team.config.id, "channel": conversation.id, "event_ts": said.ts}
        events.append(common | {"type": "app_mention"})
    return events


def _as_sent(team: Team, typed: str) -> str:
    """What the client makes of typed text: & < > escaped, names turned into ids.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    known: dict[str, str] = {member.name: f"<@{member.id}>" for member in team.config.users}
    known[team.config.app.name.lower()] = f"<@{team.config.app.bot_user_id}>"
    known |= {"here": "<!here>", "channel": "<!channel>"}
    channels = {channel.name: f"<#{channel.id}|{channel.name}>" for channel in team.config.channels}
    with_people = re.sub(r"(?<!\w)@([\w.-]+)", _naming(known), escaped)
    return re.sub(r"(?<![\w&])#([\w-]+)", _naming(channels), with_people)


def _naming(known: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: known.get(found.group(1).lower(), found.group(0))
