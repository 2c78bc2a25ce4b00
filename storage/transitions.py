"""The one way in which a task's state moves: guarded update, audit entries and what belongs to them in one statement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import text, update

from contracts.lifecycle import Event, Mover, move_for
from contracts.vocabulary import ENDED, Became, TaskState
from storage import outbox
from storage.audit import Head, Said, chain
from storage.database import Trips, Unit, end_with
from storage.deliveries import BECOMING_TASKS
from storage.in_flight import Sender
from storage.outbox import Letter
from storage.pipeline import Query, Sendable, carried_out
from storage.recordsets import as_json, inserting, rows_of
from storage.subjects import awaiting
from storage.tables.limiting import cap_uses
from storage.tables.trail import audit_entries
from storage.tables.work import (
    artifacts,
    attempts,
    effects,
    judged_facts,
    step_results,
    task_artifacts,
    tasks,
    verdicts,
)
from storage.tasks import COLUMNS, Task, values_of


class Moved(Exception):
    """Somebody else moved the task first (or holds it with a newer fencing number): nothing was changed."""


class NotAllowed(Exception):
    """The table does not let this kind of mover cause this event."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a move and what the audit trail keeps of it."""

    event: Event
    content: Mapping[str, Any] = field(default_factory=dict)


Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is written only if its task has moved: whole rows as their tables have them, and letters.

    `effects` are new; `settled` says of effects that exist (by `key`, with `task`) what was seen of them, from when on their
    uses of caps grow old. `uses` are new uses of caps. `evidence` are artifacts of the task, whose `contents` are named
    with them. Letters that go with one of several moves are about its task.
    """

    attempts: Rows = ()
    results: Rows = ()
    verdicts: Rows = ()
    facts: Rows = ()
    effects: Rows = ()
    settled: Rows = ()
    uses: Rows = ()
    contents: Rows = ()
    evidence: Rows = ()
    letters: Sequence[Letter] = ()


_SETS_OF_ROWS = tuple(one.name for one in fields(Beside) if one.name != "letters")
BesideIt = Callable[[Task], Beside]
"""What is written beside a task as it is after its move."""


def _nothing(task: Task) -> Beside:
    return Beside()


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one task: the events in order, and the columns that change beside its state.

    Only these are written: what was put into `task` since it was read is not.
    """

    task: Task
    happenings: Sequence[Happening]
    columns: Mapping[str, Any] = field(default_factory=dict)


_OF_REQUEST = {"subject", "requester", "request", "deadline", "origin", "form_key", "accepted_at"}
_NEVER_CHANGED = {"company", "number", "lane"} | _OF_REQUEST
_MUTABLE = tuple(name for name in COLUMNS if name not in _NEVER_CHANGED)
_ENTRY = tuple(column.name for column in audit_entries.columns if column.name != "id")
_SEEN = ("state", "performed_at", "verified_at", "answer", "seen")
_OF_MOVED = "r.task in (select number from moved)"
_ABOUT_MOVED = (
    f"exists (select from moved) and (r.task is null or r.task <> all(cast(:numbers as bigint[])) or {_OF_MOVED})"
)
_SETTLING = f"""update effect set {", ".join(f"{name} = r.{name}" for name in _SEEN)} from {rows_of(effects, "settled")}
    where effect.company = :company and effect.key = r.key and {_OF_MOVED}"""  # noqa: S608 - column names of our own
_AGEING = f"""update cap_use set settled_at = r.verified_at from {rows_of(effects, "settled")}
    where cap_use.company = :company and cap_use.key = r.key and {_OF_MOVED}"""  # noqa: S608 - column names of our own
# In one order, so that no two statements wait for each other; of two tasks with the same content one names it.
_NAMING = f"""insert into artifact (company, digest, media_type, size, content, saved_at)
    select distinct on (r.digest) r.company, r.digest, r.media_type, r.size, r.content, r.saved_at
    from {rows_of(artifacts, "contents")}
    where r.digest in (select r.digest from {rows_of(task_artifacts, "evidence")} where {_OF_MOVED}) order by r.digest
    on conflict (company, digest) do update set content = excluded.content, erased_at = null
    where artifact.erased_at is not null"""  # noqa: S608 - as above
_SHOWING = f"""{inserting(task_artifacts, "evidence", where=_OF_MOVED)} on conflict (company, task, name, digest)
    do update set step = excluded.step, at = excluded.at, canonical = excluded.canonical"""
