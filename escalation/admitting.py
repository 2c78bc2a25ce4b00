"""Who may answer a decision now: looked up at the moment of the press, and every refusal is put on record."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row, select

from contracts.answers import VOTES, OutcomeKind, offered
from contracts.vocabulary import OF_BLOCKERS, OPEN_DECISIONS, Answer, DecisionKind, DecisionState
from escalation import closing
from escalation.approvers import behind, resolve
from escalation.four_eyes import excluded
from escalation.limits import exceeded
from escalation.opening import LAST_RESORT
from escalation.saying import handed_on, said
from escalation.seats import seat_of
from escalation.voices import Outcome, Voice
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.tables.deciding import decisions

SHORTEST_DIGEST = 16
SHORTEST_REASON = 10


def lock(unit: Unit, decision: int) -> Row[Any] | None:
    """The decision's row, locked until the transaction ends."""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == decision)
    return unit.connection.execute(query.with_for_update()).one_or_none()


def refuse(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    """Why this person can't give this answer now, on record; None when they can."""
    for check in _CHECKS:
        outcome = check(unit, row, who, voice)
        if outcome is not None:
            return refused(unit, row, who, outcome)
    return None


def refused(unit: Unit, row: Row[Any], who: Person | None, outcome: Outcome) -> Outcome:
    """Put an answer that changes nothing on the decision's trail; returns the outcome."""
    actor = f"person:{who.id}" if who else "somebody unknown"
    content = {"answered": outcome.kind, "state": row.state}
    note(unit, f"decision:{row.number}", Said("answer_refused", actor, content))
    return outcome


def _inactive(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if who is not None and who.active:
        return None
    return Outcome(OutcomeKind.INACTIVE, "Your account is not active here, so you can't decide this.")


def _stranger(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if who is None or who.id in row.entitled or breaks_glass(unit, row, who, voice):
        return None
    if who.id == row.requester:
        sentence = f"You asked for this, so somebody else decides: {row.entitled_words}. Your try is on record."
        return Outcome(OutcomeKind.OWN_REQUEST, sentence)
    given = handed_on(unit, row, who.id)
    if given and row.state in OPEN_DECISIONS:
        return Outcome(OutcomeKind.NOT_ENTITLED, f"{given} Nothing for you to do.")
    return Outcome(OutcomeKind.NOT_ENTITLED, f"Only {row.entitled_words} can decide this; your try is on record.")


def breaks_glass(unit: Unit, row: Row[Any], who: Person, voice: Voice) -> bool:
    """Whether somebody decides on their own request, knowingly, with a right of their own, where the contract lets them."""
    if not (voice.own and row.terms.get("break_glass") and who.id == row.requester and voice.answer in VOTES):
        return False
    begun = row.silence["steps"][: row.silence_index + 1]
    asked = {it for step in begun for it in asked_of(step) if not it.endswith(":requester")}
    return any(who.id == one.id for it in asked for one in behind(unit, it, requester=row.requester))


def _reasonless(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if not voice.own or len((voice.reason or "").strip()) >= SHORTEST_REASON:
        return None
    sentence = f"Say why it can't wait for anybody else, in {SHORTEST_REASON} letters or more: everybody reads it."
    return Outcome(OutcomeKind.INCOMPLETE, sentence)


def _closed(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if row.state in OPEN_DECISIONS:
        return None
    return Outcome(OutcomeKind.ALREADY, f"{said(unit, row, who)} Nothing for you to do.")


def _too_late(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if row.kind in OF_BLOCKERS or row.terms.get("at_last") == LAST_RESORT:
        return None  # what is blocked stays asked until somebody answers or it is over
    last = row.silence_index + 1 >= len(row.silence["steps"])
    if row.state != DecisionState.OPEN or not last or row.due_at is None or unit.now < row.due_at:
        return None
    closing.expire(unit, row)
    return Outcome(OutcomeKind.EXPIRED, "The time to decide has passed: it was rejected. Nothing for you to do.")


def _changed(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    saw = voice.saw
    if saw is None or (len(saw) >= SHORTEST_DIGEST and row.proposal_digest.startswith(saw)):
        return None
    return Outcome(OutcomeKind.CHANGED, "What you saw has changed since. Look at the newest card and decide there.")


def _demoted(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    """Who was asked and has lost the right since is refused at the moment of the press (OWASP ASVS 5.0, 8.3.2).

    Whoever sits on another's seat can do no more than the other still could.
    """
    if who is None or any(_still_asked(unit, row, seat_of(row, who.id), step) for step in row.silence["steps"]):
        return None
    if breaks_glass(unit, row, who, voice):
        return None
    begun = row.silence["steps"][: row.silence_index + 1]
    if any(_still_asked(unit, row, who.id, step) for step in begun):
        return None
    return Outcome(OutcomeKind.NOT_ENTITLED, "You no longer decide on such requests; your try is on record.")


def _still_asked(unit: Unit, row: Row[Any], seat: str, step: Mapping[str, Any]) -> bool:
    if seat not in step["people"]:
        return False
    return any(seat == one.id for who in asked_of(step) for one in resolve(unit, who, requester=row.requester))


def asked_of(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Everybody whom a step of silence asks, as the contract writes them."""
    return (str(step["who"]), *(f"group:{group}" for group in step.get("each", ())))


def _not_offered(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if not offered(DecisionKind(row.kind), voice.answer):
        sentence = "Nothing is proposed here that could be changed or sent back: say yes or no, ask, or hand it over."
        return Outcome(OutcomeKind.NOT_OFFERED, sentence)
    return None


def _above_limit(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    if who is None or voice.answer not in (Answer.APPROVE, Answer.CHANGE):
        return None
    proposal = voice.amended.proposal if voice.amended is not None else row.proposal
    limit = exceeded(unit, row, who, proposal.get("args", {}))
    if limit is None or (voice.answer is Answer.CHANGE and voice.amended is None):
        return None
    sentence = (
        f"That is above the {limit} that you may approve by yourself. Hand it over, or approve less with changes."
    )
    return Outcome(OutcomeKind.ABOVE_LIMIT, sentence)


def _four_eyes(unit: Unit, row: Row[Any], who: Person | None, voice: Voice) -> Outcome | None:
    """A yes takes another pair of eyes than those that approved it before, and none that stand in for who asked."""
    if who is None or voice.answer not in (Answer.APPROVE, Answer.CHANGE):
        return None
    if voice.own and who.id == row.requester:
        return None
    known = {"task": row.task, "proposal_digest": row.proposal_digest, "requester": row.requester}
    if not {who.id, seat_of(row, who.id)} & excluded(unit, row.terms, **known):
        return None
    sentence = "Here another pair of eyes is needed: you approved this before, or stand in for who asked. Hand it over."
    return Outcome(OutcomeKind.NOT_ENTITLED, sentence)


_Check = Callable[[Unit, Row[Any], Person | None, Voice], Outcome | None]
_CHECKS: tuple[_Check, ...] = (
    _inactive,
    _stranger,
    _closed,
    _demoted,
    _too_late,
    _changed,
    _not_offered,
    _reasonless,
    _four_eyes,
    _above_limit,
)
