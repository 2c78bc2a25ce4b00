"""How early a task is claimed: what its lane is worth to the numbers for its cost, its deadline, and how long it waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from contracts.budgets import price_on
from contracts.company import KPI, Company
from contracts.contract import Lane
from contracts.loaded import Business

HEAD_START_S = 900.0
"""The starvation bound: how far the most urgent task may step ahead of one that became due before it."""
UNKNOWN_GAP = 0.5
"""What a number of which nothing is known yet counts as: neither behind nor reached."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a task of a lane is worth, from 0 to 1, and why in a sentence."""

    value: float
    because: str


def worths(business: Business, values: Mapping[str, float | None], now: datetime) -> dict[str, Worth]:
    """The worth of every lane, by name; `values` are those of the KPIs in their periods, None where there is none."""
    company = business.company
    costs = {name: usual_cost(company, loaded.lane, now) for name, loaded in business.lanes.items()}
    known = [cost for cost in costs.values() if cost is not None]
    middle, dearest = (median(known), max(known)) if known else (Decimal(0), Decimal(0))
    found = {}
    for name, loaded in business.lanes.items():
        kpi, cost = company.kpi(loaded.lane.serves), costs[name]
        share = thrift(dearest if cost is None else cost, middle)
        found[name] = _worth(company, kpi, values.get(kpi.name) if kpi else None, share, _priced(company, cost))
    return found


def _worth(company: Company, kpi: KPI | None, value: float | None, share: float, cost: str) -> Worth:
    if kpi is None:
        return Worth(0.0, "its lane serves no number")
    missing = gap(kpi, value)
    weight = kpi.weight / max(one.weight for one in company.kpis)
    return Worth(weight * missing * share, f"{kpi.title} {_missing(value, missing)}, and {cost}")


def _missing(value: float | None, missing: float) -> str:
    if value is None:
        return "has no value yet in this period"
    return f"is {missing:.0%} short of its target" if missing else "has reached its target"


def _priced(company: Company, cost: Decimal | None) -> str:
    if cost is None:
        return "a run is unpriced, which counts as dear"
    return f"a run usually costs {cost:f} {company.currency}"


def gap(kpi: KPI, value: float | None) -> float:
    """Which part of the target is missing, from 0 (reached) to 1."""
    if value is None:
        return UNKNOWN_GAP
    missing = kpi.target - value if kpi.direction == "up" else value - kpi.target
    if missing <= 0:
        return 0.0
    return min(1.0, missing / abs(kpi.target)) if kpi.target else 1.0


def usual_cost(company: Company, lane: Lane, now: datetime) -> Decimal | None:
    """What a task usually costs: its steps' workers and their people's minutes; None when those have no price now."""
    profiles = [lane.workers[step.worker].cost for step in lane.steps]
    hours, price = Decimal(str(sum(one.minutes for one in profiles))) / 60, price_on(company, now)
    machine = sum((one.usual for one in profiles), Decimal(0))
    if not hours:
        return machine
    if price is None or price.person_hour is None:
        return None
    return round(machine + hours * price.person_hour, 4)


def thrift(cost: Decimal, middle: Decimal) -> float:
    """How little something costs beside the company's middle lane: 1 when nothing, a half at the middle, less above."""
    return float(middle / (middle + cost)) if cost else 1.0


def deadline_of(lane: Lane, request: Mapping[str, Any], accepted_at: datetime) -> datetime | None:
    """By when a task is wanted: what its request says, else as long after it was asked as its lane says."""
    wanted = request.get(lane.needed_by) if lane.needed_by else None
    if wanted is not None:
        return _moment(wanted)
    return accepted_at + timedelta(seconds=lane.within) if lane.within is not None else None


def _moment(epoch_s: int) -> datetime:
    """One beyond what a calendar holds is the calendar's end."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC) if epoch_s > 0 else datetime.min.replace(tzinfo=UTC)


def urgency(due_at: datetime, deadline: datetime | None) -> float:
    """How near the deadline was when the task became due: 1 within the head start or after it, a half at twice that."""
    if deadline is None:
        return 0.0
    return HEAD_START_S / max((deadline - due_at).total_seconds(), HEAD_START_S)


def priority(worth: float, urgent: float) -> float:
    """Both together, from 0 to 1: a deadline takes its share of what the worth has left."""
    return worth + (1 - worth) * urgent


def turn(due_at: datetime, of: float) -> datetime:
    """The instant by which tasks are claimed, the earliest first: when it became due, less its part of the head start.

    So one of no priority waits for nothing that became due more than the head start after it: that is what bounds it.
    """
    return due_at - timedelta(seconds=HEAD_START_S * of)
