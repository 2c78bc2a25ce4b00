"""Asking back: an approver's question to the requester stops the clock until it is answered, or a day has passed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from contracts.answers import OutcomeKind
from contracts.vocabulary import DecisionState, Message
from escalation.admitting import lock, refused
from escalation.approvers import named
from escalation.opening import QUESTION, SNOOZE, WAKING
from escalation.voices import UNKNOWN, Outcome, Voice
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person, person
from storage.outbox import Letter
from storage.tables.deciding import decisions, questions, timers

PATIENCE_S = 86400


def ask_back(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """Put a question to the requester of a locked decision; its clock stops."""
    question = (voice.reason or "").strip()
    if not question:
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, "Say what you want to know."))
    if row.state == DecisionState.ASKED_BACK:
        open_already = "A question is open already; its answer comes to every card."
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, open_already))
    _stop_clock(unit, row, _write(unit, row, who.id, question))
    content = {"question": question, "via": voice.via}
    note(unit, f"decision:{row.number}", Said("asked_back", f"person:{who.id}", content))
    return Outcome(OutcomeKind.ASKED, f"Asked {named(unit, row.requester)}. The clock is stopped until they answer.")


def _write(unit: Unit, row: Row[Any], asked_by: str, question: str) -> int:
    mine = (questions.c.company == unit.company) & (questions.c.decision == row.number)
    ordinal: int = unit.connection.execute(select(func.count()).select_from(questions).where(mine)).scalar_one() + 1
    values = {"decision": row.number, "ordinal": ordinal, "asked_by": asked_by, "question": question}
    unit.connection.execute(insert(questions).values(company=unit.company, **values, asked_at=unit.now))
    details = {"ordinal": ordinal}
    dedupe = f"question:{row.number}:{ordinal}"
    letter = Letter(Message.QUESTION, dedupe, row.requester, task=row.task, decision=row.number, details=details)
    outbox.put(unit, letter)
    return ordinal


def _stop_clock(unit: Unit, row: Row[Any], ordinal: int) -> None:
    _set(unit, row.number, state=DecisionState.ASKED_BACK, stopped_at=unit.now)
    due = unit.now + timedelta(seconds=PATIENCE_S)
    key = {"decision": row.number, "kind": QUESTION, "silence_index": row.silence_index, "ordinal": ordinal}
    unit.connection.execute(insert(timers).values(company=unit.company, **key, due_at=due))
    outbox.show_again(unit, decision=row.number)


def answer_question(unit: Unit, *, decision: int, person_id: str, answer: str, via: str) -> Outcome:
    """The requester's answer goes onto every card, and the clock runs on."""
    row = lock(unit, decision)
    if row is None:
        return UNKNOWN
    who = person(unit, person_id)
    if row.requester != person_id:
        return refused(unit, row, who, UNKNOWN)
    if who is None or not who.active:
        gone = "Your account is not active here, so you can't answer this."
        return refused(unit, row, who, Outcome(OutcomeKind.INACTIVE, gone))
    if row.state != DecisionState.ASKED_BACK:
        closed = "That question is no longer open. Nothing for you to do."
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, closed))
    _fill_in(unit, decision, answer)
    resume(unit, row)
    note(unit, f"decision:{decision}", Said("answered", f"person:{person_id}", {"answer": answer, "via": via}))
    return Outcome(OutcomeKind.COUNTED, "Thank you: your answer is on every card.")


def _fill_in(unit: Unit, decision: int, answer: str) -> None:
    """The answer belongs to the newest question: an earlier one may have been left without any."""
    mine = (questions.c.company == unit.company) & (questions.c.decision == decision)
    newest = select(func.max(questions.c.ordinal)).where(mine).scalar_subquery()
    open_one = update(questions).where(mine, questions.c.ordinal == newest)
    unit.connection.execute(open_one.values(answer=answer, answered_at=unit.now))


def resume(unit: Unit, row: Row[Any]) -> None:
    """The clock runs on: what was due is due as much later as it stood still."""
    stood = unit.now - row.stopped_at
    mine = (timers.c.company == unit.company) & (timers.c.decision == row.number) & timers.c.fired_at.is_(None)
    unit.connection.execute(update(timers).where(mine, timers.c.kind == QUESTION).values(fired_at=unit.now))
    counted = mine & timers.c.kind.not_in([SNOOZE, WAKING])  # somebody's own reminder keeps the hour that it is for
    unit.connection.execute(update(timers).where(counted).values(due_at=timers.c.due_at + stood))
    _set(unit, row.number, state=DecisionState.OPEN, stopped_at=None, due_at=row.due_at + stood)
    outbox.show_again(unit, decision=row.number)


def _set(unit: Unit, decision: int, **values: Any) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.number == decision)
    unit.connection.execute(update(decisions).where(mine).values(**values))
