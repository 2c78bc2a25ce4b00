"""What became of one try to send a message, and how that is recorded, in one transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from contracts.vocabulary import Message, OutboxState
from storage import outbox as letters
from storage.audit import Said, note
from storage.database import Unit
from storage.outbox import Letter, Outgoing
from storage.tables.traffic import outbox


@dataclass(frozen=True, slots=True)
class Sent:
    """It stands there; `digest` is of what is shown, None when that is not known."""

    team: str
    channel: str
    ts: str
    digest: str | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing was sent. With `standing` it is known to stand there already, with words that may be old."""

    after_s: float
    why: str
    standing: Sent | None = None


@dataclass(frozen=True, slots=True)
class Doubted:
    """Nobody knows whether it arrived in that direct message: to be looked up there, or as soon as it is known."""

    team: str | None
    channel: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Redirected:
    """A channel can't be used, or nobody knows whether it arrived there (`unknown`): its requester is told directly."""

    requester: str
    team: str
    channel: str
    why: str
    unknown: bool


@dataclass(frozen=True, slots=True)
class Anew:
    """The message that was to be edited is gone: it is posted again."""

    why: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Slack lets the app say nothing: pauses, and the operator is told once a day."""

    after_s: float
    error: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It ends here: `failed` stays visible in the outbox and on the audit trail, `superseded` needed no sending."""

    state: OutboxState
    why: str


Fate = Sent | Postponed | Doubted | Redirected | Anew | Unusable | GivenUp


def record(unit: Unit, letter: Outgoing, fate: Fate, *, operator: str | None) -> None:
    """Write what became of it; `operator` is the person who is told when Slack refuses the app."""
    match fate:
        case Sent():
            _stands(unit, letter, fate)
        case Postponed():
            _postpone(unit, letter, fate)
        case Doubted():
            _doubt(unit, letter, fate)
        case Redirected():
            _redirect(unit, letter, fate)
        case Anew():
            _move(unit, letter, person=letter.person, why=fate.why)
        case Unusable():
            _again(unit, letter, after_s=fate.after_s, why=fate.error)
            _tell_operator(unit, fate.error, operator)
        case GivenUp():
            _give_up(unit, letter, fate)


def _stands(unit: Unit, letter: Outgoing, there: Sent) -> None:
    letters.sent(unit, letter, team=there.team, channel=there.channel, ts=there.ts, shown_digest=there.digest)


def _postpone(unit: Unit, letter: Outgoing, fate: Postponed) -> None:
    if fate.standing:
        _stands(unit, letter, fate.standing)
    _again(unit, letter, after_s=fate.after_s, why=fate.why)


def _again(unit: Unit, letter: Outgoing, *, after_s: float, why: str) -> None:
    letters.postpone(unit, letter, until=unit.now + timedelta(seconds=after_s), why=why)


def _doubt(unit: Unit, letter: Outgoing, fate: Doubted) -> None:
    """A claimed row is `sending` already; without a place there is nothing to add."""
    if fate.team and fate.channel:
        letters.doubt(unit, letter, team=fate.team, channel=fate.channel, why=fate.why)


def _redirect(unit: Unit, letter: Outgoing, fate: Redirected) -> None:
    """The row goes on to live as a direct message, so that later changes of it are told there.

    A post whose arrival nobody will ever know of stays on record as a row of its own.
    """
    if fate.unknown:
        lost: dict[str, Any] = {"message": letter.message, "task": letter.task, "details": letter.details, "urgency": 9}
        lost |= {"team": fate.team, "channel": fate.channel, "sending_at": letter.sending_at or unit.now}
        lost |= {"dedupe": f"unknown:{letter.id}", "state": OutboxState.UNKNOWN, "error": fate.why}
        unit.connection.execute(insert(outbox).values(company=unit.company, **lost))
    _move(unit, letter, person=fate.requester, why=fate.why)


def _move(unit: Unit, letter: Outgoing, *, person: str | None, why: str) -> None:
    fresh: dict[str, Any] = {
        "team": None,
        "channel": None,
        "ts": None,
        "shown_digest": None,
        "sending_at": None,
        "tries": 0,
    }
    fresh |= {"person": person, "state": OutboxState.PENDING, "due_at": unit.now, "error": why}
    mine = (outbox.c.company == unit.company) & (outbox.c.id == letter.id)
    unit.connection.execute(update(outbox).where(mine).values(**fresh))


def _tell_operator(unit: Unit, error: str, operator: str | None) -> None:
    dedupe = f"slack-unusable:{error}:{unit.now:%Y-%m-%d}"
    known = select(outbox.c.id).where(outbox.c.company == unit.company, outbox.c.dedupe == dedupe)
    if operator and unit.connection.execute(known).first() is None:
        sentence = f"Slack refuses what Chargehand wants to say ({error}). Messages wait until the app is mended."
        details = {"sentence": sentence, "action": None}
        letters.put(unit, Letter(Message.NOTICE, dedupe, person=operator, details=details))


def _give_up(unit: Unit, letter: Outgoing, fate: GivenUp) -> None:
    letters.give_up(unit, letter, state=fate.state, why=fate.why)
    if fate.state is OutboxState.FAILED:
        content = {"outbox": letter.id, "message": letter.message, "person": letter.person, "why": fate.why}
        trail = f"decision:{letter.decision}" if letter.decision else f"person:{letter.person or 'unknown'}"
        note(unit, trail, Said("message_undeliverable", "courier", content))
