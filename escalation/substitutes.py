"""Who decides in the place of somebody who is away: whom they named, else their manager; and if those are away, theirs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from escalation import seats
from storage.database import Unit
from storage.directory import person
from storage.tables.absent import absences

MOST_STEPS = 5
"""How many substitutes in a row may be away themselves before the seat stays empty."""


@dataclass(frozen=True, slots=True)
class Seated:
    """Who may answer once substitutes are seated; `absent` says who stands in for whom."""

    entitled: list[str]
    seats: dict[str, Any]
    absent: Mapping[str, str]

    @property
    def asked(self) -> list[str]:
        """Those who get a card: whoever is away and has a substitute is only told of it."""
        return [one for one in self.entitled if one not in self.absent]


def away_now(unit: Unit) -> dict[str, str | None]:
    """Everybody of the company who is away at this moment, each with whom they named."""
    running = (absences.c.since <= unit.now) & (absences.c.until > unit.now) & absences.c.ended_at.is_(None)
    query = select(absences.c.person, absences.c.substitute).where(absences.c.company == unit.company, running)
    return {row.person: row.substitute for row in unit.connection.execute(query.order_by(absences.c.until))}


def substitute_of(unit: Unit, person_id: str, away: Mapping[str, str | None]) -> str | None:
    """Who decides in somebody's place; None when they are here, or when nobody is left who could."""
    seen, one = {person_id}, person_id
    for _ in range(MOST_STEPS):
        if one not in away:
            return one if one != person_id else None
        who = person(unit, one)
        following = away[one] or (who.manager if who is not None else None)
        after = person(unit, following) if following else None
        if after is None or not after.active or after.id in seen:
            return None
        seen, one = {*seen, after.id}, after.id
    return None


def seated(unit: Unit, people: Collection[str], held: Mapping[str, Any], *, never: Collection[str]) -> Seated:
    """The people with the substitutes of those who are away; `never` may stand in for nobody."""
    entitled, found, absent = list(people), dict(held), {}
    away = away_now(unit)
    for one in people:
        substitute = substitute_of(unit, one, away) if one in away else None
        if substitute is None or substitute in never:
            continue
        absent[one] = substitute
        if substitute not in entitled:
            entitled.append(substitute)
            found = seats.filled(found, one, substitute)
    return Seated(entitled, found, absent)


def absence_of(unit: Unit, person_id: str) -> Row[Any] | None:
    """The absence of somebody that runs now, the one that ends last."""
    mine = (absences.c.company == unit.company) & (absences.c.person == person_id) & absences.c.ended_at.is_(None)
    running = mine & (absences.c.since <= unit.now) & (absences.c.until > unit.now)
    return unit.connection.execute(select(absences).where(running).order_by(absences.c.until.desc())).first()
