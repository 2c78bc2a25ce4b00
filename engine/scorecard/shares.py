"""The measures that are computed from tasks and effects: of those whose fate is known, how many went as wanted."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from contracts.measures import AT_ONCE, VERIFIED, WITHIN, Measure
from contracts.vocabulary import EffectState
from engine.scorecard.periods import Period
from storage.database import Unit
from storage.tables.work import effects, tasks

_OPEN = (EffectState.INTENDED, EffectState.PERFORMED)


def share(unit: Unit, measure: Measure, period: Period) -> float | None:
    """Percent of what began in the period; None when nothing did whose fate is known by now."""
    good, known = unit.connection.execute(_QUERIES[measure.name](unit, measure, period)).one()
    return 100.0 * good / known if known else None


def _ended_within(unit: Unit, measure: Measure, period: Period) -> Select[int, int]:
    """A task that has not ended counts as late as soon as it is."""
    limit = timedelta(seconds=measure.seconds or 0)
    in_time = tasks.c.ended_at - tasks.c.accepted_at <= limit
    known = or_(tasks.c.ended_at.is_not(None), tasks.c.accepted_at < unit.now - limit)
    began = and_(tasks.c.accepted_at >= period.begins, tasks.c.accepted_at < period.ends)
    counted = select(func.count().filter(in_time), func.count()).select_from(tasks)
    return counted.where(tasks.c.company == unit.company, tasks.c.lane == measure.lane, began, known)


def _verified(unit: Unit, measure: Measure, period: Period) -> Select[int, int]:
    return _of_effects(unit, measure, period, effects.c.state == EffectState.VERIFIED)


def _verified_at_once(unit: Unit, measure: Measure, period: Period) -> Select[int, int]:
    at_once = and_(effects.c.state == EffectState.VERIFIED, effects.c.performs == 1, effects.c.looks == 0)
    return _of_effects(unit, measure, period, at_once)


def _of_effects(unit: Unit, measure: Measure, period: Period, good: ColumnElement[bool]) -> Select[int, int]:
    theirs = and_(tasks.c.company == effects.c.company, tasks.c.number == effects.c.task)
    began = and_(effects.c.intended_at >= period.begins, effects.c.intended_at < period.ends)
    counted = select(func.count().filter(good), func.count()).select_from(effects.join(tasks, theirs))
    return counted.where(
        effects.c.company == unit.company, tasks.c.lane == measure.lane, began, effects.c.state.not_in(_OPEN)
    )


_QUERIES: Mapping[str, Callable[[Unit, Measure, Period], Select[int, int]]] = {
    WITHIN: _ended_within,
    VERIFIED: _verified,
    AT_ONCE: _verified_at_once,
}
