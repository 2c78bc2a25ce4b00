"""Statements that the database carries out while their sender does something else: sent now, the answer read later."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Self

from storage.database import BoundConnection
from storage.pipeline import Flight, Sendable


class Sender:
    """Sends one statement at a time, each a transaction of its own, on a connection that serves nothing else and is there
    from the first one until the end of the block.

    Both ways raise sqlalchemy's errors as a statement that is waited for does. What is not read at the end is carried
    out, and nobody hears how it went.
    """

    def __init__(self, bound: Callable[[], AbstractContextManager[BoundConnection]]) -> None:
        self._bound = bound
        self._kept = ExitStack()
        self._connection: BoundConnection | None = None
        self._sent: Flight | None = None

    def send(self, statement: Sendable, parameters: Mapping[str, Any]) -> None:
        """Have a statement carried out; the answer to the one before it must have been read."""
        if self._sent is not None:
            raise RuntimeError("the answer to what was sent before has not been read")
        if self._connection is None:
            self._connection = self._kept.enter_context(self._bound())
        self._sent = self._connection.send(statement, parameters)

    def answer(self) -> list[Any]:
        """The rows of the statement that was sent, waited for if they are not there yet."""
        sent, self._sent = self._sent, None
        if sent is None or self._connection is None:
            raise RuntimeError("nothing was sent")
        _, rows = self._connection.answer(sent)
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sent is not None and self._connection is not None:
            self._connection.connection.invalidate()  # whoever had it next would read an answer that is not theirs
        self._kept.close()
