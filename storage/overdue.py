"""What should have moved by now and has not: how much of each kind, and since when its oldest is due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text

from storage.database import Unit


class Kind(StrEnum):
    """What can be late: work that nobody has begun, work that waits for its next move, and what moves on by time."""

    TASK = "task"
    LADDER = "ladder"
    TIMER = "timer"
    DECISION = "decision"
    OUTBOX = "outbox"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Overdue:
    """`amount` things of a kind are due; the oldest, `first`, since `since`, which is `seconds` ago."""

    kind: Kind
    amount: int
    first: str
    since: datetime
    seconds: float


# What can't move yet is not late: a task whose subject another one holds, a timer while its decision's clock is
# stopped, a result before its task's live message.
_OVERDUE = text(
    """with due as (
        select case state when 'ready' then 'task' else 'ladder' end as kind, 'T-' || number as name, due_at
        from task t
        where company = :company and due_at <= :now
            and state not in ('done', 'refused', 'failed', 'cancelled')
            and not exists (select from task rival where rival.company = t.company and rival.subject = t.subject
                and rival.holds_subject and rival.number <> t.number)
        union all
        select 'timer', case w.kind when 'remind' then 'reminder' else w.kind end || ' of decision ' || w.decision, w.due_at
        from timer w join decision d on d.company = w.company and d.number = w.decision
        where w.company = :company and w.fired_at is null and w.due_at <= :now
            and (d.state = 'open' or d.state = 'asked_back' and w.kind = 'question')
        union all
        select 'decision', 'decision ' || number, due_at
        from decision d
        where company = :company and state = 'open' and due_at <= :now
            and not exists (select from timer w
                where w.company = d.company and w.decision = d.number and w.fired_at is null)
        union all
        select 'outbox', message || ' ' || id, due_at
        from outbox o
        where company = :company and state in ('pending', 'sending') and due_at <= :now
            and not (message = 'result' and exists (select from outbox live where live.company = o.company
                and live.task = o.task and live.message = 'task' and live.ts is null
                and live.state in ('pending', 'sending')))
        union all
        select 'delivery', key, due_at
        from delivery
        where company = :company and handled_at is null and due_at <= :now
    )
    select distinct on (kind) kind, count(*) over (partition by kind) as amount, name as first, due_at as since,
        extract(epoch from cast(:now as timestamptz) - due_at)::float as seconds
    from due order by kind, due_at, name"""
)


def overdue(unit: Unit) -> list[Overdue]:
    """What of the bound company is due now, by kind; empty when nothing waits. One statement."""
    rows = unit.connection.execute(_OVERDUE, {"company": unit.company, "now": unit.now})
    return [Overdue(Kind(row.kind), row.amount, row.first, row.since, row.seconds) for row in rows]
