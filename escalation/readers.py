"""Whose a decision is to see, and what its reader may do there besides giving one of the card's answers."""

from dataclasses import dataclass

from sqlalchemy import select

from contracts.vocabulary import OPEN_DECISIONS, Answer, DecisionState
from escalation.admitting import breaks_glass
from escalation.voices import Voice
from storage.database import Unit
from storage.directory import Person
from storage.outbox import was_asked
from storage.tables.deciding import decisions


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may do with a decision that they may see: answer the question that is put to them, or break the glass."""

    answer_question: bool
    break_glass: bool


def reach(unit: Unit, decision: int, who: Person) -> Reach | None:
    """For those who are asked or were, and those who may break its glass; None for everybody else, and when there is none."""
    query = select(decisions).where(decisions.c.company == unit.company, decisions.c.number == decision)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        return None
    own = Voice(decision, who.id, Answer.APPROVE, None, "page", None, own=True)
    glass = row.state in OPEN_DECISIONS and breaks_glass(unit, row, who, own)
    theirs = glass or who.id in row.entitled or who.id == row.decided_by
    if not theirs and not was_asked(unit, decision, who.id):
        return None
    return Reach(row.state == DecisionState.ASKED_BACK and row.requester == who.id, glass)
