"""Leases on due tasks: claiming them in turn, keeping them, and giving them back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update

from contracts.lifecycle import Event, Mover
from contracts.standing import Stand
from contracts.vocabulary import Rung
from storage.claiming import CLAIM
from storage.database import BoundConnection, Unit
from storage.directory import Person, person_from
from storage.recordsets import as_json
from storage.replaced import noted, recognise
from storage.standings import stands_of
from storage.tables.work import tasks
from storage.tasks import Task, task_of
from storage.transitions import Change, Happening, move_all

LEASE_S = 10.0
POISON_DEATHS = 2
_MOST_AT_PEERS = 200
NO_LEASE: Mapping[str, Any] = {"lease_runner": None, "lease_alone": False, "deaths": 0}
"""Columns of a task that nobody has in hand any more and that has got somewhere: what it lost before counts no more."""


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


def take(connection: BoundConnection, claimant: Claimant, *, batch: int, known: Collection[str] = ()) -> Taken:
    """Claim up to `batch` due tasks, each under a new fencing number, in a transaction of one round trip.

    A task whose runner was lost comes alone, so that only one is suspect if it kills its next runner too. No two tasks
    on one subject are at work at once. `known` are people who need not be looked up. Raises storage.replaced.Replaced.
    """
    unit, found = connection.carry_out(CLAIM, _asking(connection, claimant, batch=batch, known=known))
    if not found:
        return Taken()
    recognise(unit, "task", found[0].table_id)
    rows = [row for row in found if row.number is not None]
    people = [person_from(row.asked_by) for row in rows if row.asked_by is not None]
    return Taken(
        [task_of(row) for row in rows],
        stands_of(found[0].not_active),
        dict(found[0].down or {}),
        {one.id: one for one in people},
    )


def _asking(
    connection: BoundConnection, claimant: Claimant, *, batch: int, known: Collection[str]
) -> dict[str, str | int | None]:
    return {
        "company": connection.company,
        "runtime": claimant.runtime,
        "batch": batch,
        "runner": claimant.runner,
        "actor": _actor(claimant),
        "lease_s": str(claimant.lease_s),
        "table": noted(connection, "task"),
        "known": as_json(sorted(known)),
    }


def _actor(claimant: Claimant) -> str:
    return f"runner:{claimant.runner}"


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
    return move_all(unit, changes, mover=Mover.RUNNER, actor=_actor(claimant))[0]


def _may_hold(unit: Unit, task: Task) -> bool:
    free: bool = unit.connection.execute(
        select(func.may_hold_subject(task.company, task.subject, task.number))
    ).scalar_one()
    return free


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
    return move_all(unit, changes, mover=Mover.RUNNER, actor=_actor(claimant))


def _held(unit: Unit, claimant: Claimant, numbers: Collection[int]) -> Select[Any]:
    """Those of the tasks whose lease the runner has, locked one after the other."""
    mine = (tasks.c.company == unit.company) & (tasks.c.lease_runner == claimant.runner)
    return select(tasks).where(mine, tasks.c.number.in_(numbers)).order_by(tasks.c.number).with_for_update()
