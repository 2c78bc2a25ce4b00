"""Which KPIs belong to a portfolio, and how each has moved over its last periods."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.company import KPI
from contracts.loaded import Business
from contracts.measures import PUSHED, measure_of
from engine.scorecard.figures import Figure, Untold
from engine.scorecard.kpis import misses, values_in
from engine.scorecard.periods import Period, period_before, period_of
from engine.scorecard.weeks import Week
from storage.database import Unit

PERIODS = 8
_MOMENT = timedelta(microseconds=1)
_LONGEST_MONTH = timedelta(days=31)


def kpis_of(business: Business, portfolio: str) -> list[KPI]:
    """Those that one of its lanes serves or is measured by; those of no portfolio at all belong to each."""
    owners = {kpi.name: _portfolios(business, kpi) for kpi in business.company.kpis}
    return [kpi for kpi in business.company.kpis if not owners[kpi.name] or portfolio in owners[kpi.name]]


def _portfolios(business: Business, kpi: KPI) -> set[str]:
    measure = measure_of(kpi.source)
    lanes = [loaded.lane for loaded in business.lanes.values()]
    return {lane.portfolio for lane in lanes if lane.serves == kpi.name or (measure and measure.lane == lane.lane)}


def figures(unit: Unit, kpis: Sequence[KPI], week: Week) -> list[Figure]:
    """The KPIs at the end of a week, or now while it runs, with the periods before; nothing later counts."""
    spans = [_spans(unit, kpi, week) for kpi in kpis]
    found = values_in(unit, [(kpi, span) for kpi, mine in zip(kpis, spans, strict=True) for span in mine])
    return [_figure(kpi, tuple(found[n * PERIODS : (n + 1) * PERIODS])) for n, kpi in enumerate(kpis)]


def unobserved(unit: Unit, kpis: Sequence[KPI], week: Period) -> list[Untold]:
    """The pushed KPIs of which nobody has said anything for as long as `Untold` tells."""
    pushed = [kpi for kpi in kpis if kpi.source == PUSHED]
    found = values_in(unit, [(kpi, Period(_heard_since(kpi, week), week.ends)) for kpi in pushed])
    return [Untold(kpi.title, kpi.period) for kpi, value in zip(pushed, found, strict=True) if value is None]


def _heard_since(kpi: KPI, week: Period) -> datetime:
    """What is told once a month need not be told every week."""
    return week.ends - _LONGEST_MONTH if kpi.period == "month" else week.begins


def _spans(unit: Unit, kpi: KPI, week: Week) -> list[Period]:
    """The last periods, oldest first."""
    ends = week.period.ends
    last = period_of(kpi.period, min(unit.now, ends - _MOMENT), week.zone)
    spans = [Period(last.begins, min(last.ends, ends))]
    while len(spans) < PERIODS:
        spans.append(period_before(kpi.period, spans[-1], week.zone))
    return spans[::-1]


def _figure(kpi: KPI, values: tuple[float | None, ...]) -> Figure:
    behind = None if values[-1] is None else misses(kpi, values[-1])
    return Figure(kpi.name, kpi.title, kpi.unit, kpi.target, kpi.direction, kpi.period, values, behind)
