"""Walks a business from its strategy down to the workers: objective › key result › KPI › who moves it."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.company import KPI
from contracts.loaded import Business
from contracts.mistakes import listed

NOBODY = "nobody moves it"


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the walk; `level` is 0 for the strategy and 4 for those who move a number."""

    level: int
    what: str
    title: str

    def __str__(self) -> str:
        return f"{'  ' * self.level}{self.title}"


def strategy_of(business: Business) -> list[Node]:
    """The whole walk, top down; numbers that show no key result come last, below the strategy itself."""
    company = business.company
    nodes = [Node(0, "strategy", company.strategy)]
    shown: set[str] = set()
    for objective in company.objectives:
        nodes.append(Node(1, "objective", f"{objective.title} ({objective.owner})"))
        for result in objective.key_results:
            nodes.append(Node(2, "key result", result.title))
            kpis = [kpi for kpi in map(company.kpi, result.kpis) if kpi is not None]
            nodes += [node for kpi in kpis for node in _number(business, kpi, level=3)]
            shown |= {kpi.name for kpi in kpis}
    rest = [kpi for kpi in company.kpis if kpi.name not in shown]
    return nodes + [node for kpi in rest for node in _number(business, kpi, level=1)]


def _number(business: Business, kpi: KPI, *, level: int) -> Iterator[Node]:
    yield Node(level, "KPI", f"{kpi.title}: {kpi.direction} to {kpi.target:g} {kpi.unit}")
    movers = list(_movers(business, kpi.name))
    yield from (Node(level + 1, "moved by", mover) for mover in movers or [NOBODY])


def _movers(business: Business, kpi: str) -> Iterator[str]:
    for name, loaded in business.lanes.items():
        workers = [worker for worker, declared in loaded.lane.workers.items() if declared.kpi == kpi]
        serves = " serves it" if loaded.lane.serves == kpi else ""
        if workers or serves:
            yield f"lane {name}{serves}" + (f": {listed(workers)}" if workers else "")
