"""What became of a portfolio's work in a week, lane by lane, counted in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from contracts.vocabulary import EffectState, TaskState
from engine.scorecard.periods import Period
from engine.scorecard.shares import STILL_OPEN
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import effects, tasks


@dataclass(frozen=True, slots=True)
class Workload:
    """A lane's week; `done_before` is that of the week before, the rest is as in `figures.LaneFigures`."""

    done: int = 0
    done_before: int = 0
    refused: int = 0
    failed: int = 0
    cancelled: int = 0
    open: int = 0
    median_s: float | None = None
    verified: int = 0
    settled: int = 0
    asked: int = 0


def workloads(unit: Unit, lanes: Collection[str], week: Period, before: Period) -> dict[str, Workload]:
    """The week of each lane, also of those in which nothing happened. Three statements."""
    found: dict[str, dict[str, Any]] = {lane: {} for lane in lanes}
    for query in (_ended(unit, week, before), _settled(unit, week), _asked(unit, week)):
        for row in unit.connection.execute(query.where(tasks.c.lane.in_(lanes)).group_by(tasks.c.lane)):
            figures = row._asdict()
            found[figures.pop("lane")] |= figures
    return {lane: Workload(**figures) for lane, figures in found.items()}


def _ended(unit: Unit, week: Period, before: Period) -> Select[Any]:
    ended, took = tasks.c.ended_at, func.extract("epoch", tasks.c.ended_at - tasks.c.accepted_at)
    inside = _within(ended, week)
    done = and_(inside, tasks.c.state == TaskState.DONE)
    done_before = and_(_within(ended, before), tasks.c.state == TaskState.DONE)
    columns = {"done": done, "done_before": done_before} | {
        str(state): and_(inside, tasks.c.state == state)
        for state in (TaskState.REFUSED, TaskState.FAILED, TaskState.CANCELLED)
    }
    columns["open"] = or_(ended.is_(None), ended >= week.ends)
    counted = (func.count().filter(which).label(name) for name, which in columns.items())
    median = func.percentile_cont(0.5).within_group(took).filter(done).label("median_s")
    concerned = or_(ended.is_(None), ended >= before.begins)
    query = select(tasks.c.lane, *counted, median).where(tasks.c.company == unit.company)
    return query.where(tasks.c.accepted_at < week.ends, concerned)


def _settled(unit: Unit, week: Period) -> Select[Any]:
    verified = func.count().filter(effects.c.state == EffectState.VERIFIED).label("verified")
    theirs = and_(effects.c.company == tasks.c.company, effects.c.task == tasks.c.number)
    query = select(tasks.c.lane, verified, func.count().label("settled")).select_from(tasks.join(effects, theirs))
    known = effects.c.state.not_in(STILL_OPEN)
    return query.where(tasks.c.company == unit.company, _within(effects.c.intended_at, week), known)


def _asked(unit: Unit, week: Period) -> Select[Any]:
    theirs = and_(decisions.c.company == tasks.c.company, decisions.c.task == tasks.c.number)
    counted = func.count(decisions.c.task.distinct()).label("asked")
    query = select(tasks.c.lane, counted).select_from(tasks.join(decisions, theirs))
    return query.where(tasks.c.company == unit.company, _within(decisions.c.opened_at, week))


def _within(moment: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    return and_(moment >= period.begins, moment < period.ends)
