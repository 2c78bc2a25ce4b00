"""Finds the unit of a business that somebody names, who answers for it, and which lanes lie in it."""

from dataclasses import dataclass

from contracts.loaded import Business
from contracts.mistakes import suggestion
from contracts.standing import COMPANY, LANE, PORTFOLIO, WORKER, WORKSPACE, above, worker_unit


class NoSuchUnit(LookupError):
    """Nothing of this company is called so; the message says what is."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A company, workspace, portfolio, lane or worker.

    `name` is how the record calls it ("worker:refunds/refund-payer"), `title` how people do; `lanes` lie in it, and
    `answerable` are the people who may change how it stands, the nearest first.
    """

    name: str
    kind: str
    title: str
    lanes: tuple[str, ...]
    answerable: tuple[str, ...]
    peers: tuple[str, ...] = ()


def unit_named(business: Business, text: str) -> Unit:
    """The unit of "LANE", "LANE/WORKER", "portfolio:NAME", "workspace:NAME" or "company"; raises NoSuchUnit."""
    found = {name: unit for unit in units_of(business) for name in (unit.name, _short(unit)) if name}
    if text not in found:
        known = [_short(unit) or unit.name for unit in found.values()]
        raise NoSuchUnit(f"There is no {text} here. {suggestion(text, known) or ''}".strip())
    return found[text]


def units_of(business: Business) -> list[Unit]:
    """Every unit, the company first."""
    company, last = business.company, (business.company.last_resort,)
    units = [Unit(COMPANY, COMPANY, company.name, tuple(business.lanes), last)]
    for space in company.workspaces:
        name = f"{WORKSPACE}:{space.id}"
        units.append(Unit(name, WORKSPACE, space.name, _within(business, name), last))
        for one in space.portfolios:
            name = f"{PORTFOLIO}:{one.id}"
            units.append(Unit(name, PORTFOLIO, one.name, _within(business, name), (one.manager, *last)))
    return [*units, *(unit for lane in business.lanes for unit in _of_lane(business, lane))]


def _within(business: Business, name: str) -> tuple[str, ...]:
    return tuple(lane for lane, loaded in business.lanes.items() if name in above(business.company, loaded.lane))


def _of_lane(business: Business, name: str) -> list[Unit]:
    lane, company = business.lanes[name].lane, business.company
    managers = {one.id: one.manager for space in company.workspaces for one in space.portfolios}
    over = (lane.owner, managers[lane.portfolio], company.last_resort)
    units = [Unit(f"{LANE}:{name}", LANE, lane.title, (name,), tuple(dict.fromkeys(over)))]
    for worker, declared in lane.workers.items():
        people = tuple(dict.fromkeys((declared.accountable, lane.owner, company.last_resort)))
        peers = tuple(dict.fromkeys(step.peer for step in lane.steps if step.worker == worker and step.peer))
        units.append(Unit(worker_unit(name, worker), WORKER, declared.job, (name,), people, peers))
    return units


def _short(unit: Unit) -> str | None:
    kind, _, name = unit.name.partition(":")
    return name if kind in (LANE, WORKER) else None
