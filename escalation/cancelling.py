"""Ends a task because a person wants it: what waits is withdrawn, what has happened is said, what is at work is left."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import ENDED, OPEN_DECISIONS, DecisionKind, DecisionState, EffectState, TaskState, WaitingFor
from contracts.wording import reasoned
from escalation import blockers
from escalation.approvers import named, names
from escalation.decisions import Outcome, OutcomeKind
from escalation.missing import in_vain
from escalation.telling import tell
from escalation.timers import stop_timers
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone, person
from storage.tables.business import companies, lanes
from storage.tables.deciding import decisions
from storage.tables.work import blockers as blocked
from storage.tables.work import effects
from storage.tasks import Task, TaskNotFound, load
from storage.transitions import Change, Happening, move

_AT_WORK = frozenset({TaskState.RUNNING, TaskState.VERIFYING})
_SETTLED = (EffectState.VERIFIED, EffectState.DISPROVED)


def cancel(unit: Unit, *, task: int, person_id: str, reason: str | None, via: str) -> Outcome:
    """End a task inside the caller's transaction, if its requester, its lane's owner or the last resort asks for it.

    A task that a runner works on at this moment, or whose effect nobody has read back yet, goes on.
    """
    try:
        _lock_around(unit, load(unit, task))
        row = load(unit, task, lock=True)
    except TaskNotFound:
        in_vain(unit, person_id, f"task T-{task}")
        return Outcome(OutcomeKind.UNKNOWN, f"There is no task T-{task}.")
    refusal = _refusal(unit, row, person_id)
    if refusal is not None:
        note(unit, f"person:{person_id}", Said("cancel_refused", f"person:{person_id}", {"task": row.name}))
        return refusal
    _end(unit, row, person_id, reason=reason, via=via)
    return Outcome(OutcomeKind.CANCELLED, f"Cancelled: {row.told['summary']}. {_happened(unit, row)}".strip())


def _lock_around(unit: Unit, task: Task) -> None:
    """Decisions, then the blocker, and only then the task, as an answer does: the two must not wait for each other."""
    about = (decisions.c.task == task.number) | (decisions.c.edge == f"blocker {task.waiting_on}")
    open_ones = (decisions.c.company == unit.company) & decisions.c.state.in_(OPEN_DECISIONS) & about
    query = select(decisions.c.number).where(open_ones).order_by(decisions.c.number)
    unit.connection.execute(query.with_for_update()).all()
    stopped = select(blocked.c.id).where(blocked.c.company == unit.company, blocked.c.id == task.waiting_on)
    unit.connection.execute(stopped.with_for_update()).all()


def _refusal(unit: Unit, task: Task, person_id: str) -> Outcome | None:
    who, entitled = person(unit, person_id), _entitled(unit, task)
    if who is None or not who.active:
        return Outcome(OutcomeKind.INACTIVE, "Your account is not active here, so you can't cancel this.")
    if person_id not in entitled:
        people = names(everyone(unit, entitled))
        return Outcome(OutcomeKind.NOT_ENTITLED, f"Only {people} can cancel {task.name}; your try is on record.")
    if task.state in ENDED:
        return Outcome(OutcomeKind.ALREADY, f"{task.name} has ended already. There is nothing to cancel.")
    if task.state in _AT_WORK:
        return Outcome(OutcomeKind.BUSY, f"{task.name} is being worked on at this moment. Try again if it stops.")
    unsettled = _unsettled(unit, task)
    if unsettled is not None:
        sentence = f"Nobody has seen yet whether {unsettled} happened for {task.name}: that has to be settled first."
        return Outcome(OutcomeKind.BUSY, sentence)
    return None


def _entitled(unit: Unit, task: Task) -> list[str]:
    owner = select(lanes.c.owner).where(lanes.c.company == unit.company, lanes.c.id == task.lane)
    last_resort = select(companies.c.declared["last_resort"].astext).where(companies.c.id == unit.company)
    found = [task.requester, *(unit.connection.execute(query).scalar_one_or_none() for query in (owner, last_resort))]
    return [one for one in dict.fromkeys(found) if one]


def _unsettled(unit: Unit, task: Task) -> str | None:
    """The effect of which it is not known whether it happened."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number)
    query = select(effects.c.tool).where(mine, effects.c.state.not_in(_SETTLED)).limit(1)
    found: str | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def _happened(unit: Unit, task: Task) -> str:
    """What stays, because it was done and read back before: "Done before that: shop.refund (88)."."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number)
    query = select(effects.c.tool, effects.c.seen).where(mine, effects.c.state == EffectState.VERIFIED)
    rows = unit.connection.execute(query.order_by(effects.c.verified_at)).all()
    done = ", ".join(f"{row.tool} ({(row.seen or {}).get('reference', '?')})" for row in rows)
    return f"Done before that: {done}." if done else "Nothing had been changed."


def _end(unit: Unit, task: Task, person_id: str, *, reason: str | None, via: str) -> None:
    sentence = f"{reasoned(f'{named(unit, person_id)} cancelled it', reason)} {_happened(unit, task)}"
    content: Mapping[str, Any] = {"by": person_id, "via": via, "reason": reason, "waited_for": task.waiting_for}
    change = Change(task, [Happening(Event.CANCELLED, content)], {"sentence": sentence})
    move(unit, change, mover=Mover.PERSON, actor=f"person:{person_id}")
    _withdraw_approvals(unit, task, person_id, reason)
    if task.waiting_for is WaitingFor.BLOCKER and task.waiting_on and not blockers.waiting(unit, task.waiting_on):
        blockers.drop(unit, task.waiting_on, by=person_id)
    tell(unit, task.number, ended=True)


def _withdraw_approvals(unit: Unit, task: Task, person_id: str, reason: str | None) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.task == task.number)
    still_open = mine & (decisions.c.kind == DecisionKind.APPROVAL) & decisions.c.state.in_(OPEN_DECISIONS)
    values = {"state": DecisionState.WITHDRAWN, "decided_at": unit.now, "decided_by": person_id, "reason": reason}
    statement = update(decisions).where(still_open).values(values).returning(decisions.c.number)
    for number in unit.connection.execute(statement).scalars().all():
        stop_timers(unit, number)
        outbox.show_again(unit, decision=number)
