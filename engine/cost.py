"""What a task has cost by the dated price list; what has no price is unpriced, never free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, Table, select

from contracts import money
from contracts.company import Price
from escalation.attention import taken
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
    """What machines and people cost: `amount` in whole units of `currency`; both None when a part of it has no price.

    `people_s` is how long people took over its decisions; `people` and `machine` are the parts of the amount.
    """

    compute_s: float
    tool_calls: int
    amount: Decimal | None
    currency: str | None
    people_s: int = 0
    people: Decimal | None = None
    machine: Decimal | None = None

    @property
    def price(self) -> str:
        """The amount as people read it: "0.04 USD", or "unpriced"."""
        return UNPRICED if self.amount is None or self.currency is None else shown_amount(self.amount, self.currency)

    @property
    def sentence(self) -> str:
        """What it is made of: "0.04 USD machine (1.21 s of computing, 3 tool calls), 1.10 USD people (1 min 40 s)"."""
        calls = f"{self.tool_calls} tool call{'' if self.tool_calls == 1 else 's'}"
        machine = f"{self._shown(self.machine, 'machine')} ({self.compute_s:.2f} s of computing, {calls})"
        if not self.people_s:
            return machine
        return f"{machine}, {self._shown(self.people, 'people')} ({_minutes(self.people_s)})"

    def _shown(self, amount: Decimal | None, of: str) -> str:
        if amount is None or self.currency is None:
            return UNPRICED if of == "machine" else f"{UNPRICED} {of}"
        return f"{shown_amount(amount, self.currency)} {of}"


def _minutes(seconds: int) -> str:
    whole, left = divmod(seconds, 60)
    return " ".join(
        part for part in (f"{whole} min" if whole else "", f"{left} s" if left or not whole else "") if part
    )


def cost_so_far(unit: Unit, task: int) -> str:
    """The line that a card shows: "Cost so far 0.04 USD"."""
    return f"Cost so far {cost_of(unit, task).price}"


def cost_of(unit: Unit, task: int) -> Cost:
    """The cost of everything recorded of a task, failed attempts and repeated effects too, at the prices of their days.

    Computing is the time that steps ran, by the clock on the wall. An effect's calls are those counted on its row: each
    perform, each look in vain and the one that verified it.
    """
    used, prices = [*_of_attempts(unit, task), *_of_effects(unit, task)], price_list(unit)
    return with_people(priced(used, prices), taken(unit, task), person_hour(prices, unit.now), prices)


def with_people(cost: Cost, seconds: int, hour: Decimal | None, prices: Sequence[Price]) -> Cost:
    """The cost with people's time added; time without a price makes the whole unpriced, never free."""
    if not seconds:
        return cost
    people = hour * seconds / 3600 if hour is not None else None
    whole = cost.amount + people if cost.amount is not None and people is not None else None
    currency = prices[-1].currency if prices else None
    return replace(cost, amount=whole, currency=currency, people_s=seconds, people=people)


def person_hour(prices: Sequence[Price], at: datetime) -> Decimal | None:
    """What an hour of people's time costs at a moment; None without a price for it."""
    valid = [price for price in prices if price.since <= at.astimezone(UTC).date()]
    return valid[-1].person_hour if valid else None


def priced(used: Sequence[Use], prices: Sequence[Price]) -> Cost:
    """The cost of what was used, by prices that rise by date and share a currency."""
    seconds, calls = sum((one.seconds for one in used), Decimal(0)), sum(one.calls for one in used)
    amounts = [_amount(one, prices) for one in used]
    known = [amount for amount in amounts if amount is not None]
    if not prices or len(known) < len(amounts):
        return Cost(float(seconds), calls, None, None)
    amount = sum(known, Decimal(0))
    return Cost(float(seconds), calls, amount, prices[-1].currency, machine=amount)


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
