"""Reads each KPI for its period, from what tasks and effects left or from what somebody told us."""

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from contracts.company import KPI, Company
from contracts.loading.pages import read_page
from contracts.measures import PUSHED, measure_of
from engine.scorecard.periods import Period, period_before, period_of
from engine.scorecard.shares import share
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import person
from storage.tables.business import lane_versions
from storage.tables.scoring import kpi_observations
from storage.tasks import Task


class NotObserved(ValueError):
    """The observation can't be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A KPI in the period that holds now: `value` so far and `before`, the period before; None is "nothing yet"."""

    kpi: KPI
    period: Period
    value: float | None
    before: float | None

    @property
    def is_behind(self) -> bool | None:
        """Whether the value misses its target; None while there is no value."""
        if self.value is None:
            return None
        return self.value < self.kpi.target if self.kpi.direction == "up" else self.value > self.kpi.target


def board(unit: Unit, company: Company) -> list[Reading]:
    """Every KPI of a company now, in the order of company.yaml."""
    return [_reading(unit, kpi, company.timezone) for kpi in company.kpis]


def value_in(unit: Unit, kpi: KPI, period: Period) -> float | None:
    """The value of a KPI in a period: the share that it measures, or the last that was pushed; None without any."""
    measure = measure_of(kpi.source)
    return _last_pushed(unit, kpi.name, period) if measure is None else share(unit, measure, period)


def observe(unit: Unit, company: Company, kpi: str, *, value: float, by: str) -> None:
    """Keep what a person saw a pushed KPI to be, now, and put it on the KPI's trail; raises NotObserved."""
    _refuse_unfit(unit, company, kpi, value, by)
    row = {"company": unit.company, "kpi": kpi, "at": unit.now, "value": value, "by": by}
    unit.connection.execute(insert(kpi_observations).values(row))
    note(unit, f"kpi:{kpi}", Said("observed", f"person:{by}", {"value": value}))


def serves(unit: Unit, task: Task) -> list[str]:
    """What a task serves, as its own version of the contract said: "KPI ‹ objective ‹ strategy"."""
    mine = (lane_versions.c.company == unit.company) & (lane_versions.c.lane == task.lane)
    query = select(lane_versions.c.files).where(mine, lane_versions.c.hash == task.lane_hash)
    files = unit.connection.execute(query).scalar_one_or_none() or {}
    lane, company = _page(files, f"lanes/{task.lane}/lane.yaml"), _page(files, "company.yaml")
    found = [kpi for kpi in company.get("kpis", []) if kpi["name"] == lane.get("serves")]
    return [f"{kpi['title']} ‹ {kpi['objective']} ‹ {company['strategy']}" for kpi in found]


def _page(files: dict[str, str], name: str) -> dict[str, Any]:
    data = read_page(name, files[name].encode()).data if name in files else {}
    return data if isinstance(data, dict) else {}


def _reading(unit: Unit, kpi: KPI, zone: str) -> Reading:
    period = period_of(kpi.period, unit.now, zone)
    earlier = period_before(kpi.period, period, zone)
    return Reading(kpi, period, value_in(unit, kpi, period), value_in(unit, kpi, earlier))


def _last_pushed(unit: Unit, kpi: str, period: Period) -> float | None:
    table = kpi_observations.c
    within = (table.at >= period.begins) & (table.at < period.ends)
    query = select(table.value).where(table.company == unit.company, table.kpi == kpi, within)
    value: float | None = unit.connection.execute(query.order_by(table.at.desc()).limit(1)).scalar_one_or_none()
    return value


def _refuse_unfit(unit: Unit, company: Company, kpi: str, value: float, by: str) -> None:
    who = person(unit, by)
    pushed = [one.name for one in company.kpis if one.source == PUSHED]
    if kpi not in pushed:
        raise NotObserved(f"{kpi} takes no values; those that do: {', '.join(pushed) or 'none'}.")
    if not math.isfinite(value):
        raise NotObserved(f"{value} is no value of {kpi}.")
    if who is None or not who.active:
        raise NotObserved(f"Nobody who is active here is called {by}.")
