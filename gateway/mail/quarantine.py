"""Letters that a person has to look at: nobody knows who sent them, nobody could read them, or nothing handled them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, or_, select

from contracts.vocabulary import Became
from gateway.mail.receive import SOURCE
from storage.database import Unit
from storage.letters import raw_letter
from storage.tables.traffic import deliveries

NOT_HANDLED = "it was looked at several times and never handled: the log says why"


class LetterNotFound(LookupError):
    """The company has no such letter in quarantine."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A letter in quarantine: `name` is the start of its digest, `mail_from` the envelope's sender."""

    name: str
    received_at: datetime
    mail_from: str
    rcpt_to: tuple[str, ...]
    why: str


def set_aside(unit: Unit, *, limit: int) -> list[SetAside]:
    """The letters in quarantine, newest first."""
    given_up = deliveries.c.handled_at.is_(None) & deliveries.c.due_at.is_(None)
    mine = (deliveries.c.company == unit.company) & (deliveries.c.source == SOURCE)
    waiting = or_(deliveries.c.became == Became.QUARANTINE, given_up)
    query = select(deliveries).where(mine, waiting).order_by(deliveries.c.received_at.desc()).limit(limit)
    return [_told(row._mapping) for row in unit.connection.execute(query)]


def _told(row: RowMapping) -> SetAside:
    body = row["body"]
    return SetAside(
        name=body["letter"][:12],
        received_at=row["received_at"],
        mail_from=body["mail_from"],
        rcpt_to=tuple(body["rcpt_to"]),
        why=row["why"] or NOT_HANDLED,
    )


def raw_of(unit: Unit, name: str) -> bytes:
    """The bytes of a letter in quarantine, by (the start of) its digest; raises LetterNotFound."""
    mine = (deliveries.c.company == unit.company) & (deliveries.c.source == SOURCE)
    digest = deliveries.c.body["letter"].astext
    query = select(digest).where(mine, digest.startswith(name, autoescape=True)).limit(1)
    found = unit.connection.execute(query).scalar_one_or_none()
    raw = raw_letter(unit, found) if found and len(name) >= 8 else None
    if raw is None:
        raise LetterNotFound(f"There is no letter {name} here; `chargehand quarantine` lists them.")
    return raw
