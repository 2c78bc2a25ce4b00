"""Seats: whose right somebody uses who answers for another, because it was handed over to them or the other is away.

A decision keeps them as `{"held": {holder: seat}, "given": {giver: taker}}`: a seat is the id of whom it was first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

_HELD, _GIVEN = "held", "given"


def seat_of(row: Row[Any], person: str) -> str:
    """The person whose seat they hold: their own, unless they stand for somebody."""
    return str(row.seats.get(_HELD, {}).get(person, person))


def holder_of(row: Row[Any], person: str) -> str | None:
    """Who was given the seat of a person; None when they still have it."""
    taker = row.seats.get(_GIVEN, {}).get(person)
    return str(taker) if taker else None


def gave_away(row: Row[Any]) -> frozenset[str]:
    """Those who have handed their seat over, now or before it went on."""
    return frozenset(row.seats.get(_GIVEN, {}))


def handed(row: Row[Any], giver: str, taker: str) -> dict[str, Any]:
    """The seats after one was handed over; one that goes on stays the seat of whom it was first."""
    seats: Mapping[str, Mapping[str, str]] = row.seats
    held = {holder: seat for holder, seat in seats.get(_HELD, {}).items() if holder != giver}
    mine = {} if taker in row.entitled else {taker: seat_of(row, giver)}
    return {_HELD: {**held, **mine}, _GIVEN: {**seats.get(_GIVEN, {}), giver: taker}}


def filled(seats: Mapping[str, Any], away: str, substitute: str) -> dict[str, Any]:
    """The seats after a substitute took the place of somebody who is away, who keeps their own right."""
    return {**seats, _HELD: {**seats.get(_HELD, {}), substitute: away}}


def without(people: Sequence[str], gone: str, new: str) -> list[str]:
    """Who may decide after one person's seat went to another."""
    return [*(one for one in people if one not in (gone, new)), new]
