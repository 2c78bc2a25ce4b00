"""What each worker came to in a while: runs, successes, what they cost with people's time, and its fitness."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from contracts.company import Price
from contracts.contract import WorkerDeclaration
from contracts.fitness import LAYER_OF, Fitness, Inputs, Layer, fitness
from contracts.loaded import Business
from contracts.vocabulary import CauseClass
from engine.cost import Cost, Use, person_hour, price_list, priced, with_people
from engine.scorecard.kpis import values_in
from engine.scorecard.periods import period_of
from storage.database import Unit

DAYS = 30
_ENDED = "with ended as (select number, lane, worker, state from task where company = :company and ended_at >= :since)"
_WORKED = "split_part(a.worker_version, ' ', 1)"
_RUNS = text(
    f"""{_ENDED}, had as (
        select e.lane, {_WORKED} as worker, e.number, e.state, a.outcome, a.failure_class
        from ended e join attempt a on a.company = :company and a.task = e.number
        union all select lane, worker, number, state, null, null from ended where state <> 'cancelled'),
    tried as (
        select lane, worker, number, state, count(outcome) as attempts,
            count(*) filter (where outcome = 'failed' and failure_class is distinct from 'governance') as failed,
            count(*) filter (where outcome = 'failed' and failure_class = 'governance') as breaches
        from had group by 1, 2, 3, 4),
    said as (select distinct lane, worker, task from incident where company = :company and not withdrawn)
    select t.lane, t.worker, count(*) as runs, sum(t.attempts)::bigint as attempts, sum(t.failed)::bigint as failed,
        sum(t.breaches)::bigint as breaches, count(s.task) as wrong,
        count(*) filter (where t.state = 'done' and s.task is null) as successes,
        count(*) filter (where t.state in ('done', 'failed') or s.task is not null) as settled
    from tried t left join said s on (s.lane, s.worker, s.task) = (t.lane, t.worker, t.number) group by 1, 2"""  # noqa: S608 - words of our own
)
"""A task is a run of each worker who tried a step of it, and of the one whose turn it was when it ended."""

_INCIDENTS = text(
    f"""{_ENDED} select i.lane, i.worker, i.cause, count(distinct i.task) as tasks,
        coalesce(sum(i.correction_s), 0)::bigint as seconds
    from incident i join ended e on e.number = i.task where i.company = :company and not i.withdrawn group by 1, 2, 3"""  # noqa: S608 - words of our own
)
_USED = text(
    f"""{_ENDED} select e.lane, {_WORKED} as worker, (a.started_at at time zone 'UTC')::date as day,
        sum(extract(epoch from a.ended_at - a.started_at)) as seconds, sum(a.tool_calls)::bigint as calls
    from ended e join attempt a on a.company = :company and a.task = e.number group by 1, 2, 3
    union all
    select e.lane, w.worker, (f.intended_at at time zone 'UTC')::date, 0,
        sum(f.performs + f.looks + (f.verified_at is not null)::int)::bigint
    from ended e join effect f on f.company = :company and f.task = e.number
    cross join lateral (select {_WORKED} as worker from attempt a
        where a.company = :company and a.task = f.task and a.step = f.step and a.outcome <> 'placed' order by a.started_at desc limit 1) w
    group by 1, 2, 3"""  # noqa: S608 - words of our own
)
_DECIDING = text(
    f"""{_ENDED} select e.lane, e.worker, sum(d.seconds)::bigint as seconds
    from ended e join attention d on d.company = :company and d.task = e.number group by 1, 2"""  # noqa: S608 - words of our own
)
_COUNTED = ("runs", "attempts", "failed", "breaches", "wrong", "successes", "settled")
_NO_RUNS = dict.fromkeys(_COUNTED, 0)
Named = tuple[str, str]
"""A lane and a worker of it."""


@dataclass(frozen=True, slots=True)
class Result:
    """One worker's while: `runs` are ended tasks that it worked on or whose end came at its turn; a success is done, and nobody said it is wrong.

    `cost` has machines and people (deciding and correcting), `correction` only what wrong results took; each None where
    a part has no price. `settled` runs were done, failed, or wrong; a refusal that nobody calls wrong is neither.
    """

    lane: str
    worker: str
    runs: int
    settled: int
    successes: int
    wrong: int
    cost: Cost
    correction_s: int
    correction: Decimal | None
    fitness: Fitness

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None while nothing is settled."""
        return self.successes / self.settled if self.settled else None

    @property
    def per_run(self) -> Decimal | None:
        """What a run cost, in whole units."""
        return self.cost.amount / self.runs if self.cost.amount is not None and self.runs else None

    @property
    def per_success(self) -> Decimal | None:
        """What a success cost, with all that came to nothing."""
        return self.cost.amount / self.successes if self.cost.amount is not None and self.successes else None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the record holds of all workers since a moment."""

    runs: Mapping[Named, Mapping[str, int]]
    wrong: Mapping[Named, Mapping[CauseClass | None, int]]
    correction_s: Mapping[Named, int]
    used: Mapping[Named, list[Use]]
    deciding_s: Mapping[Named, int]


def results(unit: Unit, business: Business, *, days: int = DAYS) -> list[Result]:
    """Every worker, lane by lane, over the tasks that ended in the last `days`. Some seven statements."""
    found, prices, kpis = _found(unit, unit.now - timedelta(days=days)), price_list(unit), _kpis(unit, business)
    hour = person_hour(prices, unit.now)
    return [
        _result((lane, name), worker, found, prices, hour, kpis.get(worker.kpi or "", {}))
        for lane, loaded in business.lanes.items()
        for name, worker in loaded.lane.workers.items()
    ]


def _found(unit: Unit, since: datetime) -> _Found:
    given = {"company": unit.company, "since": since}
    runs, incidents, used, deciding = (
        unit.connection.execute(query, given).all() for query in (_RUNS, _INCIDENTS, _USED, _DECIDING)
    )
    wrong: defaultdict[Named, dict[CauseClass | None, int]] = defaultdict(dict)
    correction_s: defaultdict[Named, int] = defaultdict(int)
    uses: defaultdict[Named, list[Use]] = defaultdict(list)
    for row in incidents:
        wrong[row.lane, row.worker][CauseClass(row.cause) if row.cause else None] = row.tasks
        correction_s[row.lane, row.worker] += row.seconds
    for row in used:
        day = datetime.combine(row.day, time.min, UTC)
        uses[row.lane, row.worker].append(Use(day, Decimal(row.seconds), int(row.calls)))
    counted = {(row.lane, row.worker): _counts(row) for row in runs}
    return _Found(counted, wrong, correction_s, uses, {(row.lane, row.worker): row.seconds for row in deciding})


def _counts(row: Any) -> dict[str, int]:
    return {name: int(getattr(row, name)) for name in _COUNTED}


def _kpis(unit: Unit, business: Business) -> dict[str, dict[str, Any]]:
    """By KPI its value and target now, as `Inputs` names them."""
    kpis, zone = business.company.kpis, business.company.timezone
    values = values_in(unit, [(kpi, period_of(kpi.period, unit.now, zone)) for kpi in kpis])
    return {
        kpi.name: {"kpi": value, "target": kpi.target, "direction": kpi.direction}
        for kpi, value in zip(kpis, values, strict=True)
    }


def _result(
    name: Named,
    worker: WorkerDeclaration,
    found: _Found,
    prices: tuple[Price, ...],
    hour: Decimal | None,
    kpi: Mapping[str, Any],
) -> Result:
    counted = found.runs.get(name, _NO_RUNS)
    correction_s = found.correction_s.get(name, 0)
    people_s = correction_s + found.deciding_s.get(name, 0)
    cost = with_people(priced(found.used.get(name, ()), prices), people_s, hour, prices)
    successes = counted["successes"]
    inputs = Inputs(
        runs=counted["runs"],
        attempts=counted["attempts"],
        failed=counted["failed"],
        breaches=counted["breaches"],
        wrong=_by_layer(found.wrong.get(name, {})),
        usual=_usual(worker, hour),
        per_success=cost.amount / successes if cost.amount is not None and successes else None,
        **kpi,
    )
    return Result(
        lane=name[0],
        worker=name[1],
        runs=counted["runs"],
        settled=counted["settled"],
        successes=successes,
        wrong=counted["wrong"],
        cost=cost,
        correction_s=correction_s,
        correction=hour * correction_s / 3600 if hour is not None else None if correction_s else Decimal(0),
        fitness=fitness(inputs),
    )


def _by_layer(wrong: Mapping[CauseClass | None, int]) -> dict[Layer, int]:
    found: defaultdict[Layer, int] = defaultdict(int)
    for cause, count in wrong.items():
        found[LAYER_OF[cause]] += count
    return dict(found)


def _usual(worker: WorkerDeclaration, hour: Decimal | None) -> Decimal | None:
    """What a run should cost, with the people's time that goes with it."""
    minutes = Decimal(str(worker.cost.minutes))
    if not minutes:
        return worker.cost.usual
    return worker.cost.usual + hour * minutes / 60 if hour is not None else None
