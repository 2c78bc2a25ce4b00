"""Blockers: one row and one card for each cause that stops a lane, lifted at once for all that wait on it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import ENDED, OPEN_DECISIONS, DecisionKind, DecisionState, TaskState, WaitingFor
from escalation.asked import Asked
from escalation.opening import Asking, next_number, open_decision
from escalation.telling import tell
from escalation.timers import stop_timers
from escalation.undoing import after_a_no
from storage import circuits, outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.inserting import inserted
from storage.tables.deciding import decisions
from storage.tables.work import blockers, tasks
from storage.tasks import Task, task_of
from storage.transitions import Change, Happening, move_all

UNKNOWN_EFFECT = "unknown_effect"


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in the way of a lane, who owns it, what they have to do, and what was tried on the rungs below."""

    cause: str
    lane: str
    owner: str
    sentence: str
    action: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the owner's card tells beside the blocker itself; `cost` says what a task has cost, once it is written.

    With `unknown_effect` (its key) the owner is asked whether that effect happened, which nobody else can tell.
    """

    lane_title: str
    tried: Sequence[str]
    asked: Asked
    looks_again: str
    cost: Callable[[Unit, int], str]
    unknown_effect: str | None = None
    kind: DecisionKind = DecisionKind.ESCALATION


def identity(blocker: Blocker, at: datetime) -> str:
    """A fresh id, readable in a log."""
    return f"{blocker.lane}:{blocker.cause}:{int(at.timestamp() * 1000)}"


def join(unit: Unit, blocker: Blocker, fresh: str, task: Task, trouble: Trouble) -> None:
    """Open the blocker with one card to those who are asked, or join the open one with the same cause."""
    if put_up(unit, blocker, fresh, task.number):
        _ask(unit, blocker, fresh, task, trouble)


def put_up(unit: Unit, blocker: Blocker, fresh: str, task: int) -> bool:
    """Have a task wait on the blocker, opened or joined, without asking anybody; True when it was opened."""
    values = {name: getattr(blocker, name) for name in Blocker.__slots__}
    statement = insert(blockers).values(company=unit.company, id=fresh, opened_at=unit.now, **values)
    if not inserted(unit, statement):
        _wait_on(unit, task, open_id(unit, blocker.lane, blocker.cause) or fresh)
        return False
    note(unit, f"lane:{blocker.lane}", Said("blocked", "runner", {"blocker": fresh, "cause": blocker.cause}))
    return True


def _ask(unit: Unit, blocker: Blocker, fresh: str, task: Task, trouble: Trouble) -> None:
    """The third rung: one human, with everything on one card."""
    proposal = {"blocker": fresh, "cause": blocker.cause, "lane": blocker.lane, "task": task.name}
    proposal |= {UNKNOWN_EFFECT: trouble.unknown_effect} if trouble.unknown_effect else {}
    asking = Asking(
        task=task,
        kind=trouble.kind,
        edge=f"blocker {fresh}",
        card={**_card(blocker, trouble), "cost": trouble.cost(unit, task.number)},
        proposal=proposal,
        quorum=1,
        steps=trouble.asked.steps,
        last_resort=trouble.asked.last_resort,
    )
    open_decision(unit, asking, number=next_number(unit))


def _card(blocker: Blocker, trouble: Trouble) -> dict[str, Any]:
    if trouble.unknown_effect:
        return {
            **_shared(blocker, trouble),
            "question": f"{trouble.lane_title}: {blocker.sentence} Did it happen?",
            "recommendation": "Recommended: look where it would have happened, then say what you saw.",
            "alternatives": [],
            "labels": ["It happened", "It did not happen"],
        }
    return {
        **_shared(blocker, trouble),
        "question": f"{trouble.lane_title}: {blocker.sentence} Try again?",
        "recommendation": f"Recommended: {blocker.action}",
        "alternatives": ["stop what waits for it", trouble.looks_again],
        "labels": ["Try again", "Stop"],
    }


def _shared(blocker: Blocker, trouble: Trouble) -> dict[str, Any]:
    return {
        "because": trouble.asked.because.format(lane=f"“{trouble.lane_title}”"),
        "facts": [],
        "tried": " ".join(trouble.tried),
        "moves": None,
        "evidence": [],
        "verdicts": [],
    }


def _wait_on(unit: Unit, task: int, blocker: str) -> None:
    mine = (tasks.c.company == unit.company) & (tasks.c.number == task)
    unit.connection.execute(update(tasks).where(mine).values(waiting_on=blocker))


def open_id(unit: Unit, lane: str, cause: str) -> str | None:
    """The open blocker of a lane with that cause."""
    mine = (blockers.c.company == unit.company) & (blockers.c.lane == lane) & (blockers.c.cause == cause)
    query = select(blockers.c.id).where(mine, blockers.c.lifted_at.is_(None))
    found: str | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def waiting(unit: Unit, blocker: str) -> int:
    """How many tasks wait on a blocker."""
    query = select(func.count()).select_from(tasks).where(_waits_on(unit, blocker))
    count: int = unit.connection.execute(query).scalar_one()
    return count


def _waits_on(unit: Unit, blocker: str) -> Any:
    on_it = (tasks.c.waiting_for == WaitingFor.BLOCKER) & (tasks.c.waiting_on == blocker)
    return (tasks.c.company == unit.company) & on_it & (tasks.c.state == TaskState.WAITING)


def lift(unit: Unit, lane: str, causes: Collection[str], *, by: str) -> None:
    """End the open blockers with these causes, release every task that waits on them and withdraw their cards."""
    open_here = (blockers.c.company == unit.company) & (blockers.c.lane == lane) & blockers.c.lifted_at.is_(None)
    query = select(blockers.c.id).where(open_here, blockers.c.cause.in_(causes)).order_by(blockers.c.id)
    for one in list(unit.connection.execute(query).scalars()):
        if close(unit, one, by=by):
            release(unit, one, Event.UNBLOCKED, by=by)
            _withdraw_card(unit, one)


def close(unit: Unit, blocker: str, *, by: str) -> bool:
    """Mark a blocker as lifted, on its lane's trail; False when it already was."""
    mine = (blockers.c.company == unit.company) & (blockers.c.id == blocker) & blockers.c.lifted_at.is_(None)
    lifted = update(blockers).where(mine).values(lifted_at=unit.now, lifted_by=by)
    row = unit.connection.execute(lifted.returning(blockers.c.lane, blockers.c.cause)).one_or_none()
    lane = row.lane if row is not None else None
    if row is not None:
        circuits.close(unit, [row.cause])
        note(unit, f"lane:{lane}", Said("unblocked", by, {"blocker": blocker}))
    return lane is not None


