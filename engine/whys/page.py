"""One page that says why, whatever it is about."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Why:
    """One page: `name` "T-1042", `headline` the request, `state` its state in words, `rows` of (label, lines)."""

    name: str
    headline: str
    state: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def page(name: str, headline: str, state: str, rows: Iterable[tuple[str, Iterable[str]]]) -> Why:
    """A page of the rows that have something to tell."""
    told = [(label, tuple(line for line in lines if line)) for label, lines in rows]
    return Why(name, headline, state, tuple(row for row in told if row[1]))
