"""Sending back: the worker takes its step again, with what a decider wants otherwise before it; a few times at most."""

from typing import Any

from sqlalchemy import Row, func, select, update

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event, Mover
from contracts.vocabulary import DecisionState, Rung
from contracts.wording import reasoned
from escalation import approvals
from escalation.admitting import refused
from escalation.telling import tell
from escalation.timers import stop_timers
from escalation.voices import Outcome, Voice
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.tables.deciding import decisions
from storage.tasks import load
from storage.transitions import Change, Happening, move

MOST = 3
"""How often one task may be sent back: after that somebody has to say yes or no."""

REASONS = "revisions"
"""Where a task keeps what deciders wanted otherwise, oldest first, among what it tells."""


def send_back(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """End a locked decision and have the step taken again."""
    if not (voice.reason or "").strip():
        sentence = "Say what should be otherwise: the worker starts from your words."
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, sentence))
    if _sent_back(unit, row.task) >= MOST:
        sentence = f"It was sent back {MOST} times already: approve it, with changes if need be, or reject it."
        return refused(unit, row, who, Outcome(OutcomeKind.NOT_OFFERED, sentence))
    _close(unit, row, voice)
    runtime = _back_to_work(unit, row, voice, who)
    sentence = "Sent back to the worker with your words. What it proposes next is asked anew."
    return Outcome(OutcomeKind.SENT_BACK, sentence, runtime)


def _sent_back(unit: Unit, task: int) -> int:
    mine = (decisions.c.company == unit.company) & (decisions.c.task == task)
    query = select(func.count()).where(mine, decisions.c.state == DecisionState.REVISED)
    count: int = unit.connection.execute(query).scalar_one()
    return count


def _close(unit: Unit, row: Row[Any], voice: Voice) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.number == row.number)
    ended = {"state": DecisionState.REVISED, "decided_at": unit.now, "decided_by": voice.person}
    unit.connection.execute(update(decisions).where(mine).values(**ended, reason=voice.reason))
    stop_timers(unit, row.number)
    approvals.lapse(unit, row.task)
    outbox.show_again(unit, decision=row.number)
    content = {"via": voice.via, "reason": voice.reason}
    note(unit, f"decision:{row.number}", Said("sent_back", f"person:{voice.person}", content))


def _back_to_work(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> str:
    task = load(unit, row.task, lock=True)
    told = {**task.told, REASONS: [*task.told.get(REASONS, []), voice.reason]}
    columns = {
        **row.terms.get("revise", {}),
        "rung": Rung.SELF,
        "tries": 0,
        "due_at": unit.now,
        "told": told,
        "sentence": reasoned(f"{who.name} sent it back to the worker", voice.reason),
    }
    content = {
        "decision": row.number,
        "by": f"person:{voice.person}",
        "via": voice.via,
        "reason": voice.reason,
        "proposal_digest": row.proposal_digest,
    }
    happening = Happening(Event.REVISED, content)
    moved = move(unit, Change(task, [happening], columns), mover=Mover.DECISION, actor=f"person:{voice.person}")
    tell(unit, moved.number, ended=False)
    return moved.runtime
