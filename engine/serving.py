"""Walks from a worker, a lane or a number up to the strategy, and from a number down to who moves it: from the record alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from contracts.loading.pages import read_page
from contracts.mistakes import suggestion
from contracts.standing import worker_unit
from engine.whys.page import Why
from escalation.approvers import named
from storage.audit import trail_of
from storage.database import Unit
from storage.standings import known
from storage.tables.business import companies, lane_versions, lanes

_SEVERAL = 8


class NoSuchServant(LookupError):
    """The record knows no lane, worker or number of that name; the message says which it knows."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the record has of a business: the company as it was declared last, and each lane's file as published last."""

    company: Mapping[str, Any]
    lanes: Mapping[str, Mapping[str, Any]]


def published(unit: Unit) -> Published:
    """The business as the record has it."""
    declared = unit.connection.execute(select(companies.c.declared).where(companies.c.id == unit.company)).scalar_one()
    same = (lane_versions.c.company == lanes.c.company) & (lane_versions.c.lane == lanes.c.id)
    query = select(lanes.c.id, lane_versions.c.files).join(lane_versions, same & (lane_versions.c.hash == lanes.c.hash))
    rows = unit.connection.execute(query.where(lanes.c.company == unit.company).order_by(lanes.c.id))
    return Published(declared, {row.id: _page(row.files, f"lanes/{row.id}/lane.yaml") for row in rows})


def _page(files: Mapping[str, str], name: str) -> Mapping[str, Any]:
    data = read_page(name, files[name].encode()).data if name in files else {}
    return data if isinstance(data, dict) else {}


def why_worker(unit: Unit, called: str) -> Why:
    """The page of "LANE/WORKER": what it owns, how it stands, and which number it moves for what."""
    found, (lane, _, name) = published(unit), called.partition("/")
    workers = {f"{one}/{worker}" for one, page in found.lanes.items() for worker in page.get("workers", {})}
    if called not in workers:
        raise NoSuchServant(f"There is no worker {called}. {suggestion(called, sorted(workers)) or ''}".strip())
    worker = found.lanes[lane]["workers"][name]
    stand, _ = known(unit).get(worker_unit(lane, name), (None, None))
    rows = {
        "Owns": [worker["outcome"]],
        "Answers": [f"{named(unit, worker['accountable'])}; the lane is {named(unit, found.lanes[lane]['owner'])}'s"],
        "May": [
            f"tier {worker['tier']}, {worker['may']}; reads {_names(worker['reads'])}; changes {_names(worker['writes'])}"
        ],
        "Stands": [stand.words if stand is not None else "active", *_changes(unit, worker_unit(lane, name))],
        "Moves": _upwards(found, worker.get("kpi")),
        "Works in": [
            f"{found.lanes[lane]['title']} ({lane}), which serves {_titled(found, found.lanes[lane].get('serves'))}"
        ],
    }
    return _of(called, worker["job"], f"tier {worker['tier']}", rows)


def why_lane(unit: Unit, lane: str) -> Why:
    """The page of a lane: the number that it serves for what, and its workers with theirs."""
    found = published(unit)
    if lane not in found.lanes:
        raise NoSuchServant(f"There is no lane {lane}. {suggestion(lane, found.lanes) or ''}".strip())
    page = found.lanes[lane]
    workers = [f"{name} ({one['job']}) moves {_titled(found, one.get('kpi'))}" for name, one in page["workers"].items()]
    stand, _ = known(unit).get(f"lane:{lane}", (None, None))
    rows = {
        "Does": [page["description"]],
        "Answers": [named(unit, page["owner"])],
        "Stands": [stand.words if stand is not None else "active", *_changes(unit, f"lane:{lane}")],
        "Serves": _upwards(found, page.get("serves")),
        "Workers": workers,
    }
    return _of(lane, page["title"], f"stage {page.get('stage', 3)}", rows)


def why_kpi(unit: Unit, kpi: str) -> Why:
    """The page of a number: what it shows, up to the strategy, and who moves it."""
    found = published(unit)
    kpis = {one["name"]: one for one in found.company.get("kpis", [])}
    if kpi not in kpis:
        raise NoSuchServant(f"There is no KPI {kpi}. {suggestion(kpi, kpis) or ''}".strip())
    one = kpis[kpi]
    rows = {
        "Shows": _upwards(found, kpi),
        "Target": [f"{one['direction']} to {one['target']:g} {one['unit']}"],
        "Served by": [f"{page['title']} ({name})" for name, page in found.lanes.items() if page.get("serves") == kpi],
        "Moved by": list(_movers(found, kpi)) or ["nobody moves it"],
    }
    return _of(kpi, one["title"], one["direction"], rows)


def _of(name: str, headline: str, state: str, rows: Mapping[str, list[str]]) -> Why:
    return Why(name, headline, state, tuple((label, tuple(lines)) for label, lines in rows.items() if lines))


def _names(rights: list[str]) -> str:
    return ", ".join(rights) or "nothing"


def _titled(found: Published, kpi: str | None) -> str:
    return next((one["title"] for one in found.company.get("kpis", []) if one["name"] == kpi), "no number")


def _upwards(found: Published, kpi: str | None) -> list[str]:
    """Each way from a number up: "KPI ‹ key result ‹ objective ‹ strategy"."""
    if kpi is None:
        return ["no number"]
    title, strategy = _titled(found, kpi), found.company["strategy"]
    ways = [
        f"{title} ‹ {result['title']} ‹ {objective['title']} ‹ {strategy}"
        for objective in found.company.get("objectives", [])
        for result in objective["key_results"]
        if kpi in result["kpis"]
    ]
    return ways or [f"{title} ‹ {strategy}"]


def _movers(found: Published, kpi: str) -> Iterator[str]:
    for lane, page in found.lanes.items():
        for name, worker in page.get("workers", {}).items():
            if worker.get("kpi") == kpi:
                yield f"{lane}/{name} ({worker['job']})"


def _changes(unit: Unit, trail: str) -> list[str]:
    """The last changes of how a unit stands, newest first."""
    entries = [entry for entry in trail_of(unit, trail) if entry["event"] == "standing_changed" and entry["content"]]
    return [
        f"{entry['at']:%-d %b %Y %H:%M} UTC {entry['content']['to']}, by {named(unit, entry['actor'].removeprefix('person:'))}: "
        f"{entry['content'].get('because', 'it is declared so')}"
        for entry in reversed(entries[-_SEVERAL:])
    ]
