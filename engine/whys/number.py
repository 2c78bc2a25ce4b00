"""Why a number: what it is now against its target, what it was computed from, and which strategy it serves."""

from typing import Any

from sqlalchemy import select

from contracts.company import KPI, Company
from contracts.measures import Measure, measure_of
from engine.scorecard.kpis import Reading, board
from engine.whys.lines import moment, trail
from engine.whys.page import Why, page
from escalation.approvers import named
from storage.database import Unit
from storage.tables.scoring import kpi_observations
from storage.tables.work import tasks

_MOST = 10


class KpiNotFound(LookupError):
    """This company has no such KPI."""


def of_number(unit: Unit, company: Company, name: str) -> Why:
    """The page of a KPI; raises KpiNotFound."""
    found = next((one for one in board(unit, company) if one.kpi.name == name), None)
    if found is None:
        raise KpiNotFound(f"there is no KPI {name}; there are {', '.join(kpi.name for kpi in company.kpis)}")
    kpi, period = found.kpi, found.period
    rows = (
        ("Value", [_value(found)]),
        ("Before", [_shown(kpi, found.before)]),
        ("Period", [f"{moment(period.begins)} to {moment(period.ends)}"]),
        ("Source", [kpi.source]),
        ("Counted", _counted(unit, found, measure_of(kpi.source))),
        ("Observed", _observed(unit, found)),
        ("Serves", [f"{kpi.title} ‹ {kpi.objective} ‹ {company.strategy}"]),
        ("Trail", trail(unit, f"kpi:{name}")),
    )
    state = {True: "behind", False: "on target", None: "nothing yet"}[found.is_behind]
    return page(name, kpi.title, state, rows)


def _value(found: Reading) -> str:
    goal = "at least" if found.kpi.direction == "up" else "at most"
    return f"{_shown(found.kpi, found.value)}, target {goal} {_shown(found.kpi, found.kpi.target)}"


def _shown(kpi: KPI, value: float | None) -> str:
    return "nothing yet" if value is None else f"{value:g} {kpi.unit}"


def _counted(unit: Unit, found: Reading, measure: Measure | None) -> list[str]:
    """The newest tasks of the lane that began in the period."""
    if measure is None:
        return []
    mine = (tasks.c.company == unit.company) & (tasks.c.lane == measure.lane)
    within = (tasks.c.accepted_at >= found.period.begins) & (tasks.c.accepted_at < found.period.ends)
    rows = unit.connection.execute(select(tasks).where(mine, within).order_by(tasks.c.number.desc())).all()
    names = ", ".join(f"T-{row.number} ({row.state})" for row in rows[:_MOST])
    return [f"{len(rows)} tasks of {measure.lane}: {names}"] if rows else [f"no task of {measure.lane} in this period"]


def _observed(unit: Unit, found: Reading) -> list[str]:
    table: Any = kpi_observations.c
    mine = (table.company == unit.company) & (table.kpi == found.kpi.name)
    query = select(kpi_observations).where(mine).order_by(table.at.desc()).limit(_MOST)
    rows = unit.connection.execute(query)
    return [f"{row.value:g} by {named(unit, row.by)}, {moment(row.at)}" for row in rows]
