"""Reads each KPI for its period, from what tasks and effects left or from what somebody told us."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DateTime, Integer, Text, column, insert, select, values
from sqlalchemy.dialects.postgresql import distinct_on

from contracts.company import KPI, Company
from contracts.loading.pages import read_page
from contracts.measures import PUSHED, measure_of
from engine.scorecard.periods import Period, period_before, period_of
from engine.scorecard.shares import shares
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
        return misses(self.kpi, self.value)


def misses(kpi: KPI, value: float) -> bool:
    """Whether a value is on the wrong side of the target."""
    return value < kpi.target if kpi.direction == "up" else value > kpi.target


def board(unit: Unit, company: Company) -> list[Reading]:
    """Every KPI of a company now, in the order of company.yaml."""
    spans = [_now_and_before(kpi, unit, company.timezone) for kpi in company.kpis]
    wanted = [(kpi, period) for kpi, both in zip(company.kpis, spans, strict=True) for period in both]
    found = values_in(unit, wanted)
    pairs = zip(company.kpis, spans, found[::2], found[1::2], strict=True)
    return [Reading(kpi, now, value, before) for kpi, (now, _), value, before in pairs]


def values_in(unit: Unit, wanted: Sequence[tuple[KPI, Period]]) -> list[float | None]:
    """The value of each KPI in its period: the share that it measures, or the last that was pushed; None without any.

    As many statements as there are kinds of sources, however many are wanted.
    """
    measured = {n: measure for n, (kpi, _) in enumerate(wanted) if (measure := measure_of(kpi.source))}
    found = dict(zip(measured, shares(unit, [(one, wanted[n][1]) for n, one in measured.items()]), strict=True))
    pushed = {n: wanted[n] for n in range(len(wanted)) if n not in measured}
    found |= _last_pushed(unit, pushed)
    return [found.get(n) for n in range(len(wanted))]


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


def _now_and_before(kpi: KPI, unit: Unit, zone: str) -> tuple[Period, Period]:
    period = period_of(kpi.period, unit.now, zone)
    return period, period_before(kpi.period, period, zone)


def _last_pushed(unit: Unit, wanted: Mapping[int, tuple[KPI, Period]]) -> dict[int, float | None]:
    """By number, where there is one."""
    if not wanted:
        return {}
    moment, table = DateTime(timezone=True), kpi_observations.c
    columns: list[Any] = [column("n", Integer), column("kpi", Text), column("begins", moment), column("ends", moment)]
    rows = [(n, kpi.name, period.begins, period.ends) for n, (kpi, period) in wanted.items()]
    asked = values(*columns, name="wanted").data(rows)
    within = (table.at >= asked.c.begins) & (table.at < asked.c.ends)
    mine = (table.company == unit.company) & (table.kpi == asked.c.kpi) & within
    told = select(asked.c.n, table.value).select_from(asked.join(kpi_observations, mine))
    newest = told.ext(distinct_on(asked.c.n)).order_by(asked.c.n, table.at.desc())
    return {row.n: row.value for row in unit.connection.execute(newest)}


def _refuse_unfit(unit: Unit, company: Company, kpi: str, value: float, by: str) -> None:
    who = person(unit, by)
    pushed = [one.name for one in company.kpis if one.source == PUSHED]
    if kpi not in pushed:
        raise NotObserved(f"{kpi} takes no values; those that do: {', '.join(pushed) or 'none'}.")
    if not math.isfinite(value):
        raise NotObserved(f"{value} is no value of {kpi}.")
    if who is None or not who.active:
        raise NotObserved(f"Nobody who is active here is called {by}.")