_BESIDE = (
    ("attempts", "tried", inserting(attempts, "attempts", where=_OF_MOVED)),
    ("results", "given", inserting(step_results, "results", where=_OF_MOVED)),
    ("verdicts", "judged", inserting(verdicts, "verdicts", where=_OF_MOVED)),
    ("facts", "known", inserting(judged_facts, "facts", where=_OF_MOVED)),
    ("effects", "begun", inserting(effects, "effects", where=_OF_MOVED)),
    ("settled", "ended", _SETTLING),
    ("settled", "aged", _AGEING),
    ("uses", "used", f"{inserting(cap_uses, 'uses', where=_OF_MOVED)} on conflict do nothing"),
    ("evidence", "named", _NAMING),
    ("evidence", "shown", _SHOWING),
    ("letters", "told", outbox.putting(where=_ABOUT_MOVED)),
)
"""What is written of which rows, and under which name."""
_LOGGED = inserting(audit_entries, "entries", where="r.trail in (select 'task:' || number from moved)", names=_ENTRY)
# A column that a move does not name stays as it is. The numbers stand there once more, as a list: joined only to what
# comes as JSON, the database has no idea how few they are, and would read every task of the company.
_MOVED = f"""with moved as (
    update task set ({", ".join(_MUTABLE)}) = (
        select {", ".join(f"r.{name}" for name in _MUTABLE)} from jsonb_populate_record(task.*, w.becomes) r)
    from jsonb_to_recordset(cast(:moves as jsonb)) w(number bigint, version_was bigint, fence_was bigint, becomes jsonb)
    where task.company = :company and task.number = any(cast(:numbers as bigint[])) and task.number = w.number
        and task.version = w.version_was and task.fence = w.fence_was
    returning task.number), logged as ({_LOGGED})"""  # noqa: S608 - column names of our own
# Planned once a session, where it goes by itself: that takes as long as the move.
_ONE_PLAN = (Sendable(text("select set_config('plan_cache_mode', 'force_generic_plan', true)")), dict[str, Any]())
_REMARK = text(inserting(audit_entries, "entries", names=_ENTRY))
_FOUND = " select number from moved"
_WANTED = f"""select number, delivery, ({awaiting("asked.subject")} limit 1) as awaited
    from jsonb_to_recordset(cast(:asked as jsonb)) asked(number bigint, subject text, delivery text)"""  # noqa: S608 - as below
_UNAWAITED = "r.number = any(array(select number from wanted where awaited is null))"
_BEGIN = Sendable(
    text(
        f"""with wanted as materialized ({_WANTED}),
    moved as ({inserting(tasks, "tasks", where=_UNAWAITED)} returning number),
    logged as ({_LOGGED}),
    told as ({outbox.putting(where=_OF_MOVED)}),
    handled as ({BECOMING_TASKS} and w.number in (select number from moved))
    select number, awaited from wanted where awaited is not null"""  # noqa: S608 - column names of our own
    )
)


@lru_cache
def _moving_with(kinds: frozenset[str]) -> Sendable:
    """The statement that writes rows of those kinds beside moves: an insert of no rows takes the database as long as one."""
    beside = "".join(f", {name} as ({writing})" for kind, name, writing in _BESIDE if kind in kinds)
    return Sendable(text(_MOVED + beside + _FOUND))


def move(
    unit: Unit,
    change: Change,
    *,
    mover: Mover,
    actor: str,
    beside: BesideIt = _nothing,
    is_last: bool = False,
    guards: Sequence[Query] = (),
) -> Task:
    """Move one task and write `beside` it what that gives for the task as it is then, all in one statement.

    With `is_last` the transaction is committed in the same round trip; `guards` go before it in that, and where one fails
    nothing is written. Raises Moved when somebody else was first (nothing is written then), IllegalMove and NotAllowed
    against the table.
    """
    planned = _plan(unit, change, mover=mover, actor=actor)
    if not _carried_out(unit, [planned], [beside(planned.after)], is_last=is_last, guards=guards):
        raise Moved(change.task.name)
    return planned.after


class Together:
    """Several moves, each with what belongs beside it, that one statement makes; `after` has the tasks as they will be."""

    def __init__(self, unit: Unit, moves: Sequence[tuple[Change, BesideIt]], *, mover: Mover, actor: str) -> None:
        planned = [_plan(unit, change, mover=mover, actor=actor) for change, _ in moves]
        self.after = [one.after for one in planned]
        besides = [beside(one.after) for one, (_, beside) in zip(planned, moves, strict=True)]
        self._query = _query(unit, planned, besides)

    def carry_out(self, unit: Unit) -> list[Task]:
        """Make the moves now; returns those that nobody else had moved."""
        _, rows = carried_out(unit.connection, [_ONE_PLAN, self._query])
        return self._of(row.number for row in rows)

    def send(self, sender: Sender) -> None:
        """Have them made while something else is done."""
        sender.send(*self._query)

    def answered(self, sender: Sender) -> list[Task]:
        """What `carry_out` returns, of moves that were sent."""
        return self._of(row.number for row in sender.answer())

    def _of(self, numbers: Iterable[int]) -> list[Task]:
        won = set(numbers)
        return [task for task in self.after if task.number in won]


def move_all(unit: Unit, changes: Sequence[Change], *, mover: Mover, actor: str) -> list[Task]:
    """Move several tasks in one statement; returns those that nobody else had moved."""
    if not changes:
        return []
    planned = [_plan(unit, change, mover=mover, actor=actor) for change in changes]
    won = _carried_out(unit, planned)
    return [one.after for one in planned if one.after.number in won]


