"""What a task has cost by the dated price list; what has no price is unpriced, never free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, Table, select

from contracts import money
from contracts.company import Price
from storage.database import Unit
from storage.tables.business import companies
from storage.tables.work import attempts, effects

UNPRICED = "unpriced"
_PRICES = TypeAdapter(tuple[Price, ...])


@dataclass(frozen=True, slots=True)
class Use:
    """What was used at a moment: seconds that a step's code ran, and calls of tools."""

    at: datetime
    seconds: Decimal
    calls: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Machine cost: `amount` in whole units of `currency`; both None when a part of it has no price."""

    compute_s: float
    tool_calls: int
    amount: Decimal | None
    currency: str | None

    @property
    def price(self) -> str:
        """The amount as people read it: "0.04 USD", or "unpriced"."""
        return UNPRICED if self.amount is None or self.currency is None else shown_amount(self.amount, self.currency)

    @property
    def sentence(self) -> str:
        """The amount and what it is made of: "0.04 USD machine (1.21 s of computing, 3 tool calls)"."""
        calls = f"{self.tool_calls} tool call{'' if self.tool_calls == 1 else 's'}"
        price = UNPRICED if self.amount is None else f"{self.price} machine"
        return f"{price} ({self.compute_s:.2f} s of computing, {calls})"


def cost_so_far(unit: Unit, task: int) -> str:
    """The line that a card shows: "Cost so far 0.04 USD"."""
    return f"Cost so far {cost_of(unit, task).price}"


def cost_of(unit: Unit, task: int) -> Cost:
    """The cost of everything recorded of a task, failed attempts and repeated effects too, at the prices of their days.

    Computing is the time that steps ran, by the clock on the wall. An effect's calls are those counted on its row: each
    perform, each look in vain and the one that verified it.
    """
    used = [*_of_attempts(unit, task), *_of_effects(unit, task)]
    return priced(used, price_list(unit))


def priced(used: Sequence[Use], prices: Sequence[Price]) -> Cost:
    """The cost of what was used, by prices that rise by date and share a currency."""
    seconds, calls = sum((one.seconds for one in used), Decimal(0)), sum(one.calls for one in used)
    amounts = [_amount(one, prices) for one in used]
    known = [amount for amount in amounts if amount is not None]
    if not prices or len(known) < len(amounts):
        return Cost(float(seconds), calls, None, None)
    return Cost(float(seconds), calls, sum(known, Decimal(0)), prices[-1].currency)


def _amount(use: Use, prices: Sequence[Price]) -> Decimal | None:
    day = use.at.astimezone(UTC).date()
    valid = [price for price in prices if price.since <= day]
    return valid[-1].compute_second * use.seconds + valid[-1].tool_call * use.calls if valid else None


def shown_amount(amount: Decimal, currency: str) -> str:
    """An amount in whole units, as exact as the currency; less than its smallest coin keeps two digits, so that little is not shown as nothing."""
    digits = money.decimals(currency)
    if 0 < amount < Decimal(1).scaleb(-digits):
        return f"{round(amount, 1 - amount.adjusted()):f} {currency}"
    return f"{amount:,.{digits}f} {currency}"


def _of_attempts(unit: Unit, task: int) -> Iterable[Use]:
    for row in unit.connection.execute(_rows(unit, attempts, task)):
        ran = row.ended_at - row.started_at
        yield Use(row.started_at, Decimal(str(ran.total_seconds())), row.tool_calls)


def _of_effects(unit: Unit, task: int) -> Iterable[Use]:
    for row in unit.connection.execute(_rows(unit, effects, task)):
        calls = row.performs + row.looks + (row.verified_at is not None)
        yield Use(row.intended_at, Decimal(0), calls)


def _rows(unit: Unit, table: Table, task: int) -> Select[Any]:
    return select(table).where(table.c.company == unit.company, table.c.task == task)


def price_list(unit: Unit) -> tuple[Price, ...]:
    """The company's prices as they were published last, oldest first."""
    found = select(companies.c.declared["prices"]).where(companies.c.id == unit.company)
    return _PRICES.validate_python(unit.connection.execute(found).scalar_one_or_none() or [], strict=False)
