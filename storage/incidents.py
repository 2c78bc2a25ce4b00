"""Rows of incidents: what somebody said of a result, and how it was closed."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, text, update

from contracts.vocabulary import CauseClass
from storage.database import Unit
from storage.tables.incidents import incidents

_NUMBER = text("select nextval('incident_number')")
_STANDS = incidents.c.withdrawn.is_(False)


class IncidentNotFound(LookupError):
    """This company has no such incident."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: `sentence` is what was said, `because` what whoever closed it adds, `correction_s` in seconds.

    `cause` and `correction_s` may be known before it is closed; `recurs` is the number of an earlier one that was alike.
    One that is `withdrawn` is closed too: it was a mistake, `because` says which, and nothing counts it any more.
    """

    number: int
    task: int
    lane: str
    worker: str
    reported_by: str
    via: str
    sentence: str
    reported_at: datetime
    cause: CauseClass | None = None
    correction_s: int | None = None
    because: str = ""
    recurs: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    withdrawn: bool = False


def _incident(row: Any) -> Incident:
    values = {field.name: getattr(row, field.name) for field in fields(Incident)}
    return Incident(**{**values, "cause": CauseClass(row.cause) if row.cause else None})


def next_number(unit: Unit) -> int:
    """A number that no other incident has or had."""
    found: int = unit.connection.execute(_NUMBER).scalar_one()
    return found


def add(unit: Unit, incident: Incident, *, delivery: str) -> None:
    """Insert it; the caller guards, by the task's row, against a delivery that has come before."""
    values = {field.name: getattr(incident, field.name) for field in fields(Incident)}
    unit.connection.execute(insert(incidents).values(company=unit.company, delivery=delivery, **values))


def find(unit: Unit, number: int, *, lock: bool = False) -> Incident:
    """The incident, locked until the transaction ends if asked; raises IncidentNotFound."""
    query = select(incidents).where(incidents.c.company == unit.company, incidents.c.number == number)
    row = unit.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise IncidentNotFound(f"There is no incident {number}.")
    return _incident(row)


def said_before(unit: Unit, *, task: int, person: str, delivery: str) -> tuple[Incident, bool] | None:
    """What the delivery has become already, or the person's own incident on the task that is still open.

    The flag says whether the very same delivery came before.
    """
    theirs = (incidents.c.task == task) & (incidents.c.reported_by == person)
    same = incidents.c.delivery == delivery
    query = select(incidents, same.label("same")).where(incidents.c.company == unit.company, theirs)
    matching = query.where(same | incidents.c.closed_at.is_(None)).order_by(same.desc(), incidents.c.number)
    row = unit.connection.execute(matching.limit(1)).one_or_none()
    return (_incident(row), bool(row.same)) if row is not None else None


def of_delivery(unit: Unit, *, person: str, delivery: str) -> Incident | None:
    """What a person's delivery has become, whatever task it named."""
    theirs = (incidents.c.reported_by == person) & (incidents.c.delivery == delivery)
    query = select(incidents).where(incidents.c.company == unit.company, theirs).limit(1)
    row = unit.connection.execute(query).one_or_none()
    return _incident(row) if row is not None else None


def earlier(unit: Unit, incident: Incident, cause: CauseClass) -> int | None:
    """The newest incident before this one that is closed, with the same lane, worker and cause."""
    alike = (incidents.c.lane == incident.lane) & (incidents.c.worker == incident.worker) & (incidents.c.cause == cause)
    before = alike & incidents.c.closed_at.is_not(None) & _STANDS & (incidents.c.number < incident.number)
    query = select(incidents.c.number).where(incidents.c.company == unit.company, before)
    found: int | None = unit.connection.execute(query.order_by(incidents.c.number.desc()).limit(1)).scalar()
    return found


def close(unit: Unit, incident: Incident) -> None:
    """Write down how a locked incident was closed or withdrawn."""
    changed = ("cause", "correction_s", "because", "recurs", "closed_at", "closed_by", "withdrawn")
    mine = (incidents.c.company == unit.company) & (incidents.c.number == incident.number)
    values = {name: getattr(incident, name) for name in changed}
    unit.connection.execute(update(incidents).where(mine).values(values))


def of_task(unit: Unit, task: int) -> list[Incident]:
    """All that was said of a task's result, oldest first."""
    return _read(unit, incidents.c.task == task, newest_first=False)


def newest(unit: Unit, *, only_open: bool, before: int | None = None, limit: int = 50) -> list[Incident]:
    """The company's incidents, newest first; `before` a number, to go on from a page."""
    wanted: list[ColumnElement[bool]] = [incidents.c.closed_at.is_(None)] if only_open else []
    wanted += [incidents.c.number < before] if before is not None else []
    return _read(unit, *wanted, limit=limit)


def open_of(unit: Unit, person: str, *, limit: int) -> list[Incident]:
    """What somebody has said of results that is still open, newest first."""
    return _read(unit, incidents.c.reported_by == person, incidents.c.closed_at.is_(None), limit=limit)


def count_of_worker(unit: Unit, incident: Incident) -> int:
    """How many incidents the same worker had before this one, but for those that were withdrawn."""
    alike = (incidents.c.lane == incident.lane) & (incidents.c.worker == incident.worker)
    before = alike & _STANDS & (incidents.c.number < incident.number)
    query = select(func.count()).select_from(incidents).where(incidents.c.company == unit.company, before)
    found: int = unit.connection.execute(query).scalar_one()
    return found


def _read(unit: Unit, *which: ColumnElement[bool], newest_first: bool = True, limit: int = 500) -> list[Incident]:
    order = incidents.c.number.desc() if newest_first else incidents.c.number
    query = select(incidents).where(incidents.c.company == unit.company, *which).order_by(order).limit(limit)
    return [_incident(row) for row in unit.connection.execute(query)]
