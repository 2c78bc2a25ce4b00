"""Does something at statements of a house's database, just before each is carried out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.builders import House

Act = Callable[[Any], None]
"""What is done with the cursor that is about to carry a statement out; what it raises is the statement's error."""


@contextmanager
def at_statements(office: House, numbers: Callable[[int], bool], act: Act) -> Iterator[list[int]]:
    """Act at each statement whose number, counted from now on, is such; which they were."""
    seen, hit = [0], list[int]()

    def listen(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        seen[0] += 1
        if numbers(seen[0]):
            hit.append(seen[0])
            act(cursor)

    engine = office.deployment.database.engine
    event.listen(engine, "do_execute", listen)
    try:
        yield hit
    finally:
        event.remove(engine, "do_execute", listen)


def end_session(cursor: Any) -> None:
    """The server ends the session, as when it is restarted."""
    cursor.execute("select pg_terminate_backend(pg_backend_pid())")
