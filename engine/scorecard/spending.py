"""What a portfolio's lanes used in two weeks at the prices of each day, and what a verified outcome cost."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Numeric, Select, and_, case, cast, func, select

from engine.cost import Use, price_list, priced
from engine.scorecard.figures import Spending
from engine.scorecard.periods import Period
from engine.scorecard.workload import Workload
from storage.database import Unit
from storage.tables.work import attempts, effects, tasks


@dataclass(frozen=True, slots=True)
class LaneCost:
    """Machine cost of a lane in this week and the one before, in whole units; None when a part has no price."""

    now: Decimal | None = Decimal(0)
    before: Decimal | None = Decimal(0)
    currency: str | None = None


def costs(unit: Unit, lanes: Collection[str], week: Period, before: Period) -> dict[str, LaneCost]:
    """The cost of all that was used, failed attempts too, by the day on which it was used. Three statements."""
    prices = price_list(unit)
    used: defaultdict[tuple[str, bool], list[Use]] = defaultdict(list)
    for query in (_of_attempts(unit, week, before), _of_effects(unit, week, before)):
        for row in unit.connection.execute(query.where(tasks.c.lane.in_(lanes)).group_by("lane", "now", "day")):
            day = datetime.combine(row.day, time.min, UTC)
            used[row.lane, row.now].append(Use(day, Decimal(row.seconds), int(row.calls)))
    sums = {key: priced(uses, prices) for key, uses in used.items()}
    currency = prices[-1].currency if prices else None
    return {lane: LaneCost(_amount(sums, lane, now=True), _amount(sums, lane, now=False), currency) for lane in lanes}


def _amount(sums: Mapping[tuple[str, bool], Any], lane: str, *, now: bool) -> Decimal | None:
    cost = sums.get((lane, now))
    return Decimal(0) if cost is None else cost.amount


def _of_attempts(unit: Unit, week: Period, before: Period) -> Select[Any]:
    at = attempts.c.started_at
    seconds = func.sum(func.extract("epoch", attempts.c.ended_at - at))
    return _used(unit, attempts, at, seconds=seconds, calls=func.sum(attempts.c.tool_calls), span=(before, week))


def _of_effects(unit: Unit, week: Period, before: Period) -> Select[Any]:
    """Each perform, each look in vain and the one that verified it, as `engine.cost` counts them."""
    verified = case((effects.c.verified_at.is_not(None), 1), else_=0)
    calls = func.sum(effects.c.performs + effects.c.looks + verified)
    return _used(unit, effects, effects.c.intended_at, seconds=cast(0, Numeric), calls=calls, span=(before, week))


def _used(unit: Unit, table: Any, at: Any, *, seconds: Any, calls: Any, span: tuple[Period, Period]) -> Select[Any]:
    """By lane, by whether it was this week, and by day in UTC, since prices change on UTC days."""
    before, week = span
    day = cast(func.timezone("UTC", at), Date).label("day")
    theirs = and_(table.c.company == tasks.c.company, table.c.task == tasks.c.number)
    query = select(tasks.c.lane, (at >= week.begins).label("now"), day, seconds.label("seconds"), calls.label("calls"))
    within = and_(at >= before.begins, at < week.ends)
    return query.select_from(tasks.join(table, theirs)).where(tasks.c.company == unit.company, within)


def spending(loads: Mapping[str, Workload], spent: Mapping[str, LaneCost], titles: Mapping[str, str]) -> Spending:
    """The sum over the lanes that have a price for all that they used; what the others did is not divided by."""
    known = [lane for lane in loads if spent[lane].now is not None]
    total = sum((spent[lane].now or Decimal(0) for lane in known), Decimal(0))
    earlier = [spent[lane].before for lane in known]
    before = None if None in earlier else sum((amount or Decimal(0) for amount in earlier), Decimal(0))
    return Spending(
        total=total,
        currency=next((spent[lane].currency for lane in known), None),
        per_outcome=each(total, sum(loads[lane].done for lane in known)),
        before=each(before, sum(loads[lane].done_before for lane in known)),
        unpriced=tuple(titles[lane] for lane in loads if spent[lane].now is None),
    )


def each(amount: Decimal | None, count: int) -> Decimal | None:
    """An amount for each of `count`; None without any."""
    return amount / count if amount is not None and count else None
