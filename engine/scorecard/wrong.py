"""What was said of a portfolio's results in a week: how many were wrong, how often again, what it took, what is open."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from contracts.loaded import Business
from engine.incidents import answerable
from engine.scorecard.figures import MOST_SHOWN, OpenIncident
from engine.scorecard.periods import Period
from storage.database import Unit
from storage.tables.incidents import incidents


@dataclass(frozen=True, slots=True)
class Wrong:
    """A lane's week: tasks whose result was said to be wrong in it, and what its closed incidents were and took.

    `again` counts those that were the same as an earlier one.
    """

    wrong: int = 0
    again: int = 0
    correction_s: int = 0


def wrong_results(unit: Unit, lanes: Collection[str], week: Period) -> dict[str, Wrong]:
    """Each lane, also those of which nothing was said. One statement."""
    said = and_(incidents.c.reported_at >= week.begins, incidents.c.reported_at < week.ends)
    closed = and_(incidents.c.closed_at >= week.begins, incidents.c.closed_at < week.ends)
    query = select(
        incidents.c.lane,
        func.count(incidents.c.task.distinct()).filter(said).label("wrong"),
        func.count().filter(closed, incidents.c.recurs.is_not(None)).label("again"),
        func.coalesce(func.sum(incidents.c.correction_s).filter(closed), 0).label("correction_s"),
    ).where(incidents.c.company == unit.company, incidents.c.lane.in_(lanes), or_(said, closed))
    stands = query.where(incidents.c.withdrawn.is_(False)).group_by(incidents.c.lane)
    rows = unit.connection.execute(stands)
    found = {row.lane: Wrong(row.wrong, row.again, int(row.correction_s)) for row in rows}
    return {lane: found.get(lane, Wrong()) for lane in lanes}


def still_open(unit: Unit, business: Business, lanes: Mapping[str, str]) -> tuple[tuple[OpenIncident, ...], int]:
    """The oldest incidents that nobody has closed, and how many there are; `lanes` are titles by name. One statement."""
    rows = unit.connection.execute(_open(unit, lanes)).all()
    shown = (OpenIncident(row.task, lanes[row.lane], _owner(business, row), row.reported_at) for row in rows)
    return tuple(shown), int(rows[0].of_all) if rows else 0


def _open(unit: Unit, lanes: Collection[str]) -> Select[Any]:
    shown = (incidents.c.task, incidents.c.lane, incidents.c.worker, incidents.c.reported_at)
    query = select(*shown, func.count().over().label("of_all"))
    mine = query.where(
        incidents.c.company == unit.company, incidents.c.lane.in_(lanes), incidents.c.closed_at.is_(None)
    )
    return mine.order_by(incidents.c.reported_at, incidents.c.number).limit(MOST_SHOWN)


def _owner(business: Business, row: Any) -> str:
    nearest = answerable(business, row.lane, row.worker)[0]
    declared = business.company.person(nearest)
    return declared.name if declared is not None else nearest
