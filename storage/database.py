"""Connections that are bound to one company, so that row-level security stands behind every statement."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from psycopg.pq import TransactionStatus
from psycopg.sql import quote
from sqlalchemy import Connection, Engine, TextualSelect, column, create_engine, event, text

from storage.pipeline import PREPARED, Flight, Query, Sendable, carried_out, doubt, driver_of, send
from storage.silence import limits

FREE_WITHIN_S = 5.0
"""How long whoever finds every connection taken waits for one."""
# Several statements at once take one round trip. PostgreSQL counts to a transaction what stood before its `begin` in the
# same message, and the result that is read first is the first one.
_BIND_SESSION = "select set_config('app.company', {company}, false), chargehand_now()"
_BEGIN_BOUND = "select set_config('app.company', {company}, true), {locks}, chargehand_now(); begin"
_LOCKS_WITHIN = "set_config('lock_timeout', '{limit}ms', true)"
_BEGIN = "select chargehand_now(); begin"
_RELEASE = "select set_config('app.company', '', false)"
# The same, where more goes with it. What goes with it is planned once a session: each of the first five times anew took up
# to ten milliseconds, and a session on which something was rolled back begins to count again.
_OPENED = Sendable(
    text(
        """select set_config('app.company', cast(:company as text), cast(:once as boolean)) as company,
    set_config('plan_cache_mode', 'force_generic_plan', true) as plans,
    set_config('lock_timeout', coalesce(cast(:locks as text), current_setting('lock_timeout')), true) as locks,
    chargehand_now() as now"""
    )
)
_BEGUN = Sendable(text("begin"))
_ENDED = Sendable(text("commit"))
_IS_BOUND = "is bound to a company"
"""What is noted of a physical connection, until it is released: False before its session is bound, True once it is for good."""
_OF_SESSIONS = {PREPARED, _IS_BOUND}


@dataclass(slots=True)
class Unit:
    """One transaction for one company: its connection and the moment it began (`chargehand_now()`)."""

    connection: Connection
    company: str
    now: datetime


class Database:
    """A pool of connections as the app's plain role."""

    def __init__(self, url: str, *, size: int = 8) -> None:
        self.engine = create_engine(
            url,
            pool_size=size,
            max_overflow=2,
            pool_timeout=FREE_WITHIN_S,
            pool_pre_ping=False,
            pool_recycle=1800,
            pool_use_lifo=True,  # the connection that was used last has its statements prepared
            hide_parameters=True,
            connect_args=limits(url),
        )
        event.listen(self.engine, "reset", _forget_company)
        for undone in ("rollback", "rollback_savepoint"):
            event.listen(self.engine, undone, _doubt_what_was_prepared)

    @contextmanager
    def transaction(self, company: str, *, locks_ms: int | None = None) -> Iterator[Unit]:
        """One transaction bound to `company`, committed at the end unless an exception passes.

        With `locks_ms` a statement that waits longer for somebody else's row raises sqlalchemy's OperationalError.
        """
        with self.engine.connect() as connection, _unbegun(connection), connection.begin():
            now = connection.execute(_begin_bound(company, locks_ms)).one().now
            yield Unit(connection, company, now)

    @contextmanager
    def bound(self, company: str, *, at_once: bool = True) -> Iterator["BoundConnection"]:
        """A connection that stays bound to `company` for a whole shift, over several transactions.

        Unless `at_once` its first transaction binds it, in the round trip that it takes to begin.
        """
        with self.engine.connect() as connection:
            bound = BoundConnection(connection, company)
            if at_once:
                bound.bind()
            yield bound

    @contextmanager
    def trips(self, company: str, *, locks_ms: int | None = None) -> Iterator["Trips"]:
        """Transactions of one statement each for `company`, with `locks_ms` as for `transaction`."""
        with self.engine.connect() as connection, _unbegun(connection):
            yield Trips(connection, company, locks_ms)

    @contextmanager
    def unbound(self) -> Iterator[Connection]:
        """A connection of no company: it sees ids that the cross-company functions return, and no row."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """An unbound connection on which each statement is its own transaction: one round trip a statement."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Trips:
    """Transactions of one statement each for one company, of which each takes one round trip."""

    connection: Connection
    company: str
    locks_ms: int | None

    def carry_out(self, statement: Sendable, parameters: Mapping[str, Any]) -> tuple[Unit, list[Any]]:
        """One transaction, begun, bound, and ended; its rows, with the moment at which it began."""
        opened = _opened(self.company, once=True, locks_ms=self.locks_ms)
        (first,), rows = carried_out(self.connection, [opened, (statement, parameters)])
        return Unit(self.connection, self.company, first.now), rows


