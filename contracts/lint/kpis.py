"""Warns of numbers that nobody moves, that only count how busy somebody was, or that stand outside the strategy."""

from collections.abc import Iterator
from decimal import Decimal

from contracts.inheritance import in_force
from contracts.loaded import Business
from contracts.mistakes import Mistake


def unmoved_numbers(business: Business) -> Iterator[Mistake]:
    """KPIs that no lane serves and no worker has."""
    lanes = [loaded.lane for loaded in business.lanes.values()]
    moved = {lane.serves for lane in lanes} | {worker.kpi for lane in lanes for worker in lane.workers.values()}
    for index, kpi in enumerate(business.company.kpis):
        if kpi.name not in moved:
            hint = "Let a lane serve it or a worker have it, or delete it."
            yield business.page.mistake(("kpis", index, "name"), f"nobody moves {kpi.name}", hint)


def activity_numbers(business: Business) -> Iterator[Mistake]:
    """Workers who are measured by how much they do."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            kpi = business.company.kpi(worker.kpi)
            if kpi is not None and kpi.counts == "activity":
                message = f"{name} is measured by {kpi.name}, which counts activity: it can be moved without any use"
                hint = "Give it a KPI that counts an outcome."
                yield loaded.page.mistake(("workers", name, "kpi"), message, hint)


def numbers_without_place(business: Business) -> Iterator[Mistake]:
    """KPIs that show no key result, where objectives are declared."""
    company = business.company
    shown = {name for _, _, result in company.placed_key_results() for name in result.kpis}
    for index, kpi in enumerate(company.kpis):
        if company.objectives and kpi.name not in shown:
            hint = "Name it among the kpis of a key result."
            yield business.page.mistake(("kpis", index, "name"), f"{kpi.name} shows no key result", hint)


def dear_runs(business: Business) -> Iterator[Mistake]:
    """Workers whose run may cost more than one task may."""
    for loaded in business.lanes.values():
        budget = in_force(business.company, loaded.lane).get(("budget", "run"))
        for name, worker in loaded.lane.workers.items():
            if budget is not None and isinstance(budget.value, Decimal) and worker.cost.at_most > budget.value:
                message = f"one run of {name} may cost {worker.cost.at_most}, a whole task at most {budget.value}"
                hint = "Lower what it costs at most, or raise the budget of a run."
                yield loaded.page.mistake(("workers", name, "cost", "at_most"), message, hint)
