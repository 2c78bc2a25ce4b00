"""What was spent of budgets: taken before it is spent, and settled when it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.exc import DataError

from storage.database import Unit
from storage.pipeline import Sendable, carried_out
from storage.recordsets import as_json


@dataclass(frozen=True, slots=True)
class Spending:
    """An amount of one node's budget in a period; what is settled may be negative."""

    node: str
    span: str
    starts: date
    amount: Decimal
    most: Decimal


class NotAll(Exception):
    """Some budget has not what is wanted of it, and none was taken of any."""


# In one order, so that no two statements wait for each other.
_WANTED = """select cast(:company as text) as company, w.node, w.span, w.starts, w.amount, w.most
    from jsonb_to_recordset(cast(:rows as jsonb)) w(node text, span text, starts date, amount numeric, most numeric)"""
_INTO = "insert into budget_use as b (company, node, span, starts, spent, most)"
_TAKE = f"""{_INTO} {_WANTED} where w.amount <= w.most order by w.node, w.span
    on conflict (company, node, span, starts) do update set spent = b.spent + excluded.spent, most = excluded.most
        where b.spent + excluded.spent <= excluded.most
    returning node, span"""
_SENT_TAKE = Sendable(text(_TAKE))
# A statement that fails takes nothing, so it divides by zero where some budget had not enough.
_SENT_TAKE_ALL = Sendable(
    text(
        f"""with taken as ({_TAKE})
        select 1 / case when count(*) = jsonb_array_length(cast(:rows as jsonb)) then 1 else 0 end as all_taken from taken"""  # noqa: S608 - text of our own
    )
)
_SENT_SETTLE = Sendable(
    text(
        f"""{_INTO} {_WANTED} order by w.node, w.span
    on conflict (company, node, span, starts) do update set spent = greatest(0, b.spent + excluded.spent)"""
    )
)


def take(unit: Unit, wanted: Sequence[Spending]) -> set[tuple[str, str]]:
    """Take what is wanted of each budget that has it; returns (node, span) of those that had.

    Whoever needs all of them gives up the transaction when one had not.
    """
    (rows,) = carried_out(unit.connection, [(_SENT_TAKE, _parameters(unit, wanted))])
    return {(row.node, row.span) for row in rows}


def take_all(unit: Unit, wanted: Sequence[Spending]) -> None:
    """Take what is wanted of each budget, in one statement. Raises NotAll where one has not that left."""
    try:
        carried_out(unit.connection, [(_SENT_TAKE_ALL, _parameters(unit, wanted))])
    except DataError as error:
        raise NotAll from error


def settle(unit: Unit, differences: Sequence[Spending]) -> None:
    """Say how much more (or less) than was taken has been spent."""
    carried_out(unit.connection, [(_SENT_SETTLE, _parameters(unit, differences))])


def _parameters(unit: Unit, rows: Sequence[Spending]) -> dict[str, str]:
    plain = [
        {
            "node": row.node,
            "span": row.span,
            "starts": row.starts.isoformat(),
            "amount": str(row.amount),
            "most": str(row.most),
        }
        for row in rows
    ]
    return {"company": unit.company, "rows": as_json(plain)}
