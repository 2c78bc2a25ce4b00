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
from storage.in_flight import Sender
from storage.pipeline import Query, Sendable, driver_of
from tests.builders import House

Act = Callable[[Any], None]
"""What is done with the cursor that is about to carry a statement out; what it raises is the statement's error."""


@dataclass(slots=True)
class Asked:
    """Of one process, so far."""

    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    trips: int = 0


@contextmanager
def asked_of(engine: Engine) -> Iterator[Asked]:
    """Count until the end; statements that go together, or are sent ahead, are those of all engines."""
    asked = Asked()

    def stated(_: object, __: object, words: str, *___: object) -> None:
        asked.statements.append(words)
        asked.trips += 1

    def committed(connection: Connection) -> None:
        asked.transactions += 1
        asked.trips += driver_of(connection).info.transaction_status != TransactionStatus.IDLE

    pipelined, send = pipeline._pipelined, Sender.send

    def together(driver: "psycopg.Connection[Any]", known: dict[bytes, bool], queries: Sequence[Query]) -> Any:
        words = [statement.sql for statement, _ in queries]
        asked.statements += words
        asked.transactions += driver.info.transaction_status == TransactionStatus.IDLE and "begin" not in words
        asked.trips += 1
        return pipelined(driver, known, queries)

    def sent(sender: Sender, statement: Sendable, *more: Any) -> None:
        asked.statements.append(statement.sql)
        asked.transactions += 1
        asked.trips += 1
        send(sender, statement, *more)

    listeners: list[tuple[str, Any]] = [("before_cursor_execute", stated), ("commit", committed)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_pipelined", together)
        patch.setattr(Sender, "send", sent)
        for name, listener in listeners:
            event.listen(engine, name, listener)
        yield asked
        for name, listener in listeners:
            event.remove(engine, name, listener)


@contextmanager
def at_statements(office: House, numbers: Callable[[int], bool], act: Act) -> Iterator[list[int]]:
    """Act at each statement whose number, counted from now on, is such, once for those that go together; which they were.

    What is sent ahead is not counted.
    """
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

    pipelined = pipeline._pipelined

    def together(driver: "psycopg.Connection[Any]", known: dict[bytes, bool], queries: Sequence[Query]) -> Any:
        with driver.cursor() as cursor:
            coming(cursor, len(queries))
        return pipelined(driver, known, queries)

    engine = office.deployment.database.engine
    event.listen(engine, "do_execute", listen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_pipelined", together)
        try:
            yield hit
        finally:
            event.remove(engine, "do_execute", listen)


def end_session(cursor: Any) -> None:
    """The server ends the session, as when it is restarted."""
    cursor.execute("select pg_terminate_backend(pg_backend_pid())")