def release(unit: Unit, blocker: str, event: Event, *, by: str, reason: str | None = None) -> list[str]:
    """Move every task that waits on a blocker (ready again, or refused, unless it has to take something back first);
    returns the runtimes that have work now.
    """
    query = select(tasks).where(_waits_on(unit, blocker)).order_by(tasks.c.number).with_for_update()
    found = [task_of(row) for row in unit.connection.execute(query)]
    happening = Happening(event, {"blocker": blocker, "by": by, "reason": reason})
    mover = Mover.DECISION if event is Event.REJECTED else Mover(by.partition(":")[0])
    moved = move_all(unit, [_released(unit, task, happening, reason) for task in found], mover=mover, actor=by)
    for task in moved:
        tell(unit, task.number, ended=task.state in ENDED)
    return sorted({task.runtime for task in moved if task.state is TaskState.READY})


def _released(unit: Unit, task: Task, happening: Happening, reason: str | None) -> Change:
    columns: dict[str, Any] = {"due_at": unit.now, "deaths": 0}
    if happening.event is Event.REJECTED:
        happening, told = after_a_no(unit, task, happening, reason or "")
        columns |= {"holds_subject": False, **told}
    return Change(task, [happening], columns)


def drop(unit: Unit, blocker: str, *, by: str) -> None:
    """End a blocker because a person has cancelled the last task that waited on it; its card says who."""
    if close(unit, blocker, by=f"person:{by}"):
        _withdraw_card(unit, blocker, by=by)


def _withdraw_card(unit: Unit, blocker: str, *, by: str | None = None) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.edge == f"blocker {blocker}")
    still_open = mine & decisions.c.state.in_(OPEN_DECISIONS)
    values = {"state": DecisionState.WITHDRAWN, "decided_at": unit.now, "decided_by": by}
    statement = update(decisions).where(still_open).values(values).returning(decisions.c.number)
    for number in list(unit.connection.execute(statement).scalars()):
        stop_timers(unit, number)
        outbox.show_again(unit, decision=number)
