"""Reads, in one transaction, what a claimed letter says, whose mailbox it goes to and which thread it belongs in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select, update

from contracts.canonical import digest
from contracts.inheritance import brand_of
from contracts.loaded import Business
from contracts.vocabulary import ENDED, Message, OutboxState
from notifications.fates import Fate, GivenUp, Lost, Sent
from notifications.mail import listing
from notifications.mail.card import card_page, news_of, question_page, reminder_page
from notifications.mail.compose import Envelope, compose
from notifications.mail.desk import Desk
from notifications.mail.digest import digest_page
from notifications.mail.doors import MAIL, Mailbox, came_by_mail, mailbox, stands
from notifications.mail.page import Page, in_reply, subject_of
from notifications.mail.task import notice_page, result_page, sign_in_page, task_page
from notifications.mail.tokens import make, reply_address
from notifications.page_address import Link, onward_path
from notifications.preparing import TooEarly
from notifications.standing import card_of, kept
from storage.database import Unit
from storage.outbox import RESTORED, Outgoing
from storage.tables.traffic import outbox
from storage.tasks import Task, load


@dataclass(frozen=True, slots=True)
class Mailing:
    """A letter ready to be handed over; `shown` is the digest of what it tells."""

    to: str
    raw: bytes
    message_id: str
    shown: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The letters that this one follows; `answers` tells that the last of them is a person's."""

    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """What a message says as a letter; `moot` is why it need not be said, `shown` a digest of what it tells,
    `kept` what stays with its outbox row of what was told.
    """

    page: Page
    thread: Thread = Thread()
    reply_to: str | None = None
    moot: str | None = None
    shown: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)


def prepare_letter(unit: Unit, letter: Outgoing, desk: Desk) -> Mailing | TooEarly | Fate | None:
    """The letter, or what became of it without one; None when the message belongs in Slack."""
    to = mailbox(unit, letter, desk.deployment)
    if to is None:
        return None
    if stands(letter) and letter.message is Message.TASK:
        return _nothing_new(unit, letter)  # progress makes no letters: the next one says how it ended
    writing = _WRITTEN[letter.message](unit, letter, desk)
    if writing is None or isinstance(writing, TooEarly):
        return writing
    return _posted(unit, letter, desk, to=to, writing=writing)


def _posted(unit: Unit, letter: Outgoing, desk: Desk, *, to: Mailbox, writing: Writing) -> Mailing | Fate:
    shown = writing.shown or digest([writing.page.headline, *writing.page.lead])
    if stands(letter) and kept(unit, letter).shown_digest == shown:
        return _nothing_new(unit, letter)
    if letter.state is OutboxState.SENDING and RESTORED in letter.details:
        return lost(letter, to.address, "the record was restored from a backup")
    if letter.state is OutboxState.SENDING and letter.team == MAIL:
        return lost(letter, to.address, "its courier ended in the middle")
    if writing.moot and not stands(letter):
        return GivenUp(OutboxState.SUPERSEDED, writing.moot)
    envelope = _envelope(unit, letter, desk, to=to, writing=writing)
    _begin(unit, letter, to.address, writing.kept)
    return Mailing(to.address, compose(writing.page, envelope), envelope.message_id, shown)


def lost(letter: Outgoing, to: str, why: str) -> Lost:
    """The fate of a letter of which nobody knows whether it arrived.

    A first letter that asks is asked in Slack, and a digest is told there in short: neither may be missed for a week.
    """
    return Lost(to, why, asked=letter.message in (Message.CARD, Message.QUESTION, Message.DIGEST))


def _nothing_new(unit: Unit, letter: Outgoing) -> Sent:
    return Sent(MAIL, letter.channel or "", letter.ts or "", kept(unit, letter).shown_digest)


def _begin(unit: Unit, letter: Outgoing, address: str, kept: Mapping[str, Any]) -> None:
    """From here on the letter may have gone out: who finds the row `sending` with an address does not send it again."""
    mine = (outbox.c.company == unit.company) & (outbox.c.id == letter.id)
    details = {"details": {**letter.details, **kept}} if kept else {}
    unit.connection.execute(update(outbox).where(mine).values(team=MAIL, channel=address, **details))


