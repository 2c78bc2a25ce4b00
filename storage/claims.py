"""Leases on due tasks: claiming them in turn, keeping them, and giving them back."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    update,
)

from contracts.lifecycle import Event, Mover
from contracts.priority import HEAD_START_S
from contracts.standing import Stand
from contracts.vocabulary import Rung
from storage.circuits import DOWN
from storage.database import BoundConnection, Unit
from storage.directory import Person, look_up, person_of
from storage.due import CANDIDATES, NOW
from storage.failpoints import passing
from storage.pipeline import Sendable
from storage.replaced import id_of, recognise
from storage.standings import NOT_ACTIVE, stands_of
from storage.tables.business import lanes
from storage.tables.work import tasks
from storage.tasks import Task, task_of
from storage.transitions import Change, Happening, move_all, move_at_last

LEASE_S = 10.0
POISON_DEATHS = 2
_MOST_AT_PEERS = 200
NO_LEASE: Mapping[str, Any] = {"lease_runner": None, "lease_alone": False, "deaths": 0}
"""Columns of a task that nobody has in hand any more and that has got somewhere: what it lost before counts no more."""


def _in_turn(table: FromClause, turn: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Lost ones first, then by their turn."""
    return [table.c.lease_runner.is_(None), turn, table.c.number]


# As `contracts.priority.turn` of `priority` of the lane's worth and `urgency`. A lane that is gone is worth nothing.
_HEAD_START: ColumnElement[Any] = literal_column(f"interval '{HEAD_START_S:g} seconds'")
_until_deadline = cast(func.extract("epoch", tasks.c.deadline - tasks.c.due_at), Float)
_urgent = case((tasks.c.deadline.is_(None), 0.0), else_=HEAD_START_S / func.greatest(_until_deadline, HEAD_START_S))
_worth = func.coalesce(lanes.c.worth, 0.0)
_NEVER: ColumnElement[Any] = literal_column("timestamptz 'infinity'")
_TURN = tasks.c.due_at - _HEAD_START * (_worth + (1 - _worth) * _urgent)

# Narrow, because all candidates are sorted: only what is locked is read whole. They come as a list: joined to them, the
# database would read every task, having no idea how few they are; and asked for in a way that no index of what is due
# answers.
_next = (
    select(tasks.c.number, _TURN.label("turn"))
    .join_from(tasks, lanes, (lanes.c.company == tasks.c.company) & (lanes.c.id == tasks.c.lane), isouter=True)
    .where(
        tasks.c.company == bindparam("company"),
        tasks.c.number == any_(func.array(select(CANDIDATES.c.number).scalar_subquery())),
        func.coalesce(tasks.c.due_at, _NEVER) <= literal_column(NOW),
        tasks.c.runtime == bindparam("runtime"),
    )
    .order_by(*_in_turn(tasks, _TURN))
    .limit(bindparam("batch"))
    .with_for_update(skip_locked=True, of=tasks)
    .cte("next")
)
# Each by its number: a plan that was made when there were few tasks is kept, and would go through all of them.
_whole = (
    select(tasks, id_of("task"))
    .where(tasks.c.company == bindparam("company"), tasks.c.number == _next.c.number)
    .offset(literal_column("0"))
    .lateral("whole")
)
_found = select(_whole, _next.c.turn).join_from(_next, _whole, true()).cte("found")
# A subject that another runner is claiming at this moment is left to it, and one that was claimed since this statement
# began is seen: a claim that waited for that rival at its index, with the rival's row locked here, would be a deadlock.
_SUBJECT_IS_FREE = func.may_hold_subject(_found.c.company, _found.c.subject, _found.c.number)
_DUE = (
    select(_found, NOT_ACTIVE.label("not_active"), DOWN.label("down"))
    .where(_SUBJECT_IS_FREE)
    .order_by(*_in_turn(_found, _found.c.turn))
)
_SENT_DUE = Sendable(_DUE)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims: the runner's id, the runtime whose tasks it takes, and how long a lease lasts in seconds."""

    runner: str
    runtime: str
    lease_s: float = LEASE_S


@dataclass(frozen=True, slots=True)
class Taken:
    """Tasks that were claimed, and how the company's units stood then, those that are active left out.

    `down` are the systems that do not answer here, `people` who asked for those tasks, as far as they were not known.
    """

    tasks: Sequence[Task] = ()
    stands: Mapping[str, Stand] = field(default_factory=dict)
    down: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)


