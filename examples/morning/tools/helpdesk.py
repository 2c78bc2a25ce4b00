"""Speaks to the helpdesk's database: reads tickets and what they wait for, closes them with an answer."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypedDict

from chargehand import Seen, Transient, effect, reads

_TICKET = "select number, customer, subject, body, opened_at from tickets where number = ?"
_WAITS_FOR = "select waits_for from dependencies where ticket = ? and not resolved order by waits_for"
_ABOUT = """
    select t.number, c.issue from closings c join tickets t on t.number = c.ticket
     where lower(t.subject) = lower(?) order by c.at desc limit 20
"""
_CLOSE = "insert into closings (ticket, issue, message, key, at) values (?, ?, ?, ?, ?)"
_CLOSED = "select id, ticket, issue, message, at from closings where key = ? order by id"


class Ticket(TypedDict):
    """A ticket as the helpdesk has it; `opened_at` is UTC epoch seconds."""

    number: str
    customer: str
    subject: str
    body: str
    opened_at: int


class ClosedBefore(TypedDict):
    """A ticket that was closed, and as what."""

    number: str
    issue: str


class Closing(TypedDict):
    """A closing that the helpdesk has just written."""

    reference: str
    at: int


class Helpdesk:
    """The helpdesk at `path`, a SQLite file. Every method raises Transient when the file is locked or gone."""

    def __init__(self, *, path: str) -> None:
        self._address = f"{Path(path).absolute().as_uri()}?mode=rw"

    @reads()
    def ticket(self, *, number: str) -> Ticket | None:
        """The ticket of that number, or None."""
        with self._open() as desk:
            row = desk.execute(_TICKET, (number,)).fetchone()
        return Ticket(**dict(row)) if row else None

    @reads()
    def waits_for(self, *, number: str) -> list[str]:
        """What a ticket still waits for, such as `refund 1234`."""
        with self._open() as desk:
            return [row["waits_for"] for row in desk.execute(_WAITS_FOR, (number,))]

    @reads()
    def closings_about(self, *, subject: str) -> list[ClosedBefore]:
        """The newest closings of tickets with that subject."""
        with self._open() as desk:
            return [ClosedBefore(**dict(row)) for row in desk.execute(_ABOUT, (subject,))]

    @effect("readable", look="closing_by_key", blast="customer")
    def close(self, *, ticket: str, issue: str, message: str, key: str) -> Closing:
        """Close a ticket and send its customer the message."""
        at = int(time.time())
        with self._open() as desk, desk:
            number = desk.execute(_CLOSE, (ticket, issue, message, key, at)).lastrowid
        return Closing(reference=str(number), at=at)

    def closing_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The first closing that carries `key`."""
        with self._open() as desk:
            row = desk.execute(_CLOSED, (key,)).fetchone()
        if row is None:
            return None
        args = {"ticket": row["ticket"], "issue": row["issue"], "message": row["message"]}
        return Seen(reference=str(row["id"]), args=args, at=row["at"])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._address, uri=True, timeout=1.0)) as desk:
                desk.row_factory = sqlite3.Row
                yield desk
        except sqlite3.DatabaseError as error:
            raise Transient("The helpdesk can't be reached.", cause="helpdesk") from error