def _envelope(unit: Unit, letter: Outgoing, desk: Desk, *, to: Mailbox, writing: Writing) -> Envelope:
    thread = _after_first(letter, writing.thread)
    return Envelope(
        message_id=f"<{letter.id}.{letter.wanted}.{unit.company}@{desk.config.domain}>",
        sender=desk.config.sender,
        sender_name=_brand(unit, letter, desk.deployment.businesses[unit.company]),
        to=to.address,
        to_name=to.person.name,
        at=unit.now,
        reply_to=writing.reply_to,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        answers=thread.answers,
    )


def _brand(unit: Unit, letter: Outgoing, business: Business) -> str:
    """The company's brand is that of all below; only where it has none the lane is looked for."""
    if business.company.brand is not None or letter.task is None:
        return brand_of(business.company, None)
    lane = business.lanes.get(load(unit, letter.task).lane)
    return brand_of(business.company, lane.lane if lane is not None else None)


def _after_first(letter: Outgoing, thread: Thread) -> Thread:
    """A second letter of the same message follows the first."""
    if not stands(letter):
        return thread
    first = letter.ts or ""
    return replace(thread, in_reply_to=first, references=(*thread.references, first))


def _card(unit: Unit, letter: Outgoing, desk: Desk) -> Writing | None:
    view = desk.views.card(unit, letter.decision or 0, letter.person or "")
    reply_to = None if view.outcome else _reply_to(unit, letter, desk)
    if reply_to is None and not view.outcome:
        return None
    page = card_page(view, desk.config.page)
    page = replace(page, subject=in_reply(page.subject)) if stands(letter) else page
    moot = "decided before it was sent" if view.outcome else None
    return Writing(page, reply_to=reply_to, moot=moot, shown=news_of(view))


def _reminder(unit: Unit, letter: Outgoing, desk: Desk) -> Writing | TooEarly:
    """A reminder of one decision, or one letter on all that waits for its reader."""
    if letter.decision is None:
        about = letter.details.get("mail") or {}
        return _list(listing.as_asked(unit, letter, desk, subject=str(about.get("subject") or "")), _thread_to(about))
    view = desk.views.card(unit, letter.decision, letter.person or "")
    said = listing.spoken_for(unit, letter, view.due_at)
    if isinstance(said, TooEarly):
        return said
    several = None if said else listing.instead(unit, letter, desk)
    moot = "nothing to remind of any more" if view.outcome or view.clock_stopped else None
    moot = moot or ("said in a letter on all that waits" if said and said.says_it else None)
    if several is not None and moot is None:
        return _list(several, Thread())
    card = card_of(unit, letter.decision, letter.person or "")
    thread = Thread(card.ts, (card.ts,)) if card and card.ts else Thread()
    page = reminder_page(view, desk.config.page)
    return Writing(page, thread, reply_to=_reply_to(unit, letter, desk), moot=moot, shown="reminded")


def _list(found: listing.Listing, thread: Thread) -> Writing:
    return Writing(found.page, thread, reply_to=found.reply_to, shown="listed", kept=found.kept)


def _question(unit: Unit, letter: Outgoing, desk: Desk) -> Writing | None:
    """Once it stands nothing more is written: the requester knows what they answered."""
    view = desk.views.card(unit, letter.decision or 0, letter.person or "")
    ordinal = int(letter.details.get("ordinal", 1))
    moot = "answered or decided before it was sent" if view.outcome or view.exchanges[ordinal - 1].answer else None
    reply_to = _reply_to(unit, letter, desk)
    task = load(unit, letter.task or 0)
    page, thread = question_page(view, ordinal), _thread_of(task)
    page = replace(page, subject=_subject(task, page.headline)) if came_by_mail(task) else page
    return Writing(page, thread, reply_to=reply_to, moot=moot, shown="asked") if reply_to else None