def take(connection: BoundConnection, claimant: Claimant, *, batch: int, known: Container[str] = ()) -> Taken:
    """Claim up to `batch` due tasks, each under a new fencing number, in a transaction of two round trips.

    A task whose runner was lost comes alone, so that only one is suspect if it kills its next runner too. No two tasks
    on one subject are at work at once. `known` are people who need not be looked up. Raises storage.replaced.Replaced.
    """
    parameters = {"company": connection.company, "runtime": claimant.runtime, "batch": batch}
    with connection.transaction_from((_SENT_DUE, parameters)) as (unit, (rows,)):
        if not rows:
            return Taken()
        recognise(unit, "task", rows[0].table_id)
        found = [task_of(row) for row in rows]
        if found[0].lease_runner is not None:
            found = found[:1]
        changes = [_claimed(task, claimant, unit.now) for task in _first_of_each_subject(found)]
        unknown = sorted({change.task.requester for change in changes if change.task.requester not in known})
        asked = [look_up(unit.company, unknown)] if unknown else []
        passing("claim.before_commit")
        held, *people = move_at_last(unit, changes, mover=Mover.RUNNER, actor=f"runner:{claimant.runner}", beside=asked)
    return Taken(
        held,
        stands_of(rows[0].not_active),
        dict(rows[0].down or {}),
        {row.id: person_of(row) for rows in people for row in rows},
    )


def at_peers(unit: Unit) -> list[int]:
    """The tasks that are due, whose step a peer has and nobody is at work on, those that have waited longest first."""
    due = (tasks.c.company == unit.company) & (tasks.c.rung == Rung.PEER) & (tasks.c.due_at <= unit.now)
    query = select(tasks.c.number).where(due).order_by(tasks.c.due_at).limit(_MOST_AT_PEERS)
    return list(unit.connection.execute(query).scalars())


def claim_from_peer(unit: Unit, claimant: Claimant, number: int, *, unless: Callable[[Task], bool]) -> Task | None:
    """Claim such a task whatever its runtime; None when somebody is at work on it or on its subject, or `unless` says so of it."""
    due = (tasks.c.company == unit.company) & (tasks.c.rung == Rung.PEER) & (tasks.c.due_at <= unit.now)
    query = select(tasks).where(due, tasks.c.number == number).with_for_update(skip_locked=True)
    row = unit.connection.execute(query).one_or_none()
    if row is None or unless(task_of(row)) or not _may_hold(unit, task_of(row)):
        return None
    changes = [_claimed(task_of(row), claimant, unit.now)]
    return move_all(unit, changes, mover=Mover.RUNNER, actor=f"runner:{claimant.runner}")[0]


def _may_hold(unit: Unit, task: Task) -> bool:
    free: bool = unit.connection.execute(
        select(func.may_hold_subject(task.company, task.subject, task.number))
    ).scalar_one()
    return free


def _first_of_each_subject(found: Sequence[Task]) -> list[Task]:
    firsts: dict[str, Task] = {}
    for task in found:
        firsts.setdefault(task.subject, task)
    return list(firsts.values())


def _claimed(task: Task, claimant: Claimant, now: datetime) -> Change:
    lost = task.lease_runner is not None
    lease = {
        "lease_runner": claimant.runner,
        "lease_alone": lost,
        "holds_subject": True,
        "fence": task.fence + 1,
        "deaths": task.deaths + (1 if lost and task.lease_alone else 0),
        "due_at": now + timedelta(seconds=claimant.lease_s),
    }
    content = {"runner": claimant.runner, "fence": task.fence + 1}
    if lost:
        return Change(task, [Happening(Event.TAKEN_OVER, {**content, "lost": task.lease_runner})], lease)
    return Change(task, [Happening(Event.CLAIMED, content)], lease)


def may_be_poison(task: Task) -> bool:
    """Whether the task has lost its runner so often, while it was the only one at work, that these may have died of it."""
    return task.deaths >= POISON_DEATHS


def renew(unit: Unit, claimant: Claimant, numbers: Collection[int]) -> int:
    """Push the leases of these tasks out; returns how many of them the runner still holds.

    Only what the runner knows to be in its hands: a lease that it has lost sight of has to run out. They are locked in
    the order in which `hand_back` locks them, whose thread is another.
    """
    until = unit.now + timedelta(seconds=claimant.lease_s)
    held = _held(unit, claimant, numbers).with_only_columns(tasks.c.company, tasks.c.number).cte("held")
    mine = (tasks.c.company == held.c.company) & (tasks.c.number == held.c.number)
    return unit.connection.execute(update(tasks).where(mine).values(due_at=until)).rowcount


def hand_back(unit: Unit, claimant: Claimant, held: Sequence[Task], *, why: str) -> list[Task]:
    """Give back tasks that were claimed and not begun, as they are now: somebody may want one cancelled meanwhile."""
    free = {"lease_runner": None, "lease_alone": False, "due_at": unit.now}
    fences = {task.number: task.fence for task in held}
    found = [task_of(row) for row in unit.connection.execute(_held(unit, claimant, fences))]
    still = [task for task in found if task.fence == fences[task.number]]
    changes = [Change(task, [Happening(Event.HANDED_BACK, {"why": why})], free) for task in still]
    return move_all(unit, changes, mover=Mover.RUNNER, actor=f"runner:{claimant.runner}")


def _held(unit: Unit, claimant: Claimant, numbers: Collection[int]) -> Select[Any]:
    """Those of the tasks whose lease the runner has, locked one after the other."""
    mine = (tasks.c.company == unit.company) & (tasks.c.lease_runner == claimant.runner)
    return select(tasks).where(mine, tasks.c.number.in_(numbers)).order_by(tasks.c.number).with_for_update()