def _carried_out(
    unit: Unit,
    planned: Sequence["_Planned"],
    besides: Sequence[Beside] = (),
    *,
    is_last: bool = False,
    guards: Sequence[Query] = (),
) -> set[int]:
    """The numbers of the tasks that have moved."""
    queries = [*guards, _ONE_PLAN, _query(unit, planned, besides)]
    *_, rows = end_with(unit, *queries) if is_last else carried_out(unit.connection, queries)
    return {row.number for row in rows}


def _query(unit: Unit, planned: Sequence["_Planned"], besides: Sequence[Beside] = ()) -> Query:
    written = _written(unit, besides)
    return _moving_with(frozenset(written)), _moving(unit, planned) | written


def _moving(unit: Unit, planned: Sequence["_Planned"]) -> dict[str, Any]:
    entries = [entry for one in planned for entry in one.entries]
    moves = [_wanted(one.before, one.columns) for one in planned]
    numbers = [one.before.number for one in planned]
    return {"company": unit.company, "numbers": numbers, "moves": as_json(moves), "entries": as_json(entries)}


def _written(unit: Unit, besides: Sequence[Beside]) -> dict[str, str]:
    """What there is to write, by kind."""
    rows: dict[str, list[Mapping[str, Any]]] = {
        kind: [row for beside in besides for row in getattr(beside, kind)] for kind in _SETS_OF_ROWS
    }
    letters = [letter for beside in besides for letter in beside.letters]
    rows["letters"] = [*outbox.as_rows(unit, letters)]
    return {kind: as_json(found) for kind, found in rows.items() if found}


@dataclass(frozen=True, slots=True)
class Beginning:
    """A drafted task, its first events and its letter; `delivery` is the key of the one that brought it, if any did."""

    draft: Task
    happenings: Sequence[Happening]
    actor: str
    told: Letter
    delivery: str | None

    @property
    def asked(self) -> dict[str, Any]:
        """What the statement has to know of it beside the rows that it writes."""
        return {"number": self.draft.number, "subject": self.draft.subject, "delivery": self.delivery}


def begin(trips: Trips, unit: Unit, beginnings: Sequence[Beginning]) -> dict[int, int]:
    """Insert drafted tasks moved by their first events at the moment of `unit`, each with its letter, in a transaction of its
    own; the deliveries that brought them have become them.

    Where a decision on a task's subject is awaited nothing is written of it: returns, by its number, the task that
    awaits it. Raises sqlalchemy's IntegrityError, and writes nothing at all, when a form key is taken.
    """
    planned = [
        _plan(unit, Change(one.draft, one.happenings), mover=Mover.INTAKE, actor=one.actor) for one in beginnings
    ]
    written = {
        "asked": [one.asked for one in beginnings],
        "tasks": [_row(one.after) for one in planned],
        "entries": [entry for one in planned for entry in one.entries],
        "letters": outbox.as_rows(unit, [one.told for one in beginnings]),
    }
    named = {"company": unit.company, "now": unit.now.isoformat(), "became": Became.TASK}
    rows = {name: as_json(value) for name, value in written.items()}
    _, found = trips.carry_out(_BEGIN, named | rows)
    return {row.number: row.awaited for row in found}


def remark(unit: Unit, task: Task, said: Said) -> None:
    """Add to the trail of a task that has ended an entry that moves nothing; the caller holds its row locked.

    Raises NotAllowed before its end: its runner writes the trail then.
    """
    if task.state not in ENDED:
        raise NotAllowed(f"{task.name} has not ended")
    rows, head = chain(unit.company, task.trail, Head(task.trail_seq, task.trail_hash), [said], unit.now)
    unit.connection.execute(_REMARK, {"entries": as_json(rows)})
    mine = (tasks.c.company == unit.company) & (tasks.c.number == task.number)
    unit.connection.execute(update(tasks).where(mine).values(trail_seq=head.seq, trail_hash=head.hash))


@dataclass(frozen=True, slots=True)
class _Planned:
    """A move as it will be if nobody else is first: the task, the columns that change, and what the trail keeps of it."""

    before: Task
    after: Task
    columns: Mapping[str, Any]
    entries: list[dict[str, Any]]


def _plan(unit: Unit, change: Change, *, mover: Mover, actor: str) -> _Planned:
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
    columns = _columns(unit, change, state, version, head)
    return _Planned(change.task, replace(change.task, **columns), columns, rows)


def _columns(unit: Unit, change: Change, state: TaskState, version: int, head: Head) -> dict[str, Any]:
    columns = dict(change.columns)
    if state in ENDED:
        columns |= {"ended_at": unit.now, "due_at": None, "lease_runner": None, "holds_subject": False}
    if state is not TaskState.WAITING:
        columns |= {"waiting_for": None, "waiting_on": None}
    return columns | {"state": state, "version": version, "trail_seq": head.seq, "trail_hash": head.hash}


def _wanted(before: Task, becomes: Mapping[str, Any]) -> dict[str, Any]:
    return {"number": before.number, "version_was": before.version, "fence_was": before.fence, "becomes": becomes}


def _row(task: Task) -> dict[str, Any]:
    return dict(zip(COLUMNS, values_of(task), strict=True))
