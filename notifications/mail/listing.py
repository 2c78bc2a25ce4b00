"""When one letter lists all that waits for somebody, and which reminders such a letter has spoken for already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import Message, OutboxState
from escalation.snoozing import has_put_off_since, put_off
from notifications.mail.desk import Desk
from notifications.mail.doors import MAIL, takes_letters
from notifications.mail.page import Page
from notifications.mail.tokens import Token, reply_address, signed
from notifications.mail.waiting import waiting_page
from notifications.preparing import TooEarly
from storage.database import Unit
from storage.directory import person
from storage.outbox import LISTED, Outgoing
from storage.tables.traffic import outbox

A_WHILE = timedelta(hours=1)
"""A list is sent to one person at most once in this time, and speaks for the reminders of what it lists so long."""
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Listing:
    """The letter, where its answers go, and which decisions it shows as what: `kept` goes with its outbox row."""

    page: Page
    reply_to: str | None
    kept: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class SpokenFor:
    """A letter of a short while ago; `says_it` tells that nothing has to be added to it."""

    says_it: bool


def instead(unit: Unit, letter: Outgoing, desk: Desk) -> Listing | None:
    """The list in place of a reminder; None when nothing else waits for its reader."""
    return _listing(unit, letter, desk, but=put_off(unit, letter.person or ""), at_least=_SEVERAL)


def as_asked(unit: Unit, letter: Outgoing, desk: Desk, *, subject: str) -> Listing:
    """The list that its reader has asked for, whatever is on it; raises LookupError for nobody."""
    found = _listing(unit, letter, desk, but=frozenset(), at_least=0, answers=subject)
    if found is None:
        raise LookupError(f"no list for {letter.person}")
    return found


def _listing(
    unit: Unit, letter: Outgoing, desk: Desk, *, but: frozenset[int], at_least: int, answers: str | None = None
) -> Listing | None:
    reader = person(unit, letter.person or "")
    if reader is None:
        return None
    waiting = desk.views.pending(unit, reader, but=but)
    numbers = [one.card.number for one in waiting.shown]
    token = signed(desk.config.secret, Token(unit.company, 0, reader.id, letter=letter.id))
    reply_to = reply_address(token, desk.config.domain)
    if at_least and (reply_to is None or len(numbers) < at_least or letter.decision not in numbers):
        return None
    by_mail = frozenset(one for one in numbers if takes_letters(unit, one, desk.deployment))
    page = waiting_page(waiting, by_mail, put_off=len(but), address=desk.config.page, answers=answers)
    kept = [{"decision": one.card.number, "saw": one.card.proposal_digest} for one in waiting.shown]
    return Listing(page, reply_to if by_mail else None, {LISTED: kept})


def spoken_for(unit: Unit, letter: Outgoing, due_at: datetime | None) -> SpokenFor | TooEarly | None:
    """What a list to the same reader has to do with a reminder; None when none was sent for a while.

    The reader's reminders are locked, this one too and all in one order: of two couriers the second waits, and sees what
    the first is about to send.
    """
    theirs = (outbox.c.company == unit.company) & (outbox.c.person == letter.person)
    reminders = select(outbox).where(theirs, outbox.c.message == Message.REMINDER)
    going = reminders.where(outbox.c.state.in_([OutboxState.PENDING, OutboxState.SENDING]))
    rows = unit.connection.execute(going.order_by(outbox.c.id).with_for_update()).all()
    if any(_is_going(row) for row in rows if row.id != letter.id):
        return TooEarly("all that waits is being told in one letter")
    recent = (outbox.c.team == MAIL) & (outbox.c.sent_at > unit.now - A_WHILE) & (outbox.c.id != letter.id)
    lists = reminders.where(recent, outbox.c.details.has_key(LISTED)).order_by(outbox.c.sent_at.desc())
    sent = unit.connection.execute(lists).all()
    return SpokenFor(_says_it(unit, sent, letter, due_at)) if sent else None


def _is_going(row: Row[Any]) -> bool:
    """One that has to be tried again is not waited for."""
    return LISTED in row.details and row.state == OutboxState.SENDING and row.tries <= 1


def _says_it(unit: Unit, sent: Sequence[Row[Any]], letter: Outgoing, due_at: datetime | None) -> bool:
    """Unless no list has the decision, it ends so soon that it is worth a word of its own, or its reader has asked for that."""
    having = [row.sent_at for row in sent if letter.decision in {one["decision"] for one in row.details[LISTED]}]
    if not having or (due_at is not None and due_at <= having[0] + A_WHILE):
        return False
    return not has_put_off_since(unit, letter.decision or 0, letter.person or "", having[0])
