"""The measures that are computed from tasks and effects: of those whose fate is known, how many went as wanted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    Select,
    Text,
    Values,
    and_,
    column,
    func,
    or_,
    select,
    values,
)

from contracts.measures import AT_ONCE, VERIFIED, WITHIN, Measure
from contracts.vocabulary import EffectState
from engine.scorecard.periods import Period
from storage.database import Unit
from storage.tables.work import effects, tasks

STILL_OPEN = (EffectState.INTENDED, EffectState.PERFORMED)
"""Effects whose fate is not known yet."""


def shares(unit: Unit, asked: Sequence[tuple[Measure, Period]]) -> list[float | None]:
    """Percent of what began in each period; None when nothing did whose fate is known by now.

    One statement for each kind of measure, however many there are.
    """
    found: dict[int, float] = {}
    for name, count in _COUNTS.items():
        wanted = [(n, measure, period) for n, (measure, period) in enumerate(asked) if measure.name == name]
        if wanted:
            rows = unit.connection.execute(count(unit, _places(wanted)))
            found |= {row.n: 100.0 * row.good / row.known for row in rows}
    return [found.get(n) for n in range(len(asked))]


def _places(wanted: Sequence[tuple[int, Measure, Period]]) -> Values:
    moment = DateTime(timezone=True)
    columns: list[Any] = [column("n", Integer), column("lane", Text), column("within", Interval)]
    columns += [column("begins", moment), column("ends", moment)]
    rows = [(n, one.lane, timedelta(seconds=one.seconds or 0), at.begins, at.ends) for n, one, at in wanted]
    return values(*columns, name="wanted").data(rows)


def _ended_within(unit: Unit, wanted: Values) -> Select[Any]:
    """A task that has not ended counts as late as soon as it is."""
    in_time = tasks.c.ended_at - tasks.c.accepted_at <= wanted.c.within
    known = or_(tasks.c.ended_at.is_not(None), tasks.c.accepted_at < unit.now - wanted.c.within)
    began = and_(tasks.c.accepted_at >= wanted.c.begins, tasks.c.accepted_at < wanted.c.ends)
    theirs = and_(tasks.c.company == unit.company, tasks.c.lane == wanted.c.lane, began, known)
    return _counted(in_time, wanted).select_from(wanted.join(tasks, theirs))


def _verified(unit: Unit, wanted: Values) -> Select[Any]:
    return _of_effects(unit, wanted, effects.c.state == EffectState.VERIFIED)


def _verified_at_once(unit: Unit, wanted: Values) -> Select[Any]:
    at_once = and_(effects.c.state == EffectState.VERIFIED, effects.c.performs == 1, effects.c.looks == 0)
    return _of_effects(unit, wanted, at_once)


def _of_effects(unit: Unit, wanted: Values, good: ColumnElement[bool]) -> Select[Any]:
    mine = and_(tasks.c.company == unit.company, tasks.c.lane == wanted.c.lane)
    theirs = and_(effects.c.company == tasks.c.company, effects.c.task == tasks.c.number)
    began = and_(effects.c.intended_at >= wanted.c.begins, effects.c.intended_at < wanted.c.ends)
    known = and_(theirs, began, effects.c.state.not_in(STILL_OPEN))
    return _counted(good, wanted).select_from(wanted.join(tasks, mine).join(effects, known))


def _counted(good: ColumnElement[bool], wanted: Values) -> Select[Any]:
    return select(wanted.c.n, func.count().filter(good).label("good"), func.count().label("known")).group_by(wanted.c.n)


_COUNTS: Mapping[str, Callable[[Unit, Values], Select[Any]]] = {
    WITHIN: _ended_within,
    VERIFIED: _verified,
    AT_ONCE: _verified_at_once,
}
