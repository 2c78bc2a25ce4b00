"""What waits for people in the lanes of a portfolio, the oldest first, with how much more there is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, any_, exists, func, literal, or_, select

from contracts.vocabulary import OPEN_DECISIONS, DecisionState, EffectState, TaskState
from engine.scorecard.figures import MOST_SHOWN, Doubt, Needs, OpenBlocker, OpenDecision, Untold
from engine.scorecard.periods import Period
from storage.database import Unit
from storage.tables.business import people
from storage.tables.deciding import decisions
from storage.tables.work import blockers, effects, tasks


def needs(unit: Unit, lanes: dict[str, str], manager: str, week: Period, unobserved: Sequence[Untold]) -> Needs:
    """All that waits now; `lanes` are titles by name. Three statements."""
    asked = unit.connection.execute(_decisions(unit, lanes, manager)).all()
    stopped = unit.connection.execute(_blockers(unit, lanes)).all()
    doubted = unit.connection.execute(_doubts(unit, lanes, week)).all()
    return Needs(
        decisions=tuple(_decision(row) for row in asked),
        decisions_open=_all_of(asked),
        asking=asked[0].asking if asked else 0,
        blockers=tuple(_blocker(row, lanes) for row in stopped),
        blockers_open=_all_of(stopped),
        doubts=tuple(Doubt(row.task, row.tool, row.intended_at) for row in doubted),
        doubts_open=_all_of(doubted),
        unobserved=tuple(unobserved),
    )


def _all_of(rows: Sequence[Row[Any]]) -> int:
    return int(rows[0].of_all) if rows else 0


def _decision(row: Row[Any]) -> OpenDecision:
    asks_back = row.state == DecisionState.ASKED_BACK
    return OpenDecision(row.number, row.question, row.opened_at, row.entitled_words, row.asks_manager, asks_back)


def _blocker(row: Row[Any], lanes: dict[str, str]) -> OpenBlocker:
    """An outage that another portfolio's lane met first is named after one of these that wait for it, too."""
    here = [lane for lane in (row.lane, *sorted(row.waiting_lanes or ())) if lane in lanes]
    return OpenBlocker(lanes[here[0]], row.sentence, row.owner, row.opened_at, row.tasks)


def _of_task(unit: Unit, table: Table) -> ColumnElement[bool]:
    return and_(tasks.c.company == unit.company, table.c.company == unit.company, tasks.c.number == table.c.task)


def _decisions(unit: Unit, lanes: dict[str, str], manager: str) -> Select[Any]:
    """Those that ask the manager first; the card of an open blocker is left to the blocker's own line."""
    asks_manager = and_(literal(manager) == any_(decisions.c.entitled), decisions.c.state == DecisionState.OPEN)
    of_blocker = exists().where(
        blockers.c.company == unit.company,
        blockers.c.id == decisions.c.proposal["blocker"].astext,
        blockers.c.lifted_at.is_(None),
    )
    shown = (decisions.c.number, decisions.c.opened_at, decisions.c.entitled_words, decisions.c.state)
    totals = (func.count().over().label("of_all"), func.count().filter(asks_manager).over().label("asking"))
    query = select(
        *shown, *totals, decisions.c.card["question"].astext.label("question"), asks_manager.label("asks_manager")
    )
    mine = query.select_from(decisions.join(tasks, _of_task(unit, decisions))).where(tasks.c.lane.in_(lanes))
    waiting = mine.where(decisions.c.state.in_(OPEN_DECISIONS), ~of_blocker)
    return waiting.order_by(asks_manager.desc(), decisions.c.opened_at, decisions.c.number).limit(MOST_SHOWN)


def _blockers(unit: Unit, lanes: dict[str, str]) -> Select[Any]:
    """Those of the lanes, and outages for which tasks of theirs wait, whoever met them first."""
    waits = and_(
        tasks.c.company == unit.company, tasks.c.waiting_on == blockers.c.id, tasks.c.state == TaskState.WAITING
    )
    waiting = select(func.count()).where(waits).scalar_subquery()
    waiting_lanes = select(func.array_agg(tasks.c.lane.distinct())).where(waits).scalar_subquery()
    owner = and_(people.c.company == unit.company, people.c.id == blockers.c.owner)
    shown = (blockers.c.lane, blockers.c.sentence, blockers.c.opened_at, waiting.label("tasks"))
    named = func.coalesce(people.c.name, blockers.c.owner).label("owner")
    totals = (named, waiting_lanes.label("waiting_lanes"), func.count().over().label("of_all"))
    query = select(*shown, *totals).select_from(blockers.outerjoin(people, owner))
    theirs = or_(blockers.c.lane.in_(lanes), exists().where(waits, tasks.c.lane.in_(lanes)))
    mine = query.where(blockers.c.company == unit.company, theirs, blockers.c.lifted_at.is_(None))
    return mine.order_by(blockers.c.opened_at, blockers.c.id).limit(MOST_SHOWN)


def _doubts(unit: Unit, lanes: dict[str, str], week: Period) -> Select[Any]:
    """Those of tasks under way, unless an open blocker tells of them; those of ended tasks in the week of their end."""
    told = exists().where(
        blockers.c.company == unit.company, blockers.c.id == tasks.c.waiting_on, blockers.c.lifted_at.is_(None)
    )
    ended_here = and_(tasks.c.ended_at >= week.begins, tasks.c.ended_at < week.ends)
    current = or_(and_(tasks.c.ended_at.is_(None), ~told), ended_here)
    query = select(effects.c.task, effects.c.tool, effects.c.intended_at, func.count().over().label("of_all"))
    mine = query.select_from(effects.join(tasks, _of_task(unit, effects))).where(tasks.c.lane.in_(lanes))
    open_ones = mine.where(effects.c.state == EffectState.UNKNOWN, current)
    return open_ones.order_by(effects.c.intended_at, effects.c.key).limit(MOST_SHOWN)
