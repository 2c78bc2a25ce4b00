"""Checks of one company's record: what is late, stuck, blocked, doubted, left or undelivered, each by name."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from chargehand.doctor.diagnosis import Diagnosis, bad, counted, good, some, unknown
from contracts.wording import duration
from engine.auditor import counted as told
from storage.database import Database, Unit
from storage.overdue import Kind, overdue

PATIENCE_S: Mapping[Kind, float] = {
    Kind.TIMER: 15,
    Kind.DECISION: 15,
    Kind.LADDER: 30,
    Kind.TASK: 30,
    Kind.DELIVERY: 60,
    Kind.OUTBOX: 60,
}
"""How late the oldest of a kind may be, in seconds, when somebody asks."""

_CLOCK, _RUNNER = (
    "if it stays: read the log of `clock`, then start it anew",
    "if it stays: read the log of `runner`, then start it anew",
)
_MENDS: Mapping[Kind, str] = {
    Kind.TIMER: _CLOCK,
    Kind.DECISION: "chargehand decide NUMBER approve|reject --as PERSON; then report it: a decision without a timer is our fault",
    Kind.LADDER: _RUNNER,
    Kind.TASK: _RUNNER,
    Kind.DELIVERY: "read the log of `web` (of `mail` for letters): delivery.failed names the cause",
    Kind.OUTBOX: "if it stays: read the log of `courier`, then start it anew",
}


def record(database: Database, company: str) -> Iterator[Diagnosis]:
    """Every check of the record for one company; one that the database refuses is a finding itself."""
    for name, check in CHECKS:
        try:
            with database.transaction(company) as unit:
                found = list(check(unit))
        except OperationalError:
            yield unknown("record", "Can't be read: the database is away.")
            return
        except SQLAlchemyError as error:
            kind = type(getattr(error, "orig", None) or error).__name__
            mend = "DATABASE_OWNER_URL=… chargehand migrate; if it stays, the app's role has lost rights"
            yield bad(name, f"The record refuses to tell ({kind}).", mend)
        else:
            yield from found or [good(name, NOTHING_WRONG[name])]


def _late(unit: Unit) -> Iterator[Diagnosis]:
    for one in overdue(unit):
        if one.seconds > PATIENCE_S[one.kind]:
            yield bad(f"late {one.kind}", f"{told(one)}.", _MENDS[one.kind])


_STUCK = text("select number from stuck_tasks() where company = :company order by number")


def _stuck(unit: Unit) -> Iterator[Diagnosis]:
    names = [f"T-{row.number}" for row in _rows(unit, _STUCK)]
    if names:
        said = f"Nothing would ever move {some(names)}: a fault of ours."
        yield bad("stuck", said, f"chargehand why {names[0]}; keep its trail and report it")


_BLOCKED = text(
    """select b.sentence, b.action, b.opened_at, p.name, count(t.number) as tasks, min(t.number) as first
    from blocker b
    left join person p on p.company = b.company and p.id = b.owner
    left join task t on t.company = b.company and t.waiting_on = b.id and t.waiting_for = 'blocker' and t.state = 'waiting'
    where b.company = :company and b.lifted_at is null
    group by b.id, b.sentence, b.action, b.opened_at, b.owner, p.name order by b.opened_at"""
)


def _blocked(unit: Unit) -> Iterator[Diagnosis]:
    for row in _rows(unit, _BLOCKED):
        who = row.name or "its owner"
        tasks = f"{counted(row.tasks, 'task')} since {_since(unit, row.opened_at)}, owned by {who}"
        first = f"chargehand why T-{row.first}; " if row.first else ""
        yield bad("blocked", f"{tasks}: {row.sentence}", f"{first}mend the cause, then {who} presses Try again")


_DOUBTED = text(
    """select e.state, e.tool, e.task, e.intended_at from effect e
    join task t on t.company = e.company and t.number = e.task
    where e.company = :company and e.state in ('unknown', 'disproved') and e.finding is null
        and t.state not in ('done', 'refused', 'failed', 'cancelled')
    order by e.intended_at"""
)


def _doubted(unit: Unit) -> Iterator[Diagnosis]:
    for row in _rows(unit, _DOUBTED):
        said = f"{row.tool} of T-{row.task} is {row.state} since {_since(unit, row.intended_at)}."
        mend = "look in the outside system, then press It happened or It did not happen"
        settle = "settle it in the outside system, then press Try again"
        yield bad("effect", said, f"chargehand why T-{row.task}; {mend if row.state == 'unknown' else settle}")


_LEFT = text(
    "select key, source, kind, received_at, tries from delivery"
    " where company = :company and handled_at is null and due_at is null order by received_at"
)


def _left(unit: Unit) -> Iterator[Diagnosis]:
    found = list(_rows(unit, _LEFT))
    if found:
        oldest = found[0]
        came = f"the oldest by {oldest.source} ({oldest.kind}) {_since(unit, oldest.received_at)}"
        said = f"{counted(len(found), 'delivery').replace('deliverys', 'deliveries')} left after {oldest.tries} tries, {came}."
        yield bad(
            "delivery",
            said,
            f"mend the cause (delivery.failed in the log), then: chargehand deliveries --retry {oldest.key}",
        )


_UNDELIVERED = text(
    """select message, state, coalesce(error, 'no reason kept') as error, count(*) as amount,
        min(task) as task, array_agg(distinct coalesce(person, channel, 'nobody')) as readers
    from outbox
    where company = :company and state in ('failed', 'unknown')
        and coalesce(sending_at, created_at) > chargehand_now() - interval '1 day'
    group by 1, 2, 3 order by 4 desc"""
)


def _undelivered(unit: Unit) -> Iterator[Diagnosis]:
    for row in _rows(unit, _UNDELIVERED):
        what = f"{counted(row.amount, row.message)} to {some(row.readers)}"
        ends = "did not arrive" if row.state == "failed" else "may have arrived or not"
        mend = f"tell them another way: chargehand why T-{row.task}" if row.task else "tell them another way"
        yield bad("message", f"{what} {ends} within the last day ({row.error}).", mend)


_ABSENT = text(
    """select d.number, d.task, array_agg(p.name order by p.name) as names, cardinality(d.entitled) as asked
    from decision d join person p on p.company = d.company and p.id = any(d.entitled) and not p.active
    where d.company = :company and d.state in ('open', 'asked_back')
    group by d.company, d.number, d.task, d.entitled order by d.number"""
)


def _absent(unit: Unit) -> Iterator[Diagnosis]:
    for row in _rows(unit, _ABSENT):
        said = f"Decision {row.number} (T-{row.task}) asks {some(row.names)}, no longer active: {len(row.names)} of {row.asked} asked."
        yield bad(
            "asked", said, f"chargehand why T-{row.task}; silence takes it to the next in line, or cancel the task"
        )


def _since(unit: Unit, then: datetime) -> str:
    lasted = duration(max(0, int((unit.now - then).total_seconds())))
    return f"{then:%d %b %H:%M} UTC ({lasted})"


def _rows(unit: Unit, query: Any) -> Iterator[Row[Any]]:
    yield from unit.connection.execute(query, {"company": unit.company})


CHECKS: tuple[tuple[str, Callable[[Unit], Iterator[Diagnosis]]], ...] = (
    ("late", _late),
    ("stuck", _stuck),
    ("blocked", _blocked),
    ("effect", _doubted),
    ("delivery", _left),
    ("message", _undelivered),
    ("asked", _absent),
)
NOTHING_WRONG: Mapping[str, str] = {
    "late": "What is due is moving.",
    "stuck": "No task without anything that would move it.",
    "blocked": "No blocker is open.",
    "effect": "None is unknown or disproved.",
    "delivery": "What came in has been dealt with, or is looked at again.",
    "message": "None failed or is in doubt, within a day.",
    "asked": "Everybody who is asked is active.",
}
