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


@dataclass(frozen=True, slots=True)
class Share:
    """How much was `taken`, and `of` which budgets."""

    taken: Decimal = Decimal(0)
    of: tuple[Spending, ...] = ()


@dataclass(slots=True)
class Purse:
    """`before` is what the task cost in earlier runs; `shares` are what this run has taken of budgets, by worker.

    That of the whole run, of the budgets above all workers, has the name "".
    """

    price: Price
    before: Decimal
    shares: dict[str, Share] = field(default_factory=dict)

    def share(self, worker: str) -> Share:
        """What was taken for that worker, or for the whole run."""
        return self.shares.get(worker, Share())

    @property
    def owes(self) -> bool:
        """Whether there is something to settle."""
        return any(share.of for share in self.shares.values())


@dataclass(slots=True)
class Used:
    """What a run has used: seconds of steps' code and calls of tools; `by` whom, as far as workers have used it."""

    seconds: Decimal = Decimal(0)
    calls: int = 0
    by: dict[str, "Used"] = field(default_factory=dict)

    def add(self, began: datetime, ended: datetime, calls: int, *, by: str = "") -> None:
        """Count a try of a step's code."""
        seconds = Decimal(str((ended - began).total_seconds()))
        for used in (self, self.by.setdefault(by, Used())) if by else (self,):
            used.seconds += seconds
            used.calls += calls

    def of(self, worker: str) -> "Used":
        """What one worker has used; all of it for ""."""
        return self.by.get(worker, Used()) if worker else self

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
    if not company.prices:
        return None
    now = clock()
    price = price_on(company, now)
    return Meter(worker, price, now, clock) if price is not None else None
