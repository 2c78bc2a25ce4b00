"""Who is away, until when, and who decides in their place: whom they named, else their manager."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.vocabulary import OPEN_DECISIONS, AbsenceSource
from escalation.opening import send_cards, tell_absent
from escalation.substitutes import Seated, away_now, seated, substitute_of
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import person
from storage.tables.absent import absences
from storage.tables.deciding import decisions


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `since` (UTC) to `until`; `reference` tells two of one source apart."""

    person: str
    since: datetime
    until: datetime
    source: AbsenceSource
    reference: str
    substitute: str | None = None


class NotAway(ValueError):
    """The absence can't be so; `str()` is a sentence for who wrote it."""


def go_away(unit: Unit, absence: Absence, *, by: str) -> str | None:
    """Keep an absence, or what it says now, and seat the substitute in what is open; returns who that is.

    Raises NotAway.
    """
    _check(unit, absence)
    values = {"since": absence.since, "until": absence.until, "substitute": absence.substitute, "ended_at": None}
    key = {"company": unit.company, "person": absence.person, "source": absence.source, "reference": absence.reference}
    statement = insert(absences).values(**key, **values, noted_at=unit.now)
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["company", "person", "source", "reference"], set_=values)
    )
    content = {"until": absence.until.isoformat(), "source": absence.source, "substitute": absence.substitute}
    note(unit, f"person:{absence.person}", Said("away", by, content))
    if absence.since <= unit.now < absence.until:
        _seat_substitutes(unit, absence.person)
    return substitute_of(unit, absence.person, {absence.person: absence.substitute, **away_now(unit)})


def _check(unit: Unit, absence: Absence) -> None:
    if absence.until <= max(absence.since, unit.now):
        raise NotAway("That is over already: say until when you are away, a day in the future.")
    named = person(unit, absence.substitute) if absence.substitute else None
    if absence.substitute is not None and (named is None or not named.active):
        raise NotAway(f"Nobody here is called {absence.substitute}. Name somebody of the company, or nobody.")
    if absence.substitute == absence.person:
        raise NotAway("Somebody else has to stand in for you.")


def come_back(unit: Unit, person_id: str, *, by: str) -> int:
    """End all of somebody's absences that run now or are to come; returns how many."""
    mine = (absences.c.company == unit.company) & (absences.c.person == person_id)
    running = mine & absences.c.ended_at.is_(None) & (absences.c.until > unit.now)
    ended = unit.connection.execute(update(absences).where(running).values(ended_at=unit.now)).rowcount
    if ended:
        note(unit, f"person:{person_id}", Said("back", by, {"absences": ended}))
    return ended


def follow(unit: Unit, person_id: str, source: AbsenceSource, now: Sequence[Absence], *, by: str) -> bool:
    """Keep what a source that is read again and again says of somebody who is away now; True when that is news.

    What they have ended themselves stays ended as long as the source says the same.
    """
    mine = (absences.c.company == unit.company) & (absences.c.person == person_id) & (absences.c.source == source)
    running = unit.connection.execute(select(absences).where(mine & (absences.c.until > unit.now))).all()
    known = {row.reference: (row.since, row.until) for row in running}
    news = [one for one in now if known.get(one.reference) != (one.since, one.until) and one.until > unit.now]
    for one in news:
        go_away(unit, one, by=by)
    said = {one.reference for one in now}
    over = [row.reference for row in running if row.reference not in said and row.ended_at is None]
    if over:
        unit.connection.execute(update(absences).where(mine & absences.c.reference.in_(over)).values(ended_at=unit.now))
        note(unit, f"person:{person_id}", Said("back", by, {"absences": len(over)}))
    return bool(news or over)


def _seat_substitutes(unit: Unit, person_id: str) -> None:
    """In every open decision that somebody is asked in, their substitute is asked too."""
    asked = decisions.c.entitled.contains([person_id])
    mine = (decisions.c.company == unit.company) & decisions.c.state.in_(OPEN_DECISIONS) & asked
    for row in unit.connection.execute(select(decisions).where(mine).order_by(decisions.c.number).with_for_update()):
        now = seated(unit, [person_id], row.seats, never={row.requester, *row.entitled})
        for substitute in now.absent.values():
            _seat(unit, row, now, substitute)


def _seat(unit: Unit, row: Row[Any], now: Seated, substitute: str) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.number == row.number)
    values = {"entitled": [*row.entitled, substitute], "seats": now.seats}
    unit.connection.execute(update(decisions).where(mine).values(**values))
    send_cards(unit, row.number, row.task, [substitute])
    tell_absent(unit, row.number, row.task, now.absent)
