"""What effects have used of caps: counted under a lock, so that no two runners use the same room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from contracts.vocabulary import TaskState, WaitingFor
from storage.database import Unit
from storage.pipeline import Query, Sendable
from storage.recordsets import as_json
from storage.tables.limiting import cap_uses
from storage.tables.work import tasks


@dataclass(frozen=True, slots=True)
class Span:
    """What is summed: the uses of `what` by all effects of a blast radius below a node of the tree, in a span."""

    level: str
    node: str
    blast: str
    what: str
    span: timedelta


_LOCK = Sendable(
    text(
        "select pg_advisory_xact_lock(hashtextextended('cap/' || cast(:company as text) || '/' || cast(:blast as text), 0))"
    )
)
# An effect that is under way counts however old it is; one whose task has ended counts from that end.
_COUNTS = """u.company = :company and u.blast = w.blast and u.given_back_at is null
    and case w.level when 'lane' then u.lane when 'portfolio' then u.portfolio when 'workspace' then u.workspace
        else u.company end = w.node
    and (u.settled_at > (select chargehand_now()) - w.seconds * interval '1 second' or (u.settled_at is null
        and not exists (select from task t where t.company = u.company and t.number = u.task
            and t.ended_at <= (select chargehand_now()) - w.seconds * interval '1 second')))"""
_AMOUNT = """case w.what when 'amount' then u.amount when 'records' then u.records
    when 'recipients' then u.recipients else u.count end"""
_SPANS = "jsonb_to_recordset(cast(:spans as jsonb)) w(ordinal int, level text, node text, blast text, what text, seconds float8{})"
_WANTED, _NEEDED = _SPANS.format(""), _SPANS.format(", need bigint, most bigint")
_SUMS = Sendable(
    text(
        f"""select w.ordinal, coalesce(sum({_AMOUNT}), 0)::bigint as used from {_WANTED}
    left join cap_use u on {_COUNTS} group by w.ordinal order by w.ordinal"""  # noqa: S608 - text of our own
    )
)
# A statement that fails undoes all that goes with it, so it divides by zero where some span has not the room.
_HAVE_ROOM = Sendable(
    text(
        f"""select 1 / case when bool_and(s.used + s.need <= s.most) then 1 else 0 end as have_room from (
        select w.need, w.most, coalesce(sum({_AMOUNT}), 0)::bigint as used from {_NEEDED}
        left join cap_use u on {_COUNTS} group by w.ordinal, w.need, w.most) s"""  # noqa: S608 - text of our own
    )
)
_USES = text(
    f"""select coalesce(u.settled_at, (select chargehand_now())) as at, {_AMOUNT} as amount from {_WANTED}
    join cap_use u on {_COUNTS} order by 1"""  # noqa: S608 - text of our own
)


def counting(company: str, blast: str, spans: Sequence[Span]) -> list[Query]:
    """What a transaction begins with to learn how much was used in each span that ends now.

    Nobody else counts effects of this blast radius until it ends. `used_of` reads the last one's rows.
    """
    return [(_LOCK, {"company": company, "blast": blast}), (_SUMS, _parameters(company, spans))]


def needing(company: str, blast: str, needs: Sequence[tuple[Span, int, int]]) -> list[Query]:
    """As `counting`, for whoever asks no more than whether each span has room for what is needed of it, with its most.

    Where one has not, the last statement fails with sqlalchemy's DataError, and so does all that is sent with it.
    """
    spans = [_row(ordinal, span) | {"need": need, "most": most} for ordinal, (span, need, most) in enumerate(needs)]
    return [(_LOCK, {"company": company, "blast": blast}), (_HAVE_ROOM, {"company": company, "spans": as_json(spans)})]


def used_of(rows: Sequence[Any]) -> list[int]:
    """How much was used, span by span."""
    return [row.used for row in rows]


def uses(unit: Unit, span: Span) -> list[tuple[datetime, int]]:
    """When how much was used in a span that ends now, oldest first; what is under way is used now."""
    return [(row.at, row.amount) for row in unit.connection.execute(_USES, _parameters(unit.company, [span]))]


def _parameters(company: str, spans: Sequence[Span]) -> dict[str, Any]:
    return {"company": company, "spans": as_json([_row(ordinal, one) for ordinal, one in enumerate(spans)])}


def _row(ordinal: int, span: Span) -> dict[str, Any]:
    named = {"level": span.level, "node": span.node, "blast": span.blast, "what": span.what}
    return {"ordinal": ordinal, **named, "seconds": span.span.total_seconds()}


def settle(unit: Unit, key: str) -> None:
    """From now on the use of an effect grows old: it can't happen any more."""
    unit.connection.execute(update(cap_uses).where(_mine(unit, key)).values(settled_at=unit.now))


def give_back(unit: Unit, key: str) -> None:
    """Free the room of an effect that was seen not to have happened, if it had used any."""
    unit.connection.execute(update(cap_uses).where(_mine(unit, key)).values(given_back_at=unit.now))


def _mine(unit: Unit, key: str) -> Any:
    return (cap_uses.c.company == unit.company) & (cap_uses.c.key == key)


def waiting(unit: Unit, cause: str) -> int:
    """How many tasks wait for room under one cap."""
    in_line = (tasks.c.waiting_for == WaitingFor.TIME) & (tasks.c.waiting_on == cause)
    mine = (tasks.c.company == unit.company) & (tasks.c.state == TaskState.WAITING) & in_line
    query = select(func.count()).select_from(tasks).where(mine, tasks.c.due_at > unit.now)
    found: int = unit.connection.execute(query).scalar_one()
    return found
