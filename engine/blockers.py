"""Blockers: one row for each cause that stops a lane, with an owner who is told once, lifted for all that wait on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import Message, TaskState, WaitingFor
from engine.bench import Bench
from escalation.decisions import Outcome, OutcomeKind
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.inserting import inserted
from storage.outbox import Letter
from storage.tables.work import blockers, tasks
from storage.tasks import task_of
from storage.transitions import Change, Happening, move_all

NOTHING_WAITS = Outcome(OutcomeKind.ALREADY, "Nothing waits for this any more. Nothing for you to do.")


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in the way of a lane, who owns it, and what they have to do."""

    cause: str
    lane: str
    owner: str
    sentence: str
    action: str


def identity(blocker: Blocker, at: datetime) -> str:
    """A fresh id, readable in a log."""
    return f"{blocker.lane}:{blocker.cause}:{int(at.timestamp() * 1000)}"


def owner_words(bench: Bench, owner: str) -> str:
    """Who is on it, in a sentence."""
    who = bench.requester(owner)
    return f"Owner: {who.name if who else owner}."


def join(unit: Unit, blocker: Blocker, fresh: str, task: int) -> None:
    """Open the blocker, or join the open one with the same cause; its owner gets one notice, whoever joins later."""
    values = {name: getattr(blocker, name) for name in Blocker.__slots__}
    statement = insert(blockers).values(company=unit.company, id=fresh, opened_at=unit.now, **values)
    opened = inserted(unit, statement)
    if not opened:
        _wait_on(unit, task, open_id(unit, blocker.lane, blocker.cause) or fresh)
        return
    sentence = f"{blocker.sentence} {blocker.lane.capitalize()} waits for it. {blocker.action}"
    details = {"sentence": sentence, "action": "try_again"}
    letter = Letter(Message.NOTICE, f"blocker:{fresh}", person=blocker.owner, task=task, details=details)
    outbox.put(unit, letter)
    note(unit, f"lane:{blocker.lane}", Said("blocked", "runner", {"blocker": fresh, "cause": blocker.cause}))


def _wait_on(unit: Unit, task: int, blocker: str) -> None:
    mine = (tasks.c.company == unit.company) & (tasks.c.number == task)
    unit.connection.execute(update(tasks).where(mine).values(waiting_on=blocker))


def open_id(unit: Unit, lane: str, cause: str) -> str | None:
    """The open blocker of a lane with that cause."""
    mine = (blockers.c.company == unit.company) & (blockers.c.lane == lane) & (blockers.c.cause == cause)
    query = select(blockers.c.id).where(mine, blockers.c.lifted_at.is_(None))
    found: str | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def lift(unit: Unit, lane: str, causes: Collection[str], *, by: str) -> None:
    """End the open blockers with these causes and release every task that waits on them."""
    open_here = (blockers.c.company == unit.company) & (blockers.c.lane == lane) & blockers.c.lifted_at.is_(None)
    statement = update(blockers).where(open_here, blockers.c.cause.in_(causes))
    ids = unit.connection.execute(statement.values(lifted_at=unit.now, lifted_by=by).returning(blockers.c.id)).scalars()
    for one in list(ids):
        release(unit, one, by=by)
        note(unit, f"lane:{lane}", Said("unblocked", by, {"blocker": one}))


def release(unit: Unit, blocker: str, *, by: str) -> list[str]:
    """Make every task that waits on a blocker ready; returns the runtimes that have work now."""
    waiting = (tasks.c.waiting_for == WaitingFor.BLOCKER) & (tasks.c.waiting_on == blocker)
    query = select(tasks).where(tasks.c.company == unit.company, waiting, tasks.c.state == TaskState.WAITING)
    found = [task_of(row) for row in unit.connection.execute(query.order_by(tasks.c.number).with_for_update())]
    happening = Happening(Event.UNBLOCKED, {"blocker": blocker, "by": by})
    changes = [Change(task, [happening], {"due_at": unit.now, "deaths": 0}) for task in found]
    mover = Mover(by.partition(":")[0])
    return sorted({task.runtime for task in move_all(unit, changes, mover=mover, actor=by)})


def try_again(unit: Unit, *, task: int, person: str) -> Outcome:
    """The owner says that a blocker is mended: all tasks that wait on it are ready again."""
    mine = (tasks.c.company == unit.company) & (tasks.c.number == task)
    row = unit.connection.execute(
        select(blockers)
        .join(tasks, (tasks.c.company == blockers.c.company) & (tasks.c.waiting_on == blockers.c.id))
        .where(mine, tasks.c.waiting_for == WaitingFor.BLOCKER, blockers.c.lifted_at.is_(None))
    ).one_or_none()
    if row is None:
        return NOTHING_WAITS
    if row.owner != person:
        note(unit, f"lane:{row.lane}", Said("answer_refused", f"person:{person}", {"blocker": row.id}))
        return Outcome(
            OutcomeKind.NOT_ENTITLED, "Only the owner of this blocker can release it; your try is on record."
        )
    still_open = (blockers.c.company == unit.company) & (blockers.c.id == row.id) & blockers.c.lifted_at.is_(None)
    lifted = update(blockers).where(still_open).values(lifted_at=unit.now, lifted_by=person)
    if unit.connection.execute(lifted).rowcount == 0:
        return NOTHING_WAITS
    runtimes = release(unit, row.id, by=f"person:{person}")
    note(unit, f"lane:{row.lane}", Said("unblocked", f"person:{person}", {"blocker": row.id}))
    return Outcome(OutcomeKind.DECIDED, "Trying again now.", runtimes[0] if runtimes else None)
