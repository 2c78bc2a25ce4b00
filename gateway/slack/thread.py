"""What somebody writes below a card or a question in their DM, or below a result: plain words for us, or nothing at all."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import Row, select

from contracts.vocabulary import ENDED, Answer, Became, Message
from engine.answering import Spoken, answer, spoken_as
from escalation import second_thoughts
from escalation.phrases import Meaning
from escalation.plain_words import read
from escalation.questions import answer_question
from escalation.second_thoughts import Thought
from gateway.identity import Stranger, identify
from gateway.slack import changing, incidents
from gateway.slack.case import Case
from gateway.slack.outcomes import Settled, carry_out
from gateway.slack.telling import tell
from storage.database import Unit
from storage.directory import Person, slack_person
from storage.outbox import is_being_sent, is_task_being_told
from storage.tables.traffic import outbox
from storage.tasks import Task, load

WHAT_TO_WRITE = (
    "I could not tell what you decided, so nothing was decided. Press a button of the card, or write one of these: "
    "approve · reject, because … · only 300 · send it back, because … · ask Finance · remind me tomorrow · a question?"
)
_LONGEST = 2000
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_TS = re.compile(r"(\d{1,10})\.\d+")
_LINK = re.compile(r"<([^@#!][^|>]*)(?:\|([^>]*))?>")


class BeforeItsMessage(RuntimeError):
    """A reply came before the courier had recorded what it is a reply to; the sweep brings it again."""


def on_message(case: Case, client: WebClient) -> None:
    """A message of which we are told; only one below what was put to its writer alone is meant for us.

    https://docs.slack.dev/reference/events/message: an edited one comes with a subtype, and decides nothing.
    """
    event = case.payload["event"]
    asked = _asked(case, event)
    if asked is None:
        _below_a_result(case, client, event)
        return
    person = identify(case.deployment, case.actor, client)
    if isinstance(person, Stranger) or person.id != asked.person:
        case.ignore("a bystander's reply")
        return
    _LISTENERS[Message(asked.message)](case, client, person, asked.decision)


def on_mention(case: Case, client: WebClient) -> None:
    """A message that names us; below a result it is meant for us, whoever writes it.

    https://docs.slack.dev/reference/events/app_mention
    """
    task = _result_above(case, case.payload["event"])
    if task is None:
        _ignore(case, case.payload["event"], why="no reply to a result")
        return
    person = identify(case.deployment, case.actor, client)
    if isinstance(person, Stranger):
        case.ignore("nobody whom the company knows")
        return
    _below_a_task(case, client, person, task, spoken_to=True)


def _below_a_result(case: Case, client: WebClient, event: Mapping[str, Any]) -> None:
    """What the requester writes below their result; with our name in it, it comes as an event of its own."""
    task = _result_above(case, event)
    if task is None:
        _ignore(case, event, why="no reply to what was put to somebody")
        return
    own = event.get("channel_type") == "im"
    person = identify(case.deployment, case.actor, client)
    if isinstance(person, Stranger) or person.id != task.requester:
        case.ignore("a bystander's reply")
    elif not own and _names_us(case, event):
        case.ignore("it comes as a mention, too")
    else:
        _below_a_task(case, client, person, task, spoken_to=own)


def _below_a_task(case: Case, client: WebClient, person: Person, task: Task, *, spoken_to: bool) -> None:
    """While it lives its requester may want something else; once it has ended, its result may be wrong."""
    words = _words(case)
    thought = second_thoughts.read(words) if person.id == task.requester and task.state not in ENDED else None
    if thought in (Thought.CHANGE, Thought.CANCEL):
        changing.on_second_thought(case, client, person, task.number, thought)
    else:
        incidents.on_reply(case, client, person, task.number, words=words, spoken_to=spoken_to)


def _names_us(case: Case, event: Mapping[str, Any]) -> bool:
    return case.installation.bot_user in _MENTION.findall(str(event.get("text") or ""))


def _result_above(case: Case, event: Mapping[str, Any]) -> Task | None:
    """The task whose message or result of ours a message is a reply to."""
    thread, channel = event.get("thread_ts"), event.get("channel")
    if not isinstance(thread, str) or event.get("subtype") or not case.slack_user:
        return None
    with case.deployment.database.transaction(case.company) as unit:
        here = (outbox.c.company == unit.company) & (outbox.c.channel == channel) & (outbox.c.ts == thread)
        told = here & (outbox.c.team == case.team) & outbox.c.message.in_([Message.TASK, Message.RESULT])
        number = unit.connection.execute(select(outbox.c.task).where(told).limit(1)).scalar_one_or_none()
        return load(unit, number) if number is not None else None


def _ignore(case: Case, event: Mapping[str, Any], *, why: str) -> None:
    """A reply waits as long as what it is a reply to may be out and its place not recorded.

    Raises BeforeItsMessage.
    """
    with case.deployment.database.transaction(case.company) as unit:
        writer = slack_person(unit, case.team, case.slack_user or "")
        if writer is not None and _may_be_early(unit, writer, event):
            raise BeforeItsMessage("what it replies to may be on its way still")
        case.settle(unit, Became.IGNORED, why=why)


def _may_be_early(unit: Unit, writer: Person, event: Mapping[str, Any]) -> bool:
    """Whether a reply may be to a card in its writer's conversation, or to the message of what they asked for."""
    above = _stands_since(event.get("thread_ts"))
    if above is None or event.get("subtype"):
        return False
    if event.get("channel_type") == "im" and is_being_sent(unit, writer.id, tuple(_LISTENERS)):
        return True
    return is_task_being_told(unit, writer.id, at=above)


