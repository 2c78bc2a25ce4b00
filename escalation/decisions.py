"""The one way in for an answer: entitled people, one vote each, under a lock, and the last vote moves the task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.lifecycle import Event
from contracts.vocabulary import OPEN_DECISIONS, Answer, DecisionKind, DecisionState
from contracts.wording import reasoned
from escalation import closing
from escalation.approvers import named, resolve
from escalation.blockers import UNKNOWN_EFFECT
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person, person
from storage.failpoints import passing
from storage.inserting import inserted
from storage.tables.deciding import decisions, votes

SHORTEST_DIGEST = 16


class OutcomeKind(StrEnum):
    """What became of an answer."""

    DECIDED = "decided"
    COUNTED = "counted"
    ASKED = "asked"
    ALREADY = "already"
    NOT_ENTITLED = "not_entitled"
    OWN_REQUEST = "own_request"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    BUSY = "busy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person is told; `wake` is the runtime whose runners have work now."""

    kind: OutcomeKind
    sentence: str
    wake: str | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's answer; `saw` is the proposal digest (or its first 16 digits) that they were shown."""

    decision: int
    person: str
    answer: Answer
    reason: str | None
    via: str
    saw: str | None


UNKNOWN = Outcome(OutcomeKind.UNKNOWN, "There is no such decision.")


def decide(unit: Unit, voice: Voice) -> Outcome:
    """Take an answer inside the caller's transaction; the vote that completes the quorum moves the task with it.

    Raises ValueError for asking back, which is no vote: escalation.questions takes it.
    """
    if voice.answer is Answer.ASK:
        raise ValueError("asking back is no vote")
    row = lock(unit, voice.decision)
    if row is None:
        return UNKNOWN
    who = person(unit, voice.person)
    refusal = refuse(unit, row, who, saw=voice.saw)
    if refusal is not None or who is None:
        return refusal or UNKNOWN
    if not _vote(unit, voice):
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, "Your answer is already counted."))
    outcome = _count(unit, row, voice, who)
    passing("decide.before_commit")
    return outcome


def lock(unit: Unit, decision: int) -> Row[Any] | None:
    """The decision's row, locked until the transaction ends."""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == decision)
    return unit.connection.execute(query.with_for_update()).one_or_none()


def refuse(unit: Unit, row: Row[Any], who: Person | None, *, saw: str | None) -> Outcome | None:
    """Why this person can't answer this decision now, on record; None when they can."""
    for check in _CHECKS:
        outcome = check(unit, row, who, saw)
        if outcome is not None:
            return refused(unit, row, who, outcome)
    return None


def refused(unit: Unit, row: Row[Any], who: Person | None, outcome: Outcome) -> Outcome:
    """Put an answer that changes nothing on the decision's trail; returns the outcome."""
    actor = f"person:{who.id}" if who else "somebody unknown"
    content = {"answered": outcome.kind, "state": row.state}
    note(unit, f"decision:{row.number}", Said("answer_refused", actor, content))
    return outcome


