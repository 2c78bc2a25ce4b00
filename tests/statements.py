"""What PostgreSQL is asked, by whichever way: counted, or met just before it is carried out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event

from storage import pipeline
from storage.pipeline import Query, driver_of
from tests.builders import House

Act = Callable[[Any], None]
"""What is done with the cursor that is about to carry a statement out; what it raises is the statement's error."""


@dataclass(slots=True)
class Asked:
    """Of one process, so far. `alone` are drivers on which what went together was a transaction, as sqlalchemy will say too."""

    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    trips: int = 0
    alone: set[int] = field(default_factory=set)

    def stated(self, _: object, __: object, words: str, *___: object) -> None:
        """A statement of its own."""
        self._went(words)

    def began(self, connection: Connection) -> None:
        """A transaction, which may be none to the driver."""
        self.alone.discard(id(driver_of(connection)))

    def committed(self, connection: Connection) -> None:
        """In a round trip of its own, unless it had ended already."""
        driver = driver_of(connection)
        self.transactions += id(driver) not in self.alone
        self.trips += driver.info.transaction_status != TransactionStatus.IDLE

    def together(self, driver: "psycopg.Connection[Any]", queries: Sequence[Query]) -> None:
        """Statements that go together."""
        words = [statement.sql for statement, _ in queries]
        self._went(*words)
        if driver.info.transaction_status == TransactionStatus.IDLE and "begin" not in words:
            self.transactions += 1
            self.alone.add(id(driver))

    def _went(self, *statements: str) -> None:
        self.statements += statements
        self.trips += 1


@contextmanager
def asked_of(engine: Engine) -> Iterator[Asked]:
    """Count until the end; statements that go together are those of all engines."""
    asked, send = Asked(), pipeline._sent

    def together(driver: "psycopg.Connection[Any]", known: dict[bytes, bool], queries: Sequence[Query]) -> Any:
        asked.together(driver, queries)
        return send(driver, known, queries)

    listeners: list[tuple[str, Any]] = [
        ("before_cursor_execute", asked.stated),
        ("begin", asked.began),
        ("commit", asked.committed),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_sent", together)
        for name, listener in listeners:
            event.listen(engine, name, listener)
        yield asked
        for name, listener in listeners:
            event.remove(engine, name, listener)


@contextmanager
def at_statements(office: House, numbers: Callable[[int], bool], act: Act) -> Iterator[list[int]]:
    """Act at each statement whose number, counted from now on, is such, once for those that go together; which they were."""
    seen, hit = [0], list[int]()

    def coming(cursor: Any, count: int = 1) -> None:
        nexts = range(seen[0] + 1, seen[0] + 1 + count)
        seen[0] += count
        met = [number for number in nexts if numbers(number)]
        hit.extend(met)
        if met:
            act(cursor)

    def listen(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        coming(cursor)

    send = pipeline._sent

    def together(driver: "psycopg.Connection[Any]", known: dict[bytes, bool], queries: Sequence[Query]) -> Any:
        with driver.cursor() as cursor:
            coming(cursor, len(queries))
        return send(driver, known, queries)

    engine = office.deployment.database.engine
    event.listen(engine, "do_execute", listen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_sent", together)
        try:
            yield hit
        finally:
            event.remove(engine, "do_execute", listen)


def end_session(cursor: Any) -> None:
    """The server ends the session, as when it is restarted."""
    cursor.execute("select pg_terminate_backend(pg_backend_pid())")
