"""Says what holds for a lane and which line of which file says so: its place, its scope, its numbers, its workers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts import money
from contracts.budgets import budget_of
from contracts.company import Company
from contracts.contract import FITNESS, Lane
from contracts.inheritance import SETS, Key, Said, chains, layers_down_to
from contracts.loaded import Business
from contracts.loading.pages import Page
from contracts.mistakes import Pointer
from contracts.scope import Policy

_NONE: Mapping[str, str] = {
    "brand": "none",
    "channels": "any",
    "data_sources": "any system",
    "approvers": "any group",
    "budget": "none",
    "caps": "none",
    "policies": "none",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that holds: what it is, its value, where that is written, and what it narrows."""

    what: str
    value: str
    place: str = ""
    note: str = ""

    @property
    def told(self) -> str:
        """The value, and what it narrows."""
        return f"{self.value}, {self.note}" if self.note else self.value


@dataclass(frozen=True, slots=True)
class Explained:
    """All that holds for a lane; `str()` is a table for people."""

    title: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        wide = [max(len(getattr(line, part)) for line in self.lines) for part in ("place", "what")]
        rows = (f"  {line.place:{wide[0]}}  {line.what:{wide[1]}}  {line.told}" for line in self.lines)
        return "\n".join([self.title, *rows])


def explained(business: Business, lane: str) -> Explained:
    """What holds for the lane of that name; KeyError when there is none."""
    loaded = business.lanes[lane]
    layers = layers_down_to(business.company, loaded.lane)
    said = chains(layers)
    pages = _Pages(business.page, loaded.page)
    lines = [
        *_lane(loaded.lane, pages),
        *(line for field in _NONE for line in _scope(field, said, pages, business.company)),
        *served(business, loaded.lane.serves, pages.lane.place(("serves",))),
        *_workers(business.company, loaded.lane, said, pages),
    ]
    return Explained(" › ".join(layer.name for layer in layers), tuple(lines))


@dataclass(frozen=True, slots=True)
class _Pages:
    company: Page
    lane: Page

    def place(self, said: Said) -> str:
        page = self.lane if said.layer.in_lane else self.company
        return page.place(said.at)


def _lane(lane: Lane, pages: _Pages) -> Iterator[Line]:
    values = {"owner": lane.owner, "stage": str(lane.stage), "may_ask": ", ".join(lane.may_ask)}
    for name, value in values.items():
        written = (name,) in pages.lane.values
        yield Line(name.replace("_", " "), value, pages.lane.place((name,)) if written else "the default")


def _scope(field: str, said: Mapping[Key, tuple[Said, ...]], pages: _Pages, company: Company) -> Iterator[Line]:
    found = {key: values for key, values in said.items() if key[0] == field}
    if not found:
        yield Line(field.replace("_", " "), _NONE[field], "not declared")
    for key, values in found.items():
        above = [f"{_shown(one, company)} ({pages.place(one)})" for one in reversed(values[:-1])]
        note = f"narrows {', '.join(above)}" if above else ""
        yield Line(_words(key), _shown(values[-1], company), pages.place(values[-1]), note)


def _words(key: Key) -> str:
    if key[0] == "policies":
        return "policy"
    return " ".join(key).replace("_", " ")


def _shown(said: Said, company: Company) -> str:
    value = said.value
    if isinstance(value, Policy):
        return f"{value.name}: {value.touching} needs {', '.join(value.demands)}"
    if said.key[0] in SETS and isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    if said.key[-1] == "amount":
        return money.show(int(str(value)), company.currency)
    return f"{value} {company.currency}" if said.key[0] == "budget" else str(value)


def served(business: Business, kpi: str | None, place: str) -> Iterator[Line]:
    """The way from a KPI up to the strategy, each with its place; `place` is where the KPI is named."""
    company, page = business.company, business.page
    found = company.kpi(kpi)
    if found is None:
        yield Line("serves", "no number")
        return
    yield Line("serves", found.title, place)
    at: Pointer = ("kpis", [one.name for one in company.kpis].index(found.name))
    yield Line("  KPI", f"{found.name}, {found.direction} to {found.target:g} {found.unit}", page.place(at))
    for number, index, result in company.placed_key_results():
        if found.name in result.kpis:
            above = company.objectives[number]
            place = page.place(("objectives", number, "key_results", index))
            yield Line("  key result", result.title, place)
            yield Line("  objective", f"{above.title} ({above.owner})", page.place(("objectives", number)))
    yield Line("  strategy", company.strategy, page.place(("strategy",)))


def _workers(company: Company, lane: Lane, said: Mapping[Key, tuple[Said, ...]], pages: _Pages) -> Iterator[Line]:
    for name, worker in lane.workers.items():
        kpi = company.kpi(worker.kpi)
        moves = f"moves {kpi.title}" if kpi else "moves no number"
        yield Line("worker", f"{name} ({worker.accountable}) {moves}", pages.lane.place(("workers", name)))
        for right, only in worker.only.items():
            yield Line("  only", f"{right}: {', '.join(only)}", pages.lane.place(("workers", name, "only", right)))
        for span, most in budget_of(worker.budget):
            above = [f"{_shown(one, company)} ({pages.place(one)})" for one in said.get(("budget", span), ())[-1:]]
            place, note = pages.lane.place(("workers", name, "budget", span)), f"narrows {above[0]}" if above else ""
            yield Line(f"  budget {span}", f"{most} {company.currency}", place, note)
        if worker.order == FITNESS:
            yield Line("  peers", "the fittest first", pages.lane.place(("workers", name, "order")))
        if worker.takes_over is not None:
            place = pages.lane.place(("workers", name, "takes_over"))
            yield Line("  takes over", f"by its rule; else {worker.takes_over.because}", place)
