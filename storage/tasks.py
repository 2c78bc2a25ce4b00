"""One task's row as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import select, update

from contracts.vocabulary import Rung, TaskState, WaitingFor
from storage.database import Unit
from storage.tables.work import tasks


class TaskNotFound(LookupError):
    """This company has no such task."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the database has it; `request` and `facts` are JSON documents, `due_at` when somebody must look.

    `lease_runner` is set while a runner works on it, and `due_at` is then the end of the lease. `fence` grows with
    each claim; a write that carries an older one is refused. `told` holds the finished lines that people are shown,
    `way` what its way through the lane's graph needs beside its facts.
    """

    company: str
    number: int
    lane: str
    lane_hash: str
    worker: str
    step: str
    runtime: str
    state: TaskState
    version: int
    rung: Rung
    waiting_for: WaitingFor | None
    waiting_on: str | None
    sentence: str
    told: dict[str, Any]
    due_at: datetime | None
    lease_runner: str | None
    lease_alone: bool
    fence: int
    deaths: int
    tries: int
    deadline: datetime | None
    subject: str
    holds_subject: bool
    requester: str
    request: dict[str, Any]
    facts: dict[str, Any]
    way: dict[str, Any]
    origin: dict[str, Any]
    form_key: str
    accepted_at: datetime
    ended_at: datetime | None
    trail_seq: int
    trail_hash: str

    @property
    def name(self) -> str:
        """How people call it: T-1042."""
        return f"T-{self.number}"

    @property
    def trail(self) -> str:
        """The name of its audit trail."""
        return f"task:{self.number}"


COLUMNS = tuple(field.name for field in fields(Task))
values_of = attrgetter(*COLUMNS)
"""The values of a task, or of a row that has every column, in the order of COLUMNS."""


def task_of(row: Any) -> Task:
    """The value of a database row that has every column."""
    values = dict(zip(COLUMNS, values_of(row), strict=True))
    values["state"] = TaskState(values["state"])
    values["rung"] = Rung(values["rung"])
    values["waiting_for"] = WaitingFor(values["waiting_for"]) if values["waiting_for"] else None
    return Task(**values)


def load(unit: Unit, number: int, *, lock: bool = False) -> Task:
    """The task, locked until the transaction ends if asked; raises TaskNotFound."""
    query = select(tasks).where(tasks.c.company == unit.company, tasks.c.number == number)
    row = unit.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise TaskNotFound(f"there is no task T-{number}")
    return task_of(row)


def rewrite(unit: Unit, number: int, *, request: Mapping[str, Any], subject: str, deadline: datetime | None) -> None:
    """Put what its requester asks for now in the place of what a task was asked for.

    The caller has moved the task in the same transaction, with an entry that says so.
    """
    mine = (tasks.c.company == unit.company) & (tasks.c.number == number)
    asked = {"request": dict(request), "subject": subject, "deadline": deadline}
    unit.connection.execute(update(tasks).where(mine).values(**asked))