def _reply_to(unit: Unit, letter: Outgoing, desk: Desk) -> str | None:
    token = make(unit, desk.config.secret, decision=letter.decision or 0, person=letter.person or "")
    return reply_address(token, desk.config.domain)


def _notice(unit: Unit, letter: Outgoing, desk: Desk) -> Writing:
    link = letter.details.get("sign_in")
    if link and desk.config.page is not None:
        address = desk.config.page.sign_in(Link(unit.company, str(link)), onward_path(letter.details.get("next")))
        return Writing(sign_in_page(address))
    sentence, about = str(letter.details.get("sentence", "")), letter.details.get("mail") or {}
    subject = in_reply(str(about["subject"])) if about.get("subject") else subject_of(sentence)
    page = notice_page(sentence, subject=subject, task=letter.task)
    return Writing(page, _thread_to(about), reply_to=about.get("reply_to"))


def _digest(unit: Unit, letter: Outgoing, desk: Desk) -> Writing:
    name = str(letter.details.get("digest", ""))
    return Writing(digest_page(desk.views.digest(unit, name)), shown=digest(name))


def _task(unit: Unit, letter: Outgoing, desk: Desk) -> Writing:
    task = load(unit, letter.task or 0)
    view = desk.views.accepted(unit, task.number)
    moot = "it ended before that could be said" if task.state in ENDED and letter.tries > 1 else None
    page = task_page(view, subject=_subject(task, view.headline))
    return Writing(page, _thread_of(task), reply_to=_lane_address(unit, task, desk), moot=moot)


def _result(unit: Unit, letter: Outgoing, desk: Desk) -> Writing | TooEarly:
    task = load(unit, letter.task or 0)
    if not stands(letter) and _is_being_accepted(unit, task.number):
        return TooEarly("that it was accepted is being told")
    view = desk.views.task(unit, task.number)
    page = result_page(view, subject=_subject(task, view.headline))
    return Writing(page, _thread_of(task), reply_to=_lane_address(unit, task, desk))


_WRITTEN: dict[Message, Callable[[Unit, Outgoing, Desk], Writing | TooEarly | None]] = {
    Message.CARD: _card,
    Message.REMINDER: _reminder,
    Message.QUESTION: _question,
    Message.NOTICE: _notice,
    Message.TASK: _task,
    Message.RESULT: _result,
    Message.DIGEST: _digest,
}


def _is_being_accepted(unit: Unit, task: int) -> bool:
    """Whether the first letter of a task is at its first try; one that has to be tried again is not waited for."""
    first = (outbox.c.task == task) & (outbox.c.message == Message.TASK) & (outbox.c.tries <= 1)
    going = outbox.c.ts.is_(None) & outbox.c.state.in_([OutboxState.PENDING, OutboxState.SENDING])
    return (
        unit.connection.execute(select(outbox.c.id).where(outbox.c.company == unit.company, first, going)).first()
        is not None
    )


def _lane_address(unit: Unit, task: Task, desk: Desk) -> str | None:
    domain = desk.deployment.businesses[unit.company].company.mail_domain
    return f"{task.lane}@{domain}" if domain else None


def _subject(task: Task, headline: str) -> str:
    said = str(task.origin.get("subject") or "")
    return in_reply(said) if said.strip() else subject_of(headline)


def _thread_of(task: Task) -> Thread:
    return _thread(task.origin.get("message_id"), task.origin.get("references") or ())


def _thread_to(about: Mapping[str, Any]) -> Thread:
    """The thread of a letter that is answered, as an answer's details have it."""
    return _thread(about.get("in_reply_to"), about.get("references", ()))


def _thread(message_id: str | None, references: Sequence[str]) -> Thread:
    """RFC 5322 3.6.4: the references of the letter that is answered, and then that letter."""
    if not message_id:
        return Thread()
    earlier = tuple(one for one in references if one != message_id)
    return Thread(message_id, (*earlier, message_id), answers=True)
