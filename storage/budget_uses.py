"""What was spent of budgets: taken before it is spent, and settled when it is known."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text

from storage.database import Unit
from storage.recordsets import as_json


@dataclass(frozen=True, slots=True)
class Spending:
    """An amount of one node's budget in a period; what is settled may be negative."""

    node: str
    span: str
    starts: date
    amount: Decimal
    most: Decimal


# In one order, so that no two statements wait for each other.
_ROWS = """insert into budget_use as b (company, node, span, starts, spent, most)
    select :company, w.node, w.span, w.starts, w.amount, w.most
    from jsonb_to_recordset(cast(:rows as jsonb)) w(node text, span text, starts date, amount numeric, most numeric)"""
_TAKE = text(
    f"""{_ROWS} where w.amount <= w.most order by w.node, w.span
    on conflict (company, node, span, starts) do update set spent = b.spent + excluded.spent, most = excluded.most
        where b.spent + excluded.spent <= excluded.most
    returning node, span"""
)
_SETTLE = text(
    f"""{_ROWS} order by w.node, w.span
    on conflict (company, node, span, starts) do update set spent = greatest(0, b.spent + excluded.spent)"""
)


def take(unit: Unit, wanted: Sequence[Spending]) -> set[tuple[str, str]]:
    """Take what is wanted of each budget that has it; returns (node, span) of those that had.

    Whoever needs all of them gives up the transaction when one had not.
    """
    return {(row.node, row.span) for row in unit.connection.execute(_TAKE, _parameters(unit, wanted))}


def settle(unit: Unit, differences: Sequence[Spending]) -> None:
    """Say how much more (or less) than was taken has been spent."""
    unit.connection.execute(_SETTLE, _parameters(unit, differences))


def _parameters(unit: Unit, rows: Sequence[Spending]) -> dict[str, str]:
    told = [{**asdict(row), "starts": row.starts.isoformat()} for row in rows]
    plain = [{**one, "amount": str(one["amount"]), "most": str(one["most"])} for one in told]
    return {"company": unit.company, "rows": as_json(plain)}