@dataclass(slots=True)
class BoundConnection:
    """A connection that serves one company's shift; `anchor` pairs the record's time with the machine's clock.

    What binds its session belongs to the first transaction, and is undone with it. Where a session was lost, the one that
    comes in its place is bound as well.
    """

    connection: Connection
    company: str
    anchor: tuple[datetime, float] | None = None

    def bind(self) -> None:
        """Bind it before a statement that comes by itself."""
        if not self._is_bound():
            with _unbegun(self.connection), self.connection.begin():
                self._begin(_in_session(_BIND_SESSION, self.company))
            self.noted[_IS_BOUND] = True

    @contextmanager
    def transaction(self) -> Iterator[Unit]:
        """One transaction on the bound connection."""
        with _unbegun(self.connection):
            begin = _BEGIN if self._is_bound() else _in_session(f"{_BIND_SESSION}; begin", self.company)
            with self.connection.begin():
                yield Unit(self.connection, self.company, self._begin(begin))
            self.noted[_IS_BOUND] = True

    @contextmanager
    def transaction_from(self, *queries: Query) -> Iterator[tuple[Unit, list[list[Any]]]]:
        """One transaction that begins with statements, in one round trip; the rows of each. `end_with` may end it in another."""
        with _unbegun(self.connection), self.connection.begin():
            _, (first,), *asked = carried_out(self.connection, [(_BEGUN, {}), self._opened(), *queries])
            yield Unit(self.connection, self.company, self._began(first.now)), asked
        self.noted[_IS_BOUND] = True

    def carry_out(self, statement: Sendable, parameters: Mapping[str, Any]) -> tuple[Unit, list[Any]]:
        """One transaction of one statement, begun, bound and ended in its round trip; its rows, with its time."""
        return self.answer(self.send(statement, parameters))

    def send(self, statement: Sendable, parameters: Mapping[str, Any]) -> Flight:
        """The same, to be carried out while something else is done; the connection serves nothing else until `answer` has told."""
        return send(self.connection, [self._opened(), (statement, parameters)])

    def answer(self, sent: Flight) -> tuple[Unit, list[Any]]:
        """What `carry_out` returns, of what was sent."""
        (first,), rows = sent.rows()
        self.noted[_IS_BOUND] = True
        return Unit(self.connection, self.company, self._began(first.now)), rows

    def _opened(self) -> Query:
        self.noted.setdefault(_IS_BOUND, False)
        return _opened(self.company, once=False)

    def _is_bound(self) -> bool:
        """Whether the session that there is now is bound for good."""
        is_bound: bool = self.noted.setdefault(_IS_BOUND, False)
        return is_bound

    def _begin(self, words: str) -> datetime:
        return self._began(self.connection.exec_driver_sql(words).one()[-1])

    def _began(self, now: datetime) -> datetime:
        self.anchor = (now, time.monotonic())
        return now

    @contextmanager
    def statement(self) -> Iterator[Unit]:
        """A transaction of one statement, which takes one round trip; its time is that of `now`, not asked for anew."""
        self.bind()
        unit = Unit(self.connection, self.company, self.now())
        with _unbegun(self.connection), self.connection.begin():
            yield unit

    @property
    def noted(self) -> dict[Any, Any]:
        """What was noted of the physical connection: it goes with it, and one made anew has nothing noted."""
        return self.connection.info

    def now(self) -> datetime:
        """The record's time since the last transaction, without asking again: a shift is shorter than any drift."""
        if self.anchor is None:
            with self.transaction() as unit:
                return unit.now
        now, then = self.anchor
        return now + timedelta(seconds=time.monotonic() - then)


def end_with(unit: Unit, *queries: Query) -> list[list[Any]]:
    """Carry out the last statements of a transaction and commit it, in one round trip; the rows of each.

    Nothing may be asked of the unit after that.
    """
    return carried_out(unit.connection, [*queries, (_ENDED, {})])[:-1]


def forget_record(connection: Connection) -> None:
    """Forget what was noted of the record behind a physical connection; what is true of its session stays."""
    for name in [one for one in connection.info if one not in _OF_SESSIONS]:
        del connection.info[name]


@contextmanager
def _unbegun(connection: Connection) -> Iterator[None]:
    """The driver sends no `begin` of its own: each statement is a transaction, unless it begins one itself."""
    driver: Any = connection.connection.driver_connection
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:  # a lost one raises an error of its own here, which would hide that it was lost
            driver.autocommit = False


def _opened(company: str, *, once: bool, locks_ms: int | None = None) -> Query:
    """What a transaction begins with that takes one round trip: its session is bound, for it or for good."""
    locks = None if locks_ms is None else f"{locks_ms}ms"
    return _OPENED, {"company": company, "once": str(once), "locks": locks}


@lru_cache
def _begin_bound(company: str, locks_ms: int | None) -> TextualSelect:
    """With the name in it: several statements at once take no parameters, and what looks like one is escaped."""
    named = quote(company).replace(":", "\\:")
    locks = "null" if locks_ms is None else _LOCKS_WITHIN.format(limit=locks_ms)
    return text(_BEGIN_BOUND.format(company=named, locks=locks)).columns(*map(column, ("company", "locks", "now")))


def _in_session(words: str, company: str) -> str:
    """The same for a session; what looks like a parameter is doubled there."""
    return words.format(company=quote(company).replace("%", "%%"))


def _doubt_what_was_prepared(connection: Connection, *_: object) -> None:
    """What ends outside a transaction is told as undone as well, and undoes nothing; a lost one has gone with its notes."""
    if not connection.invalidated and _is_in_transaction(connection):
        doubt(connection.info)


def _is_in_transaction(connection: Connection) -> bool:
    return driver_of(connection).info.transaction_status != TransactionStatus.IDLE


def _forget_company(driver: Any, record: Any, state: Any) -> None:
    """A connection goes back to the pool unbound: what the last company was must not be read by the next.

    One that was bound for a transaction has forgotten it at the end of that.
    """
    driver.rollback()
    if state.terminate_only or _IS_BOUND not in record.info:
        return
    driver.autocommit = True
    driver.execute(_RELEASE)
    driver.autocommit = False
    del record.info[_IS_BOUND]


def ping(engine: Engine) -> datetime:
    """The database's own time; raises sqlalchemy's OperationalError when it can't be reached.

    No transaction is undone for it: a session would forget what was prepared in it.
    """
    with engine.connect() as connection, _unbegun(connection):
        now: datetime = connection.execute(text("select chargehand_now()")).scalar_one()
        return now
