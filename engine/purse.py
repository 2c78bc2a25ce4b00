"""What a run has taken of budgets, and the meter at its worker's desk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from contracts.authoring import Governance
from contracts.budgets import price_on
from contracts.company import Company, Price
from contracts.contract import WorkerDeclaration
from storage.budget_uses import Spending


@dataclass(slots=True)
class Purse:
    """`before` is what the task cost in earlier runs, `taken` what this run may cost, `of` the budgets it was taken of."""

    price: Price
    before: Decimal
    taken: Decimal = Decimal(0)
    of: list[Spending] = field(default_factory=list)


@dataclass(slots=True)
class Used:
    """What a run has used: seconds of steps' code and calls of tools."""

    seconds: Decimal = Decimal(0)
    calls: int = 0

    def add(self, began: datetime, ended: datetime, calls: int) -> None:
        """Count a try of a step's code."""
        self.seconds += Decimal(str((ended - began).total_seconds()))
        self.calls += calls

    def cost(self, price: Price) -> Decimal:
        """What that costs."""
        return price.compute_second * self.seconds + price.tool_call * self.calls


@dataclass(slots=True)
class Meter:
    """Stops a worker at its desk before a call that would make its run dearer than its cost profile allows."""

    worker: WorkerDeclaration
    price: Price
    began: datetime
    clock: Callable[[], datetime]

    def allow(self, calls: int) -> None:
        """Raise Governance if that many calls, and the time that has passed, are more than the run may cost."""
        used = Used()
        used.add(self.began, self.clock(), calls)
        if used.cost(self.price) > self.worker.cost.at_most:
            most = f"{self.worker.cost.at_most} {self.price.currency}"
            raise Governance(f"{self.worker.job} stopped before its run would cost more than {most}.", cause="budget")


def meter(company: Company, worker: WorkerDeclaration, clock: Callable[[], datetime]) -> Meter | None:
    """A meter that begins now; None while it is not known what machines cost."""
    now = clock()
    price = price_on(company, now)
    return Meter(worker, price, now, clock) if price is not None else None
