"""What follows when a decision ends: its timers stop, its cards change, its task moves."""

from typing import Any

from sqlalchemy import Row, update

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import DecisionState, Message
from storage import outbox
from storage.database import Unit
from storage.outbox import Letter
from storage.tables.deciding import decisions, timers
from storage.tasks import load
from storage.transitions import Change, Happening, move


def settle(unit: Unit, row: Row[Any], event: Event, *, by: str, via: str, reason: str | None) -> str | None:
    """Carry a decided decision over to its task; returns the runtime that has work now, if any."""
    stop_timers(unit, row.number)
    outbox.show_again(unit, decision=row.number)
    content = {
        "decision": row.number,
        "by": by,
        "via": via,
        "reason": reason,
        "proposal_digest": row.proposal_digest,
        "shown_digest": row.shown_digest,
    }
    columns = _columns(unit, row, event, reason)
    task = move(
        unit,
        Change(load(unit, row.task, lock=True), [Happening(event, content)], columns),
        mover=Mover.DECISION,
        actor=by,
    )
    tell(unit, task.number, ended=event is Event.REJECTED)
    return task.runtime if event is Event.APPROVED else None


def _columns(unit: Unit, row: Row[Any], event: Event, reason: str | None) -> dict[str, Any]:
    if event is Event.APPROVED:
        return {"due_at": unit.now, "sentence": "Approved; it is being carried out."}
    return {"sentence": reason or row.card["because"]}


def tell(unit: Unit, task: int, *, ended: bool) -> None:
    """Have the requester's live message show what is true now, and send the result once when the task has ended."""
    outbox.put(unit, Letter(Message.TASK, f"task:{task}", task=task))
    if ended:
        outbox.put(unit, Letter(Message.RESULT, f"result:{task}", task=task))


def expire(unit: Unit, row: Row[Any]) -> None:
    """Nobody answered to the end: the decision is closed as rejected, by silence and on record."""
    unit.connection.execute(
        update(decisions)
        .where(decisions.c.company == unit.company, decisions.c.number == row.number)
        .values(state=DecisionState.EXPIRED, decided_at=unit.now)
    )
    settle(unit, row, Event.REJECTED, by="clock", via="silence", reason="Nobody decided in time, so it was rejected.")


def stop_timers(unit: Unit, decision: int) -> None:
    """No timer of this decision fires any more."""
    mine = (timers.c.company == unit.company) & (timers.c.decision == decision) & timers.c.fired_at.is_(None)
    unit.connection.execute(update(timers).where(mine).values(fired_at=unit.now))
