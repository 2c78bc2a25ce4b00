"""Counts votes: one for each person, and the one that completes the quorum (or the first no) decides."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, DecisionState
from escalation import closing
from escalation.admitting import refused
from escalation.glass import broken
from escalation.quorum import approved_by, missing
from escalation.saying import verb
from escalation.voices import Outcome, Voice
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.inserting import inserted
from storage.tables.deciding import decisions, votes


def cast(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """Take one person's yes or no on a locked decision."""
    if not _written(unit, voice):
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, "Your answer is already counted."))
    if who.id == row.requester:
        row = broken(unit, row, voice, who)
    if voice.answer is Answer.REJECT:
        return _decided(unit, row, voice, DecisionState.REJECTED, Event.REJECTED)
    still = missing(unit, row)
    if still is None:
        return _decided(unit, row, voice, DecisionState.APPROVED, Event.APPROVED)
    content = {"answer": voice.answer, "via": voice.via, "missing": still}
    note(unit, f"decision:{row.number}", Said("vote_counted", f"person:{who.id}", content))
    outbox.show_again(unit, decision=row.number)
    return Outcome(OutcomeKind.COUNTED, f"Counted. {still}")


def cast_on_successor(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """A change is its author's yes to what it made."""
    return cast(unit, row, replace(voice, decision=row.number, answer=Answer.APPROVE), who)


def approvals(unit: Unit, decision: int) -> int:
    """How many have approved."""
    return len(approved_by(unit, decision))


def voters(unit: Unit, decision: int) -> frozenset[str]:
    """Those whose vote is counted already."""
    mine = (votes.c.company == unit.company) & (votes.c.decision == decision)
    return frozenset(unit.connection.execute(select(votes.c.person).where(mine)).scalars())


def _written(unit: Unit, voice: Voice) -> bool:
    values = {"decision": voice.decision, "person": voice.person, "answer": voice.answer, "reason": voice.reason}
    return inserted(unit, insert(votes).values(company=unit.company, **values, via=voice.via, at=unit.now))


def _decided(unit: Unit, row: Row[Any], voice: Voice, state: DecisionState, event: Event) -> Outcome:
    unit.connection.execute(
        update(decisions)
        .where(decisions.c.company == unit.company, decisions.c.number == row.number)
        .values(state=state, decided_at=unit.now, decided_by=voice.person, reason=voice.reason)
    )
    runtime = closing.settle(unit, row, event, by=f"person:{voice.person}", via=voice.via, reason=voice.reason)
    word = verb(row, state).removesuffix(" this").capitalize()
    return Outcome(OutcomeKind.DECIDED, f"{word}. It is on record under your name.", runtime)
