"""Reads, in one transaction, what a claimed message says now, where it belongs and how its reader is reached."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.vocabulary import Message
from notifications.slack.card import render_card, render_question, render_reminder
from notifications.slack.digest import render_digest
from notifications.slack.incident import render_incident
from notifications.slack.layout import Rendered
from notifications.slack.notice import render_notice
from notifications.slack.task import render_result, render_task
from notifications.standing import Kept, Post, card_of, kept, live_message
from notifications.views import Views
from storage.database import Unit
from storage.directory import Installation, Person, installations, person, slack_user_of
from storage.outbox import Outgoing
from storage.tasks import Task, load


@dataclass(frozen=True, slots=True)
class ToChannel:
    """A channel, and the person who is told directly when the channel can't be used."""

    team: str
    channel: str
    requester: str


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A person's direct message; `known` is (team, Slack user) once somebody looked."""

    person: Person | None
    known: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said and where; `moot` is why it need not be said any more if it was not yet; `thread` hangs on it."""

    rendered: Rendered
    to: ToChannel | ToPerson
    thread: Post | None = None
    moot: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that a message needs to be sent without another look at the record."""

    wording: Wording
    kept: Kept
    installations: tuple[Installation, ...]


@dataclass(frozen=True, slots=True)
class TooEarly:
    """Another message has to stand first."""

    why: str


_AT_HOME = "What waits for you stands on the Home tab of this app."


def prepare(unit: Unit, letter: Outgoing, views: Views) -> Prepared | TooEarly:
    """Read it all; raises LookupError when what it tells of does not exist."""
    wording = _WORDED[letter.message](unit, letter, views)
    if isinstance(wording, TooEarly):
        return wording
    return Prepared(wording, kept(unit, letter), tuple(installations(unit)))


def _card(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    view = views.card(unit, letter.decision or 0, letter.person or "")
    moot = "decided before it was sent" if view.outcome else None
    return Wording(render_card(view), _person(unit, letter.person), moot=moot)


def _reminder(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    """Who asked for a list in a letter that can't be sent to them hears where it stands."""
    if letter.decision is None:
        return Wording(render_notice(_AT_HOME), _person(unit, letter.person))
    view = views.card(unit, letter.decision or 0, letter.person or "")
    card = card_of(unit, letter.decision or 0, letter.person or "")
    moot = "nothing to remind of any more" if view.outcome or view.clock_stopped else None
    return Wording(render_reminder(view), _person(unit, letter.person), thread=card, moot=moot)


def _question(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    view = views.card(unit, letter.decision or 0, letter.person or "")
    ordinal = int(letter.details.get("ordinal", 1))
    moot = "answered or decided before it was sent" if view.outcome or view.exchanges[ordinal - 1].answer else None
    return Wording(render_question(view, ordinal), _person(unit, letter.person), moot=moot)


def _notice(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    rendered = render_notice(str(letter.details.get("sentence", "")), button=letter.details.get("button"))
    return Wording(rendered, _person(unit, letter.person))


def _digest(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    digest = views.digest(unit, str(letter.details.get("digest", "")))
    return Wording(render_digest(digest), _person(unit, letter.person))


def _incident(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    view = views.incident(unit, int(letter.details.get("incident", 0)))
    moot = "closed before it was sent" if view.outcome else None
    return Wording(render_incident(view), _person(unit, letter.person), moot=moot)


def _task(unit: Unit, letter: Outgoing, views: Views) -> Wording:
    """The first post says what was accepted, however fast the work was; edits then say how it stands."""
    task = load(unit, letter.task or 0)
    view = views.accepted(unit, task.number) if letter.ts is None else views.task(unit, task.number)
    return Wording(render_task(view), _asked_at(unit, letter, task))


def _result(unit: Unit, letter: Outgoing, views: Views) -> Wording | TooEarly:
    task = load(unit, letter.task or 0)
    live = live_message(unit, task.number)
    if live is not None and live.ts is None and live.on_its_way and letter.ts is None:
        return TooEarly("its live message is not there yet")
    to = _asked_at(unit, letter, task)
    if isinstance(to, ToChannel) and (live is None or live.channel != to.channel):
        to = _person(unit, task.requester)
    mention = str(task.origin["user"]) if isinstance(to, ToChannel) and task.origin.get("user") else None
    return Wording(render_result(views.task(unit, task.number), slack_user=mention), to, thread=live)


_WORDED: dict[Message, Callable[[Unit, Outgoing, Views], Wording | TooEarly]] = {
    Message.CARD: _card,
    Message.REMINDER: _reminder,
    Message.QUESTION: _question,
    Message.NOTICE: _notice,
    Message.TASK: _task,
    Message.RESULT: _result,
    Message.DIGEST: _digest,
    Message.INCIDENT: _incident,
}


def _asked_at(unit: Unit, letter: Outgoing, task: Task) -> ToChannel | ToPerson:
    """The channel where the task was asked for; else, or once that proved useless, its requester directly."""
    team, channel = task.origin.get("team"), str(task.origin.get("channel") or "")
    if letter.person is None and team and channel.startswith(("C", "G")):
        return ToChannel(str(team), channel, task.requester)
    return _person(unit, letter.person or task.requester)


def _person(unit: Unit, person_id: str | None) -> ToPerson:
    if person_id is None:
        return ToPerson(None, None)
    return ToPerson(person(unit, person_id), slack_user_of(unit, person_id))
