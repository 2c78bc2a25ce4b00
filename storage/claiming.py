"""The statement that claims: which tasks are next, their leases, and what their trails keep of it, in one round trip.

A trail is chained by the hash of its last entry, which stands in the row that is claimed: so here the database hashes.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
)

from contracts.lifecycle import TABLE, Event, Mover
from contracts.priority import HEAD_START_S
from storage.audit import as_content_hash, as_entry_hash, as_moment_written, as_written
from storage.circuits import DOWN
from storage.due import CANDIDATES, NOW
from storage.pipeline import Sendable
from storage.replaced import id_of
from storage.standings import NOT_ACTIVE
from storage.tables.business import lanes
from storage.tables.work import tasks

# As `contracts.priority.turn` of `priority` of the lane's worth and `urgency`. A lane that is gone is worth nothing.
_HEAD_START: ColumnElement[Any] = literal_column(f"interval '{HEAD_START_S:g} seconds'")
_until_deadline = cast(func.extract("epoch", tasks.c.deadline - tasks.c.due_at), Float)
_urgent = case((tasks.c.deadline.is_(None), 0.0), else_=HEAD_START_S / func.greatest(_until_deadline, HEAD_START_S))
_worth = func.coalesce(lanes.c.worth, 0.0)
_NEVER: ColumnElement[Any] = literal_column("timestamptz 'infinity'")
_TURN = tasks.c.due_at - _HEAD_START * (_worth + (1 - _worth) * _urgent)

_READ = (
    *("company", "number", "subject", "state", "version", "fence", "deaths", "lease_runner", "lease_alone"),
    *("trail_seq", "trail_hash"),
)
# All candidates are sorted, so only what is needed of them is read. They come as a list: joined to them, the database would
# read every task, having no idea how few they are; and asked for in a way that no index of what is due answers. Nothing is
# looked up a second time: a plan that was made when there were no tasks would go through all of them for each.
_found = (
    select(
        literal_column("task.ctid").label("ctid"),
        *(tasks.c[name] for name in _READ),
        id_of("task"),
        _TURN.label("turn"),
    )
    .join_from(tasks, lanes, (lanes.c.company == tasks.c.company) & (lanes.c.id == tasks.c.lane), isouter=True)
    .where(
        tasks.c.company == bindparam("company"),
        tasks.c.number == any_(func.array(select(CANDIDATES.c.number).scalar_subquery())),
        func.coalesce(tasks.c.due_at, _NEVER) <= literal_column(NOW),
        tasks.c.runtime == bindparam("runtime"),
    )
    .order_by(tasks.c.lease_runner.is_(None), _TURN, tasks.c.number)  # lost ones first
    .limit(bindparam("batch"))
    .with_for_update(skip_locked=True, of=tasks)
    .cte("found")
)
_LINES = ", ".join(
    f"('{source}', {move.event is Event.TAKEN_OVER}, '{move.event}', '{move.target}')"
    for move in TABLE
    if move.event in {Event.CLAIMED, Event.TAKEN_OVER} and Mover.RUNNER in move.movers
    for source in sorted(move.sources)
)
# A subject that another runner is claiming at this moment is left to it, and one that was claimed since this statement
# began is seen: a claim that waited for that rival at its index, with the rival's row locked here, would be a deadlock.
# What the table of moves lets nobody claim keeps nobody else waiting. Here and below words and names of our own are put in.
_DUE = f"""select f.*, l.event, l.target, row_number() over in_turn as place,
        row_number() over (partition by f.subject order by f.lease_runner is null, f.turn, f.number) as of_subject,
        bool_or(f.lease_runner is not null) over () as some_were_lost
    from found f join (values {_LINES}) l(source, is_lost, event, target)
        on l.source = f.state and l.is_lost = (f.lease_runner is not null)
    where may_hold_subject(f.company, f.subject, f.number)
    window in_turn as (order by f.lease_runner is null, f.turn, f.number)"""  # noqa: S608
_TOLD = {"runner": "cast(:runner as text)", "fence": "fence + 1"}
_TOLD_OF_LOST = {**_TOLD, "lost": "lease_runner"}
# No two tasks on one subject, and one that lost its runner alone, so that only one is suspect if it kills its next one.
_SAID = f"""select ctid, number, version as version_was, fence as fence_was, lease_runner as lost,
        deaths + case when lease_runner is not null and lease_alone then 1 else 0 end as deaths,
        {NOW} as moment, uuid_send(gen_random_uuid()) as salt,
        case when lease_runner is null then {as_written(_TOLD)} else {as_written(_TOLD_OF_LOST)} end as told,
        'task:' || number as trail, trail_seq + 1 as seq, trail_hash as previous, event, state as source, target,
        version + 1 as version
    from due
    where of_subject = 1 and (place = 1 or not some_were_lost) and table_id = coalesce(cast(:table as oid), table_id)"""  # noqa: S608
_HASHED = f"select s.*, {as_content_hash('s.salt', 's.told')} as content_hash from said s"  # noqa: S608
_OF_ENTRY = ("trail", "seq", "event", "source", "target", "version", "content_hash", "previous")
_ENTRY = {
    "company": "cast(:company as text)",
    "actor": "cast(:actor as text)",
    "at": as_moment_written("h.moment"),
    **{name: f"h.{name}" for name in _OF_ENTRY},
}
_ENTRIES = f"select h.*, {as_entry_hash(_ENTRY)} as hash from hashed h"  # noqa: S608
# Where they were found and locked, which takes no index: without statistics the database would choose one in which others
# stand between, and a claim took the longer the more tasks there were. What another had moved before is left alone.
_CLAIMED = """update task set state = e.target, version = e.version, trail_seq = e.seq, trail_hash = e.hash,
        waiting_for = null, waiting_on = null, lease_runner = :runner, lease_alone = e.lost is not null,
        holds_subject = true, fence = e.fence_was + 1, deaths = e.deaths,
        due_at = e.moment + make_interval(secs => cast(:lease_s as float8))
    from entries e
    where task.ctid = e.ctid and task.company = :company and task.number = e.number
        and task.version = e.version_was and task.fence = e.fence_was
    returning task.*"""
_LOGGED = f"""insert into audit_entry (company, at, actor, hash, salt, content, {", ".join(_OF_ENTRY)})
    select :company, moment, :actor, hash, salt, cast(told as jsonb), {", ".join(_OF_ENTRY)}
    from entries where number in (select number from claimed)"""  # noqa: S608
_TAKEN = """select claimed.*, due.table_id, around.not_active, around.down,
        (select to_jsonb(person) from person where person.company = :company and person.id = claimed.requester
            and not jsonb_exists(cast(:known as jsonb), person.id)) as asked_by
    from due left join claimed on claimed.number = due.number cross join around order by due.place"""
_AROUND = select(NOT_ACTIVE.label("not_active"), DOWN.label("down")).cte("around")
_PARTS = {"due": _DUE, "said": _SAID, "hashed": _HASHED, "entries": _ENTRIES, "claimed": _CLAIMED, "logged": _LOGGED}
CLAIM = Sendable(
    text(_TAKEN)
    .columns()
    .add_cte(_found, _AROUND, *(text(words).columns().cte(name) for name, words in _PARTS.items()))
)
"""Claims up to `:batch` tasks of `:company` that are due on `:runtime` for `:runner`, as `:actor`, for `:lease_s` seconds.

A row for each that could be claimed, in turn: as the task is then, of nulls when it was left. Nothing is claimed of a record whose
table has another id than `:table`, unless that is null. `asked_by` is the requester, unless among the names in `:known`, a
JSON list; `not_active` and `down` are as in storage.standings and storage.circuits.
"""
