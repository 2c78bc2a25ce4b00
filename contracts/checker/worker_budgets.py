"""Checks budgets of workers: each lets its worker run, and is at most what holds above it."""

from collections.abc import Iterator
from decimal import Decimal

from contracts.budgets import budget_of
from contracts.company import Company
from contracts.contract import Lane, WorkerDeclaration
from contracts.inheritance import in_force
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer


def worker_budget_mistakes(lane: Lane, page: Page, company: Company) -> Iterator[Mistake]:
    """Budgets below what one run costs, above those in force for the lane, or of a worker who is not held to one."""
    force = in_force(company, lane)
    said = [(name, *one) for name, worker in lane.workers.items() for one in budget_of(worker.budget)]
    for name, span, most in said:
        at: Pointer = ("workers", name, "budget", span)
        worker = lane.workers[name]
        above = force.get(("budget", span))
        yield from _too_small(page, at, worker, most)
        if above is not None and isinstance(above.value, Decimal) and most > above.value:
            where = f"the {above.layer.level} {above.layer.name}"
            yield page.mistake(at, f"{most} is more than {where} allows", f"Write at most {above.value}.")
    for name, worker in lane.workers.items():
        if worker.budget is not None and worker.coordinates is not None:
            hint = "Take it away: the lane's budget pays for it."
            yield page.mistake(("workers", name, "budget"), "a coordinator has no budget of its own", hint)


def _too_small(page: Page, at: Pointer, worker: WorkerDeclaration, most: Decimal) -> Iterator[Mistake]:
    if worker.cost.at_most > most:
        message = (
            f"one run of {at[1]} may cost {worker.cost.at_most}, all of a {at[-1]} at most {most}: it would never run"
        )
        yield page.mistake(at, message, "Raise the budget, or lower cost › at_most.")
