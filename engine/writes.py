"""What a task's commit is given to write beside its move, and what has to hold for it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from storage.database import BoundConnection, Unit
from storage.pipeline import Query
from storage.transitions import BesideIt, Change, Rows

Extra = Callable[[Unit], None]
"""What is written by statements of its own."""


@dataclass(frozen=True, slots=True)
class OfWorld:
    """What a move says of the world, as rows of storage.transitions.Beside: effects that begin with what they use of caps,
    and effects that are settled.
    """

    begun: Rows = ()
    uses: Rows = ()
    settled: Rows = ()


NOTHING = OfWorld()


Planning = Callable[[Unit], tuple[Change, BesideIt]]
"""What a transaction is to write."""


class Opening(Protocol):
    """What a transaction begins with, and what it has to find: `check` raises where it does not, with the rows of each.

    `guards` are the same in short, for a transaction that takes one round trip: the last fails with sqlalchemy's DataError
    where `check` would raise.
    """

    @property
    def guards(self) -> Sequence[Query]:
        """Statements that write nothing."""

    @property
    def queries(self) -> Sequence[Query]:
        """Statements that write nothing."""

    def check(self, unit: Unit, rows: Sequence[Sequence[Any]]) -> None:
        """Raise what leaves everything as it was."""


@contextmanager
def opened(connection: BoundConnection, first: Opening | None) -> Iterator[Unit]:
    """A transaction that begins with what has to hold, if anything has to. Raises what that does."""
    if first is None:
        with connection.transaction() as unit:
            yield unit
    else:
        with connection.transaction_from(*first.queries) as (unit, rows):
            first.check(unit, rows)
            yield unit


def both(one: Extra | None, other: Extra | None) -> Extra | None:
    """What does the one and then the other, as far as they are there."""
    if one is None or other is None:
        return one or other

    def do(unit: Unit) -> None:
        one(unit)
        other(unit)

    return do
