"""What became of one try to send a message, and how that is recorded, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from contracts.vocabulary import Message, OutboxState
from storage import outbox as letters
from storage.audit import Said, note
from storage.database import Unit
from storage.letters import mark_undeliverable
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
    """Nothing was sent. With `standing` it is known to stand there already, with words that may be old.

    What only waited for its turn was not tried: with `counts` False it comes no nearer to being given up.
    """

    after_s: float
    why: str
    standing: Sent | None = None
    counts: bool = True


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
class Lost:
    """Nobody will ever know whether the letter arrived: it is never sent again, but who is `asked` is asked in Slack."""

    to: str
    why: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """The mail server will not take the letter, so it is told in Slack; when that address is `dead` it takes no letters."""

    to: str
    why: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Unusable:
    """Slack, or the mail server, lets us say nothing: pauses, and the operator is told once a day."""

    after_s: float
    error: str
    surface: str = "slack"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It ends here: `failed` stays visible in the outbox and on the audit trail, `superseded` needed no sending."""

    state: OutboxState
    why: str


Fate = Sent | Postponed | Doubted | Redirected | Anew | Lost | Returned | Unusable | GivenUp


def record(unit: Unit, letter: Outgoing, fate: Fate, *, operator: str | None) -> None:
    """Write what became of it; `operator` is the person who is told when Slack or the mail server refuses us."""
    _RECORDED[type(fate)](unit, letter, fate)
    if isinstance(fate, Unusable):
        _tell_operator(unit, fate, operator)


def _stands(unit: Unit, letter: Outgoing, there: Sent) -> None:
    letters.sent(unit, letter, team=there.team, channel=there.channel, ts=there.ts, shown_digest=there.digest)


def _postpone(unit: Unit, letter: Outgoing, fate: Postponed) -> None:
    if fate.standing:
        _stands(unit, letter, fate.standing)
    _again(unit, letter, after_s=fate.after_s, why=fate.why, counts=fate.counts)


def _again(unit: Unit, letter: Outgoing, *, after_s: float, why: str, counts: bool = True) -> None:
    letters.postpone(unit, letter, until=unit.now + timedelta(seconds=after_s), why=why, counts=counts)


def _doubt(unit: Unit, letter: Outgoing, fate: Doubted) -> None:
    """A claimed row is `sending` already; without a place there is nothing to add."""
    if fate.team and fate.channel:
        letters.doubt(unit, letter, team=fate.team, channel=fate.channel, why=fate.why)


def _pause(unit: Unit, letter: Outgoing, fate: Unusable) -> None:
    _again(unit, letter, after_s=fate.after_s, why=fate.error)


def _anew(unit: Unit, letter: Outgoing, fate: Anew) -> None:
    _move(unit, letter, person=letter.person, why=fate.why)


def _redirect(unit: Unit, letter: Outgoing, fate: Redirected) -> None:
    """The row goes on to live as a direct message, so that later changes of it are told there.

    A post whose arrival nobody will ever know of stays on record as a row of its own.
    """
    if fate.unknown:
        _leave_on_record(unit, letter, OutboxState.UNKNOWN, why=fate.why, place=(fate.team, fate.channel))
    _move(unit, letter, person=fate.requester, why=fate.why)


def _lose(unit: Unit, letter: Outgoing, fate: Lost) -> None:
    """The letter ends `unknown`; what was `asked` or told lives on as a direct message."""
    if not fate.asked:
        letters.give_up(unit, letter, state=OutboxState.UNKNOWN, why=fate.why)
        return
    _leave_on_record(unit, letter, OutboxState.UNKNOWN, why=fate.why, place=("mail", fate.to))
    _move(unit, letter, person=letter.person, why=fate.why, details=_in_slack(letter))


def _return(unit: Unit, letter: Outgoing, fate: Returned) -> None:
    """The letter ends `failed`, on record as a row of its own; what it told is told in Slack."""
    if fate.dead:
        mark_undeliverable(unit, fate.to, fate.why)
    _note_undeliverable(unit, letter, fate.why)
    _leave_on_record(unit, letter, OutboxState.FAILED, why=fate.why, place=("mail", fate.to))
    _move(unit, letter, person=letter.person, why=fate.why, details=_in_slack(letter))


def _in_slack(letter: Outgoing) -> dict[str, Any]:
    return {**letter.details, "surface": "slack"}


def _leave_on_record(
    unit: Unit, letter: Outgoing, state: OutboxState, *, why: str, place: tuple[str | None, str | None]
) -> None:
    team, channel = place
    left: dict[str, Any] = {"message": letter.message, "task": letter.task, "details": letter.details, "urgency": 9}
    left |= {"team": team, "channel": channel, "sending_at": letter.sending_at or unit.now}
    left |= {"dedupe": f"{state}:{letter.id}:{letter.wanted}", "state": state, "error": why}
    unit.connection.execute(insert(outbox).values(company=unit.company, **left))


def _move(unit: Unit, letter: Outgoing, *, person: str | None, why: str, details: dict[str, Any] | None = None) -> None:
    fresh: dict[str, Any] = {
        "team": None,
        "channel": None,
        "ts": None,
        "shown_digest": None,
        "sending_at": None,
        "tries": 0,
    }
    told = details or letter.details
    fresh |= {"details": {name: value for name, value in told.items() if name != letters.RESTORED}}
    fresh |= {"person": person, "state": OutboxState.PENDING, "due_at": unit.now, "error": why}
    mine = (outbox.c.company == unit.company) & (outbox.c.id == letter.id)
    unit.connection.execute(update(outbox).where(mine).values(**fresh))


_REFUSALS = {
    "slack": "Slack refuses what Chargehand wants to say ({error}). Messages wait until the app is mended.",
    "mail": "The mail server refuses what Chargehand wants to send ({error}). Letters wait until SMTP_URL is mended.",
}


def _tell_operator(unit: Unit, fate: Unusable, operator: str | None) -> None:
    dedupe = f"{fate.surface}-unusable:{fate.error}:{unit.now:%Y-%m-%d}"
    known = select(outbox.c.id).where(outbox.c.company == unit.company, outbox.c.dedupe == dedupe)
    if operator and unit.connection.execute(known).first() is None:
        details = {"sentence": _REFUSALS[fate.surface].format(error=fate.error), "surface": "slack"}
        letters.put(unit, Letter(Message.NOTICE, dedupe, person=operator, details=details))


def _give_up(unit: Unit, letter: Outgoing, fate: GivenUp) -> None:
    letters.give_up(unit, letter, state=fate.state, why=fate.why)
    if fate.state is OutboxState.FAILED:
        _note_undeliverable(unit, letter, fate.why)


def _note_undeliverable(unit: Unit, letter: Outgoing, why: str) -> None:
    content = {"outbox": letter.id, "message": letter.message, "person": letter.person, "why": why}
    trail = f"decision:{letter.decision}" if letter.decision else f"person:{letter.person or 'unknown'}"
    note(unit, trail, Said("message_undeliverable", "courier", content))


_RECORDED: Mapping[type[Fate], Callable[[Unit, Outgoing, Any], None]] = {
    Sent: _stands,
    Postponed: _postpone,
    Doubted: _doubt,
    Redirected: _redirect,
    Anew: _anew,
    Lost: _lose,
    Returned: _return,
    Unusable: _pause,
    GivenUp: _give_up,
}
