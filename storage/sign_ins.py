"""Links that sign somebody in on the page once; the row of a used one is the session that it opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, func, insert, select, text, update

from storage.database import Unit
from storage.tables.signing_in import sign_ins

_FORGET = text("select forget_sign_ins(:most)")
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:asked, 0))")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A link as it was made for a person, when it was used (from then on it is a session) and when that was ended."""

    id: str
    person: str
    via: str
    made_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


def keep(unit: Unit, link: str, *, person: str, via: str) -> None:
    """Keep a new link, by its random id."""
    values = {"id": link, "person": person, "via": via, "made_at": unit.now}
    unit.connection.execute(insert(sign_ins).values(company=unit.company, **values))


def find(unit: Unit, link: str, *, lock: bool = False) -> SignIn | None:
    """A link by its id; `lock` keeps others from using it until the transaction ends."""
    query = select(sign_ins).where(sign_ins.c.company == unit.company, sign_ins.c.id == link)
    row = unit.connection.execute(query.with_for_update() if lock else query).one_or_none()
    return SignIn(row.id, row.person, row.via, row.made_at, row.used_at, row.ended_at) if row else None


def use(unit: Unit, link: str) -> None:
    """A locked link is used: its session begins."""
    unit.connection.execute(_mine(unit, link).values(used_at=unit.now))


def end(unit: Unit, link: str) -> bool:
    """Its session ends; False when it had ended before or never began."""
    going = sign_ins.c.used_at.is_not(None) & sign_ins.c.ended_at.is_(None)
    return unit.connection.execute(_mine(unit, link).where(going).values(ended_at=unit.now)).rowcount == 1


def _mine(unit: Unit, link: str) -> Update:
    return update(sign_ins).where(sign_ins.c.company == unit.company, sign_ins.c.id == link)


def lately(unit: Unit, *, person: str, via: str, within: timedelta) -> int:
    """How many links were made for somebody that way; whoever asks next waits until this transaction ends."""
    unit.connection.execute(_LOCK, {"asked": f"{unit.company}/sign_in/{person}/{via}"})
    theirs = (sign_ins.c.company == unit.company) & (sign_ins.c.person == person) & (sign_ins.c.via == via)
    query = select(func.count()).select_from(sign_ins).where(theirs, sign_ins.c.made_at > unit.now - within)
    found: int = unit.connection.execute(query).scalar_one()
    return found


def forget(unit: Unit, *, most: int) -> int:
    """Take away links that were made over 30 days ago, the oldest first and at most so many; returns how many."""
    found: int = unit.connection.execute(_FORGET, {"most": most}).scalar_one()
    return found
