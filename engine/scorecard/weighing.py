"""Weighs every lane of a company by its number's gap and its cost, as the clock does each minute."""

from contracts.priority import worths
from engine.deployment import Deployment
from engine.scorecard.kpis import values_in
from engine.scorecard.periods import period_of
from storage import worths as kept


def weigh(deployment: Deployment, company: str) -> int:
    """Read the numbers that lanes serve and keep what each lane is worth; returns how many have changed."""
    business = deployment.businesses[company]
    served = {loaded.lane.serves for loaded in business.lanes.values()}
    kpis = [kpi for kpi in business.company.kpis if kpi.name in served]
    with deployment.database.transaction(company) as unit:
        zone = business.company.timezone
        values = values_in(unit, [(kpi, period_of(kpi.period, unit.now, zone)) for kpi in kpis])
        by_name = {kpi.name: value for kpi, value in zip(kpis, values, strict=True)}
        return kept.keep(unit, worths(business, by_name, unit.now))
