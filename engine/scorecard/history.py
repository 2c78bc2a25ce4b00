"""Which KPIs belong to a portfolio, and how each has moved over its last periods."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.company import KPI
from contracts.loaded import Business, LoadedLane
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
    """Those that one of its lanes moves or is measured by; those of no lane at all belong to each portfolio.

    What only lanes move that observe stands nowhere: nobody works on it yet.
    """
    movers = {
        kpi.name: [lane for lane in business.lanes.values() if _moves(lane, kpi)] for kpi in business.company.kpis
    }
    return [
        kpi
        for kpi in business.company.kpis
        if not movers[kpi.name]
        or any(lane.lane.portfolio == portfolio and not lane.only_observes for lane in movers[kpi.name])
    ]


def _moves(loaded: LoadedLane, kpi: KPI) -> bool:
    lane, measure = loaded.lane, measure_of(kpi.source)
    measured = measure is not None and measure.lane == lane.lane
    return measured or kpi.name in {lane.serves, *(worker.kpi for worker in lane.workers.values())}


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
