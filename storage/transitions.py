"""The one way in which a task's state moves: table, guarded update and audit entries in one statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import insert, text

from contracts.lifecycle import Event, Mover, move_for
from contracts.vocabulary import ENDED, TaskState
from storage.audit import Head, Said, chain
from storage.database import Unit
from storage.tables.work import tasks
from storage.tasks import COLUMNS, Task


class Moved(Exception):
    """Somebody else moved the task first (or holds it with a newer fencing number): nothing was changed."""


class NotAllowed(Exception):
    """The table does not let this kind of mover cause this event."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a move and what the audit trail keeps of it."""

    event: Event
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one task: the events in order, and the columns that change beside its state."""

    task: Task
    happenings: Sequence[Happening]
    columns: Mapping[str, Any] = field(default_factory=dict)


_MUTABLE = tuple(
    name
    for name in COLUMNS
    if name not in {"company", "number", "lane", "subject", "requester", "form_key", "accepted_at", "request", "origin"}
)
_TYPES = {
    "version": "bigint",
    "fence": "bigint",
    "deaths": "bigint",
    "tries": "bigint",
    "trail_seq": "bigint",
    "priority": "double precision",
    "lease_alone": "boolean",
    "holds_subject": "boolean",
    "facts": "jsonb",
    "told": "jsonb",
    "due_at": "timestamptz",
    "ended_at": "timestamptz",
}
_ENTRY = (
    "trail text, seq bigint, at timestamptz, event text, actor text, source text, target text, version bigint, "
    "content_hash text, previous text, hash text, salt text, content jsonb"
)
_INSERT_ENTRIES = f"""
    insert into audit_entry
        (company, trail, seq, at, event, actor, source, target, version, content_hash, previous, hash, salt, content)
    select :company, e.trail, e.seq, e.at, e.event, e.actor, e.source, e.target, e.version,
        e.content_hash, e.previous, e.hash, decode(e.salt, 'hex'), e.content
    from jsonb_to_recordset(cast(:entries as jsonb)) as e({_ENTRY})
"""  # noqa: S608 - column names of our own
_LOG = text(_INSERT_ENTRIES)
_MOVE = text(
    f"""
    with wanted as (
        select * from jsonb_to_recordset(cast(:moves as jsonb)) as w(
            number bigint, version_was bigint, fence_was bigint,
            {", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in _MUTABLE)})
    ), moved as (
        update task set {", ".join(f"{name} = wanted.{name}" for name in _MUTABLE)}
        from wanted
        where task.company = :company and task.number = wanted.number
            and task.version = wanted.version_was and task.fence = wanted.fence_was
        returning task.number
    ), logged as ({_INSERT_ENTRIES} where e.trail in (select 'task:' || moved.number from moved))
    select number from moved
    """  # noqa: S608 - column names of our own
)


def move(unit: Unit, change: Change, *, mover: Mover, actor: str) -> Task:
    """Move one task; raises Moved when somebody else was first, IllegalMove and NotAllowed against the table."""
    moved = move_all(unit, [change], mover=mover, actor=actor)
    if not moved:
        raise Moved(change.task.name)
    return moved[0]


def move_all(unit: Unit, changes: Sequence[Change], *, mover: Mover, actor: str) -> list[Task]:
    """Move several tasks in one statement; returns those that nobody else had moved."""
    if not changes:
        return []
    planned = [_plan(unit, change, mover=mover, actor=actor) for change in changes]
    entries = [entry for _, rows in planned for entry in rows]
    moves = [_wanted(change.task, after) for change, (after, _) in zip(changes, planned, strict=True)]
    parameters = {"company": unit.company, "moves": _dump(moves), "entries": _dump(entries)}
    won = set(unit.connection.execute(_MOVE, parameters).scalars())
    return [after for after, _ in planned if after.number in won]


def begin(unit: Unit, draft: Task, happenings: Sequence[Happening], *, actor: str) -> Task:
    """Insert a drafted task moved by its first events; the caller guards against a form key that is taken."""
    change = Change(draft, happenings)
    after, rows = _plan(unit, change, mover=Mover.INTAKE, actor=actor)
    unit.connection.execute(insert(tasks), {name: getattr(after, name) for name in COLUMNS})
    unit.connection.execute(_LOG, {"company": unit.company, "entries": _dump(rows)})
    return after


def _plan(unit: Unit, change: Change, *, mover: Mover, actor: str) -> tuple[Task, list[dict[str, Any]]]:
    state, version, said = change.task.state, change.task.version, []
    for happening in change.happenings:
        line = move_for(state, happening.event)
        if mover not in line.movers:
            raise NotAllowed(f"{mover} may not cause {happening.event}")
        version += 1
        said.append(Said(happening.event, actor, happening.content, state, line.target, version))
        state = line.target
    head = Head(change.task.trail_seq, change.task.trail_hash)
    rows, head = chain(unit.company, change.task.trail, head, said, unit.now)
    return _after(unit, change, state, version, head), rows


def _after(unit: Unit, change: Change, state: TaskState, version: int, head: Head) -> Task:
    columns = dict(change.columns)
    if state in ENDED:
        columns |= {"ended_at": unit.now, "due_at": None, "lease_runner": None, "holds_subject": False}
    if state is not TaskState.WAITING:
        columns |= {"waiting_for": None, "waiting_on": None}
    return replace(change.task, **columns, state=state, version=version, trail_seq=head.seq, trail_hash=head.hash)


def _wanted(before: Task, after: Task) -> dict[str, Any]:
    return {
        "number": before.number,
        "version_was": before.version,
        "fence_was": before.fence,
        **{name: getattr(after, name) for name in _MUTABLE},
    }


def _dump(value: Any) -> str:
    return json.dumps(value, default=lambda moment: moment.isoformat())
