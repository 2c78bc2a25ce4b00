"""What was tried when a step failed: one row for each try, which later tries, cards and pages read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select

from contracts.vocabulary import TACTICS, TO_PEERS, FailureClass, MoveKind
from storage.database import Unit
from storage.tables.trouble import tried

_NEWEST = 30
"""How many tries a step remembers at least: what is looked at again for days is tried often."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try that failed, and the move that followed.

    `tactic` is the one that was tried ("" for the plain way), `chosen` the tactic, worker or person of the move. `used` are
    the calls that were made, `kept` the names of artifacts that are left of it, `notes` what had been found out.
    """

    step: str
    worker: str
    runtime: str
    tactic: str
    failure_class: FailureClass
    failure_case: str
    cause: str
    sentence: str
    move: MoveKind
    chosen: str
    reason: str
    used: Sequence[Mapping[str, Any]] = ()
    kept: Sequence[str] = ()
    notes: Sequence[str] = ()
    at: datetime | None = None


def keep(unit: Unit, task: int, version: int, one: Tried) -> None:
    """Keep a try; `version` is the task's once it has moved on."""
    row = {**asdict(one), "used": [dict(call) for call in one.used], "kept": list(one.kept), "notes": list(one.notes)}
    key = {"company": unit.company, "task": task, "version": version}
    unit.connection.execute(insert(tried).values(**{**row, **key, "at": unit.now}))


def of_step(unit: Unit, task: int, step: str, *, after: int = 0) -> tuple[Tried, ...]:
    """The tries of a task's step that have failed, the oldest first: the newest ones, and all that led to another way.

    Those up to the version `after` were of something that is not asked for any more.
    """
    mine = (tried.c.company == unit.company) & (tried.c.task == task) & (tried.c.step == step)
    mine = mine & (tried.c.version > after)
    newest = select(tried.c.version).where(mine).order_by(tried.c.version.desc()).limit(_NEWEST)
    wanted = tried.c.move.in_(TACTICS | TO_PEERS) | tried.c.version.in_(newest)
    return _found(unit, select(tried).where(mine, wanted))


def of_task(unit: Unit, task: int) -> tuple[Tried, ...]:
    """All tries of a task that have failed, the oldest first."""
    mine = (tried.c.company == unit.company) & (tried.c.task == task)
    return _found(unit, select(tried).where(mine))


def _found(unit: Unit, query: Select[Any]) -> tuple[Tried, ...]:
    return tuple(_of(row) for row in unit.connection.execute(query.order_by(tried.c.version)))


def _of(row: Any) -> Tried:
    values = {name: getattr(row, name) for name in Tried.__slots__}
    return Tried(**values | {"failure_class": FailureClass(row.failure_class), "move": MoveKind(row.move)})
