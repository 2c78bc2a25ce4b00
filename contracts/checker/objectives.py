"""Checks that strategy, objectives, key results and KPIs hang together, each number in one place."""

from collections.abc import Iterator

from contracts.checker.company import doubles, unknown_person
from contracts.company import Company
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, suggestion


def objective_mistakes(company: Company, page: Page) -> Iterator[Mistake]:
    """Objectives without an owner, key results of numbers that do not exist, and numbers that say another objective."""
    objectives = list(enumerate(company.objectives))
    yield from doubles(page, "objective", [(("objectives", index, "id"), one.id) for index, one in objectives])
    results = list(company.placed_key_results())
    places: list[tuple[Pointer, str]] = [((*_place(number, index), "id"), one.id) for number, index, one in results]
    yield from doubles(page, "key result", places)
    for index, objective in objectives:
        yield from unknown_person(company, page, ("objectives", index, "owner"), objective.owner)
    shown: dict[str, str] = {}
    for number, index, result in results:
        for position, name in enumerate(result.kpis):
            at = (*_place(number, index), "kpis", position)
            yield from _kpi(company, page, at, name, shown)
            shown.setdefault(name, result.id)
    yield from _unknown_objectives(company, page)


def _place(objective: int, result: int) -> Pointer:
    return ("objectives", objective, "key_results", result)


def _kpi(company: Company, page: Page, at: Pointer, name: str, shown: dict[str, str]) -> Iterator[Mistake]:
    if company.kpi(name) is None:
        yield page.mistake(at, f"unknown KPI {name}", suggestion(name, [kpi.name for kpi in company.kpis]))
    if name in shown:
        yield page.mistake(at, f"{name} already shows {shown[name]}", "A number shows one key result.")


def _unknown_objectives(company: Company, page: Page) -> Iterator[Mistake]:
    """A KPI names its objective by title, as people read it: it must be the one whose key result it shows."""
    titles = [objective.title for objective in company.objectives]
    above = {
        name: company.objectives[number].title
        for number, _, result in company.placed_key_results()
        for name in result.kpis
    }
    for index, kpi in enumerate(company.kpis):
        at: Pointer = ("kpis", index, "objective")
        if titles and kpi.objective not in titles:
            yield page.mistake(at, f"unknown objective {kpi.objective}", suggestion(kpi.objective, titles))
        elif kpi.name in above and kpi.objective != above[kpi.name]:
            message = f"{kpi.name} shows a key result of “{above[kpi.name]}”"
            yield page.mistake(at, message, f"Write objective: {above[kpi.name]}.")