def _stands_since(ts: object) -> datetime | None:
    """When a message came to stand in Slack, by its `ts`; None for what is none."""
    found = _TS.fullmatch(ts) if isinstance(ts, str) else None
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _is_reply(event: Mapping[str, Any]) -> bool:
    in_thread = isinstance(event.get("thread_ts"), str)
    return in_thread and event.get("channel_type") == "im" and not event.get("subtype")


def _asked(case: Case, event: Mapping[str, Any]) -> Row[Any, Any, Any] | None:
    """The card or question of ours that a message is a reply to."""
    thread, channel = event.get("thread_ts"), event.get("channel")
    if not _is_reply(event) or not case.slack_user:
        return None
    with case.deployment.database.transaction(case.company) as unit:
        here = (outbox.c.company == unit.company) & (outbox.c.channel == channel) & (outbox.c.ts == thread)
        query = select(outbox.c.message, outbox.c.person, outbox.c.decision).where(here, outbox.c.team == case.team)
        return unit.connection.execute(query.where(outbox.c.message.in_(_LISTENERS))).first()


def _on_card(case: Case, client: WebClient, person: Person, decision: int) -> None:
    said = read(_words(case))
    if said.meaning is Meaning.NOTHING:
        case.ignore("nothing decided: the words could not be told")
        tell(case, client, WHAT_TO_WRITE, person=person)
        return
    spoken: Spoken = spoken_as(said, decision=decision, person=person.id, via="slack")
    became = Became.ANSWER if spoken.answer is Answer.ASK else Became.DECISION
    settled = Settled(became, f"{spoken.answer}:{decision}")
    carry_out(case, client, person, settled, lambda unit: answer(case.deployment, unit, spoken))


def _on_question(case: Case, client: WebClient, person: Person, decision: int) -> None:
    words = _words(case)
    if not words:
        case.ignore("an answer without words")
        return
    settled = Settled(Became.ANSWER, f"answer:{decision}")
    answering = partial(answer_question, decision=decision, person_id=person.id, answer=words, via="slack")
    carry_out(case, client, person, settled, answering)


def _words(case: Case) -> str:
    """The text as a person reads it: people by their names, links as they show, and no entities.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    text = str(case.payload["event"].get("text") or "")[:_LONGEST].replace(f"<@{case.installation.bot_user}>", " ")
    with case.deployment.database.transaction(case.company) as unit:
        named = _MENTION.sub(lambda found: _name(unit, case.team, found[1]), text)
    return html.unescape(_LINK.sub(lambda found: found[2] or found[1], named)).strip()


def _name(unit: Unit, team: str, slack_user: str) -> str:
    known = slack_person(unit, team, slack_user)
    return known.name if known is not None else "somebody"


_LISTENERS = {Message.CARD: _on_card, Message.QUESTION: _on_question}
