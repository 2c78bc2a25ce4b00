"""Statements that the database carries out while their sender does something else: sent now, the answer read later, on one
thread.

Each is a transaction of its own, on a connection that serves nothing else: the one that a `Sender` has. It is sent and
read as libpq's asynchronous commands are (https://www.postgresql.org/docs/current/libpq-async.html).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Self

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection

from storage.database import BoundConnection
from storage.pipeline import Sendable, driver_of, known_by, raising


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
        driver = driver_of(self._connection.connection)
        with raising(self._connection.connection, statement.sql):
            _prepare(self._connection.connection, statement)
            driver.pgconn.send_query_prepared(statement.name, statement.places(parameters))
            driver.wait(generators.send(driver.pgconn))
        self._sent = statement

    def answer(self) -> list[str | None]:
        """The first column of what came of the statement that was sent, waited for if it is not there yet."""
        sent, self._sent = self._sent, None
        if sent is None or self._connection is None:
            raise RuntimeError("nothing was sent")
        driver = driver_of(self._connection.connection)
        with raising(self._connection.connection, sent.sql):
            result = _result(driver, generators.fetch_many(driver.pgconn))
        values = (result.get_value(row, 0) for row in range(result.ntuples))
        return [None if value is None else value.decode() for value in values]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent is not None and self._connection is not None:
            self._connection.connection.invalidate()  # whoever had it next would read an answer that is not theirs
        self._kept.close()


def _prepare(connection: Connection, statement: Sendable) -> None:
    """Have a statement read and planned once a session: each time anew took the server a sixth of its work on moves."""
    known = known_by(connection)
    if not known.get(statement.name):
        driver = driver_of(connection)
        driver.pgconn.send_close_prepared(statement.name)
        _result(driver, generators.execute(driver.pgconn))
        driver.pgconn.send_prepare(statement.name, statement.sql.encode())
        _result(driver, generators.execute(driver.pgconn))
        known[statement.name] = True


def _result(driver: "psycopg.Connection[Any]", coming: "PQGen[list[PGresult]]") -> PGresult:
    """What comes of the last thing that was sent, waited for."""
    result = driver.wait(coming)[-1]
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)
    return result
