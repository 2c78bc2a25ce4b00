"""Statements that the database carries out while their sender does something else: sent now, the answer read later, on one
thread.

Each is a transaction of its own, on a connection that serves nothing else: the one that a `Sender` has. It is sent and
read as libpq's asynchronous commands are (https://www.postgresql.org/docs/current/libpq-async.html).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from hashlib import sha256
from typing import Any, Self

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Dialect, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from storage.database import BoundConnection

_NUMBERED: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_PREPARED = "statements that were prepared"


class Sendable:
    """A statement as it is sent: its name in a session, and those of its parameters, which are strings or lists of integers."""

    def __init__(self, words: TextClause) -> None:
        compiled = words.compile(dialect=_NUMBERED)
        self.sql = str(compiled)
        self.name = sha256(self.sql.encode()).hexdigest()[:16].encode()
        self._names = tuple(compiled.positiontup or ())

    def places(self, parameters: Mapping[str, Any]) -> list[bytes]:
        """The values of the parameters, place by place, as PostgreSQL reads them in text."""
        return [_as_text(parameters[name]).encode() for name in self._names]


def _as_text(value: str | list[int]) -> str:
    return value if isinstance(value, str) else f"{{{','.join(map(str, value))}}}"


class Sender:
    """Sends one statement at a time, on a connection that is there from the first one until the end of the block.

    Both ways raise sqlalchemy's errors as a statement that is waited for does. What is not read at the end is carried
    out, and nobody hears how it went.
    """

    def __init__(self, bound: Callable[[], AbstractContextManager[BoundConnection]]) -> None:
        self._bound = bound
        self._kept = ExitStack()
        self._connection: BoundConnection | None = None
        self._sent: Sendable | None = None

    def send(self, statement: Sendable, parameters: Mapping[str, Any]) -> None:
        """Have a statement carried out; the answer to the one before it must have been read."""
        if self._sent is not None:
            raise RuntimeError("the answer to what was sent before has not been read")
        if self._connection is None:
            self._connection = self._kept.enter_context(self._bound())
        self._connection.bind()  # a session that was lost has been made anew
        driver = _driver(self._connection)
        with _raising(self._connection, statement):
            _prepare(self._connection, statement)
            driver.pgconn.send_query_prepared(statement.name, statement.places(parameters))
            driver.wait(generators.send(driver.pgconn))
        self._sent = statement

    def answer(self) -> list[str | None]:
        """The first column of what came of the statement that was sent, waited for if it is not there yet."""
        sent, self._sent = self._sent, None
        if sent is None or self._connection is None:
            raise RuntimeError("nothing was sent")
        driver = _driver(self._connection)
        with _raising(self._connection, sent):
            result = _result(driver, generators.fetch_many(driver.pgconn))
        values = (result.get_value(row, 0) for row in range(result.ntuples))
        return [None if value is None else value.decode() for value in values]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent is not None and self._connection is not None:
            self._connection.connection.invalidate()  # whoever had it next would read an answer that is not theirs
        self._kept.close()


def _driver(bound: BoundConnection) -> "psycopg.Connection[Any]":
    driver: psycopg.Connection[Any] = bound.connection.connection.driver_connection  # type: ignore[assignment]
    return driver


def _prepare(bound: BoundConnection, statement: Sendable) -> None:
    """Have a statement read and planned once a session: each time anew took the server a sixth of its work on moves."""
    prepared = bound.noted.setdefault(_PREPARED, set())
    if statement.name not in prepared:
        driver = _driver(bound)
        driver.pgconn.send_prepare(statement.name, statement.sql.encode())
        _result(driver, generators.execute(driver.pgconn))
        prepared.add(statement.name)


def _result(driver: "psycopg.Connection[Any]", coming: "PQGen[list[PGresult]]") -> PGresult:
    """What comes of the last thing that was sent, waited for."""
    result = driver.wait(coming)[-1]
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)
    return result


@contextmanager
def _raising(bound: BoundConnection, statement: Sendable) -> Iterator[None]:
    """Errors of the driver as sqlalchemy has them; a connection that is lost goes back to no pool."""
    driver = _driver(bound)
    try:
        yield
    except psycopg.Error as error:
        if driver.closed:
            bound.connection.invalidate(error)
        raise DBAPIError.instance(
            statement.sql,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=driver.closed,
            dialect=bound.connection.dialect,
        ) from error