def _inactive(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    if who is not None and who.active:
        return None
    return Outcome(OutcomeKind.INACTIVE, "Your account is not active here, so you can't decide this.")


def _stranger(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    if who is None or who.id in row.entitled:
        return None
    if who.id == row.requester:
        sentence = f"You asked for this, so somebody else decides: {row.entitled_words}. Your try is on record."
        return Outcome(OutcomeKind.OWN_REQUEST, sentence)
    return Outcome(OutcomeKind.NOT_ENTITLED, f"Only {row.entitled_words} can decide this; your try is on record.")


def _closed(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    if row.state in OPEN_DECISIONS:
        return None
    return Outcome(OutcomeKind.ALREADY, f"{said(unit, row, who)} Nothing for you to do.")


def _too_late(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    if row.kind == DecisionKind.ESCALATION:
        return None  # what is blocked stays asked until somebody answers or it is over
    last = row.silence_index + 1 >= len(row.silence["steps"])
    if row.state != DecisionState.OPEN or not last or row.due_at is None or unit.now < row.due_at:
        return None
    closing.expire(unit, row)
    return Outcome(OutcomeKind.EXPIRED, "The time to decide has passed: it was rejected. Nothing for you to do.")


def _changed(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    if saw is None or (len(saw) >= SHORTEST_DIGEST and row.proposal_digest.startswith(saw)):
        return None
    return Outcome(OutcomeKind.CHANGED, "What you saw has changed since. Look at the newest card and decide there.")


def _demoted(unit: Unit, row: Row[Any], who: Person | None, saw: str | None) -> Outcome | None:
    """Who was asked and has lost the right since is refused at the moment of the press (OWASP ASVS 5.0, 8.3.2)."""
    if who is None or any(_still_asked(unit, row, who, step) for step in row.silence["steps"]):
        return None
    return Outcome(OutcomeKind.NOT_ENTITLED, "You no longer decide on such requests; your try is on record.")


def _still_asked(unit: Unit, row: Row[Any], who: Person, step: Mapping[str, Any]) -> bool:
    if who.id not in step["people"]:
        return False
    return who.id in {one.id for one in resolve(unit, step["who"], requester=row.requester)}


_Check = Callable[[Unit, Row[Any], Person | None, str | None], Outcome | None]
_CHECKS: tuple[_Check, ...] = (_inactive, _stranger, _closed, _demoted, _too_late, _changed)


def said(unit: Unit, row: Row[Any], reader: Person | None) -> str:
    """Who decided what and when, in the reader's time: "Ada Byron approved this at 10:58: 'carrier was clear'."."""
    if row.state == DecisionState.EXPIRED:
        return f"Nobody answered in time, so this was rejected at {_clock(row.decided_at, reader)}."
    if row.decided_by is None:
        solved = row.kind == DecisionKind.ESCALATION
        return "It works again: nobody had to decide." if solved else "The request was withdrawn."
    return reasoned(
        f"{named(unit, row.decided_by)} {_verb(row, row.state)} at {_clock(row.decided_at, reader)}", row.reason
    )


def _verb(row: Row[Any], state: str) -> str:
    asked = UNKNOWN_EFFECT if UNKNOWN_EFFECT in row.proposal else row.kind
    return _VERBS.get((asked, state)) or _VERBS[None, state]


_VERBS: Mapping[tuple[str | None, str], str] = {
    (None, DecisionState.APPROVED): "approved this",
    (None, DecisionState.REJECTED): "rejected this",
    (None, DecisionState.WITHDRAWN): "cancelled this",
    (DecisionKind.ESCALATION, DecisionState.APPROVED): "released this",
    (DecisionKind.ESCALATION, DecisionState.REJECTED): "stopped this",
    (UNKNOWN_EFFECT, DecisionState.APPROVED): "saw that it happened",
    (UNKNOWN_EFFECT, DecisionState.REJECTED): "saw that it did not happen",
}


def _clock(at: datetime, reader: Person | None) -> str:
    return at.astimezone(ZoneInfo(reader.timezone if reader else "UTC")).strftime("%H:%M")


def _vote(unit: Unit, voice: Voice) -> bool:
    values = {"decision": voice.decision, "person": voice.person, "answer": voice.answer, "reason": voice.reason}
    statement = insert(votes).values(company=unit.company, **values, via=voice.via, at=unit.now)
    return inserted(unit, statement)


def _count(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    if voice.answer is Answer.REJECT:
        return _decided(unit, row, voice, DecisionState.REJECTED, Event.REJECTED)
    query = select(func.count()).where(
        votes.c.company == unit.company, votes.c.decision == voice.decision, votes.c.answer == Answer.APPROVE
    )
    missing = row.quorum - unit.connection.execute(query).scalar_one()
    if missing <= 0:
        return _decided(unit, row, voice, DecisionState.APPROVED, Event.APPROVED)
    content = {"answer": voice.answer, "via": voice.via, "missing": missing}
    note(unit, f"decision:{row.number}", Said("vote_counted", f"person:{who.id}", content))
    return Outcome(OutcomeKind.COUNTED, f"Counted. {missing} more must approve.")


def _decided(unit: Unit, row: Row[Any], voice: Voice, state: DecisionState, event: Event) -> Outcome:
    unit.connection.execute(
        update(decisions)
        .where(decisions.c.company == unit.company, decisions.c.number == row.number)
        .values(state=state, decided_at=unit.now, decided_by=voice.person, reason=voice.reason)
    )
    runtime = closing.settle(unit, row, event, by=f"person:{voice.person}", via=voice.via, reason=voice.reason)
    word = _verb(row, state).removesuffix(" this").capitalize()
    return Outcome(OutcomeKind.DECIDED, f"{word}. It is on record under your name.", runtime)
