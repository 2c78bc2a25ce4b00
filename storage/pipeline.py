"""Statements that go to the database together, and whose answers come back together: one round trip for all.

They are prepared once a session, and go in libpq's pipeline mode (https://www.postgresql.org/docs/current/libpq-pipeline-mode.html).
"""

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

_NUMBERED: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
PREPARED = "statements that were prepared"
"""What is noted of a physical connection: statements by name, and whether its session still knows them for sure."""


class Sendable:
    """A statement as it is sent: its name in a session, and those of its parameters, each of a `Value`."""

    def __init__(self, words: ClauseElement) -> None:
        compiled = words.compile(dialect=_NUMBERED)
        self.sql = str(compiled)
        self.name = sha256(self.sql.encode()).hexdigest()[:16].encode()
        self._names = tuple(getattr(compiled, "positiontup", None) or ())
        self._own = {name: value for name, value in compiled.params.items() if value is not None}

    def places(self, parameters: Mapping[str, Any]) -> list[bytes | None]:
        """The values of the parameters, place by place, as PostgreSQL reads them in text."""
        values = {**self._own, **parameters}
        return [_as_text(values[name]) for name in self._names]


Value = str | int | list[int] | None


def _as_text(value: Value) -> bytes | None:
    if value is None:
        return None
    return (f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else str(value)).encode()


Query = tuple[Sendable, Mapping[str, Any]]
"""A statement, with its parameters by name."""


def carried_out(connection: Connection, queries: Sequence[Query]) -> list[list[Any]]:
    """Have statements carried out one after the other in one round trip; returns the rows of each, named by its columns.

    Outside a transaction they are one. Raises sqlalchemy's errors, for the first that fails; none after it is carried out.
    """
    driver = driver_of(connection)
    return [_rows(driver, result) for result in _results(connection, queries)]


def count_of(connection: Connection, query: Query) -> int:
    """How many rows one statement has written, as `carried_out`: for whoever may not read them."""
    (result,) = _results(connection, [query])
    return result.command_tuples or 0


def _results(connection: Connection, queries: Sequence[Query]) -> Sequence[PGresult]:
    return send(connection, queries).results()


@dataclass(frozen=True, slots=True)
class Flight:
    """Statements that were sent together and are carried out whether anybody reads what comes of them or not."""

    connection: Connection
    queries: Sequence[Query]
    new: Sequence[Sendable]
    """Those that are prepared on the way."""

    def rows(self) -> list[list[Any]]:
        """As `carried_out`, waited for if they are not there yet; to be asked for once, before the connection serves again."""
        driver = driver_of(self.connection)
        return [_rows(driver, result) for result in self.results()]

    def results(self) -> Sequence[PGresult]:
        """The same as the driver has them."""
        with raising(self.connection, _words_of(self.queries)):
            told = _told(driver_of(self.connection), self.new, self.queries)
            known_by(self.connection).update(dict.fromkeys((one.name for one in self.new), True))
            return told


def send(connection: Connection, queries: Sequence[Query]) -> Flight:
    """Have statements carried out one after the other, as one transaction outside of one. Raises sqlalchemy's errors."""
    with raising(connection, _words_of(queries)):
        return Flight(connection, queries, _sent(driver_of(connection), known_by(connection), queries))


def _words_of(queries: Sequence[Query]) -> str:
    return "; ".join(statement.sql for statement, _ in queries)


def known_by(connection: Connection) -> dict[bytes, bool]:
    """Statements that were prepared by name, and whether the session still knows them for sure; to be added to."""
    known: dict[bytes, bool] = connection.info.setdefault(PREPARED, {})
    return known


def doubt(noted: Mapping[Any, Any]) -> None:
    """Note of a physical connection that a transaction failed: the driver does away with all that is prepared where it rolls back."""
    known: dict[bytes, bool] = noted.get(PREPARED, {})
    known.update(dict.fromkeys(known, False))


def _sent(driver: "psycopg.Connection[Any]", known: dict[bytes, bool], queries: Sequence[Query]) -> Sequence[Sendable]:
    """Send statements; which of them are prepared on the way."""
    new = [one for one in dict.fromkeys(statement for statement, _ in queries) if not known.get(one.name)]
    sent = [(statement.name, statement.places(parameters)) for statement, parameters in queries]
    known |= dict.fromkeys((one.name for one in new), False)
    with _whole(driver):
        driver.pgconn.enter_pipeline_mode()
        for statement in new:
            driver.pgconn.send_close_prepared(statement.name)
            driver.pgconn.send_prepare(statement.name, statement.sql.encode())
        for name, places in sent:
            driver.pgconn.send_query_prepared(name, places)
        driver.pgconn.pipeline_sync()
        driver.wait(generators.send(driver.pgconn))
    return new


def _told(driver: "psycopg.Connection[Any]", new: Sequence[Sendable], queries: Sequence[Query]) -> Sequence[PGresult]:
    """What came of each statement, once those that are new have been forgotten and prepared."""
    with _whole(driver):
        told = [driver.wait(generators.fetch_many(driver.pgconn))[0] for _ in (*new, *new, *queries)]
        driver.wait(generators.fetch_many(driver.pgconn))  # that they have all been told
        driver.pgconn.exit_pipeline_mode()
    for result in told:
        if result.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
    return told[2 * len(new) :]


@contextmanager
def _whole(driver: "psycopg.Connection[Any]") -> Iterator[None]:
    """Half of an exchange: where it is broken off, whoever had the connection next would read answers that are not theirs."""
    try:
        yield
    except BaseException:
        driver.close()
        raise


def _rows(driver: "psycopg.Connection[Any]", result: PGresult) -> list[Any]:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    reader = Transformer(driver)
    reader.set_pgresult(result)
    names = tuple((result.fname(place) or b"").decode() for place in range(result.nfields))
    return reader.load_rows(0, result.ntuples, _row_of(names)._make)


@lru_cache
def _row_of(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def driver_of(connection: Connection) -> "psycopg.Connection[Any]":
    """The driver's own connection."""
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


@contextmanager
def raising(connection: Connection, words: str) -> Iterator[None]:
    """Errors of the driver, about SQL of these `words`, as sqlalchemy has them; a connection that is lost goes back to no pool."""
    driver = driver_of(connection)
    try:
        yield
    except psycopg.Error as error:
        if driver.closed:
            _find_lost(connection)
        elif not _has_left_all_as_it_was(driver, error):
            doubt(connection.info)
        raise DBAPIError.instance(
            words,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=driver.closed,
            dialect=connection.dialect,
        ) from error


def _has_left_all_as_it_was(driver: "psycopg.Connection[Any]", error: psycopg.Error) -> bool:
    """Whether it was what a statement was given, and no transaction has to be rolled back for it."""
    is_over = driver.info.transaction_status == TransactionStatus.IDLE
    return is_over and isinstance(error, psycopg.errors.DataError)


def _find_lost(connection: Connection) -> None:
    """Have sqlalchemy find out by itself, since it gives up those that are as old with it: a server that was restarted."""
    with suppress(DBAPIError):
        connection.exec_driver_sql("select 1")
