"""Budgets as they are held: which level of the tree, or which worker, may cost how much, and when the next period begins."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from contracts.company import Company, Price
from contracts.contract import Lane
from contracts.inheritance import layers_down_to
from contracts.limits import id_of
from contracts.scope import Budget, WorkerBudget
from contracts.standing import WORKER

RUN, DAY, MONTH = "run", "day", "month"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One budget of one level: at most `most` for a task (`run`), or for all tasks below together in a day or month.

    That of a worker (`worker` is its name in the lane, else empty) is for its own runs only, and its level is "worker".
    """

    level: str
    node: str
    name: str
    span: str
    most: Decimal
    currency: str
    worker: str = ""

    @property
    def unit(self) -> str:
        """Whose it is in the record, such as "workspace:customers"."""
        return f"{self.level}:{self.node}"

    @property
    def cause(self) -> str:
        """Its name in the record, such as "budget customers/day"."""
        return f"budget {self.node}/{self.span}"

    @property
    def words(self) -> str:
        """How people read it: "the budget of 10.00 USD a day of Customers"."""
        return f"the budget of {self.most} {self.currency} a {self.span} of {self.name}"


def allowances_of(company: Company, lane: Lane) -> tuple[Allowance, ...]:
    """Every budget that a lane's tasks are paid from, from the company's down to its own and those of its workers."""
    layers = layers_down_to(company, lane)
    of_levels = [
        Allowance(layer.level, id_of(layer), layer.name, span, most, company.currency)
        for layer in layers
        for span, most in budget_of(layer.scope.budget)
    ]
    of_workers = [
        Allowance(WORKER, f"{lane.lane}/{name}", worker.job, span, most, company.currency, name)
        for name, worker in lane.workers.items()
        for span, most in budget_of(worker.budget)
    ]
    return (*of_levels, *of_workers)


def budget_of(budget: Budget | WorkerBudget | None) -> list[tuple[str, Decimal]]:
    """What a budget says: (span, most)."""
    said = budget.model_dump() if budget is not None else {}
    return [(span, most) for span, most in said.items() if most is not None]


def price_on(company: Company, now: datetime) -> Price | None:
    """What machines cost now, in the company's own currency; None when nobody has said."""
    today = now.date()
    valid = [price for price in company.prices if price.since <= today and price.currency == company.currency]
    return valid[-1] if valid else None


def begins(span: str, now: datetime, timezone: str) -> date:
    """The first day of the day or month that it is by the clock on the company's wall."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return today.replace(day=1) if span == MONTH else today


def ends(span: str, now: datetime, timezone: str) -> datetime:
    """When the next day or month begins."""
    first = begins(span, now, timezone)
    after = (first + timedelta(days=32)).replace(day=1) if span == MONTH else first + timedelta(days=1)
    return datetime.combine(after, time(), ZoneInfo(timezone))
