"""Caps: what an effect counts as, which levels count it, and when there is room again."""

from datetime import UTC, datetime, timedelta

import pytest

from chargehand.business_files import load_folder
from contracts.authoring import Operation
from contracts.limits import Limit, Use, limits_of, opens_at, use_of
from contracts.vocabulary import BlastRadius, EffectClass
from tests.builders import MORNING

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def limit(most: int, *, what: str = "count") -> Limit:
    return Limit("lane", "refunds", "Refunds", BlastRadius.SPENDING, "hour", what, most, False, "")


def operation(**said: object) -> Operation:
    return Operation("pay", True, EffectClass.KEYED, BlastRadius.SPENDING, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "args", "use"),
    [
        ({}, {"amount": 900}, Use(1, 0, 0, 0)),
        ({"amount": "amount"}, {"amount": 900}, Use(1, 900, 0, 0)),
        ({"amount": "amount"}, {"amount": -900}, Use(1, 900, 0, 0)),
        ({"records": 3}, {}, Use(1, 0, 3, 0)),
        ({"records": "rows"}, {"rows": ["a", "b"]}, Use(1, 0, 2, 0)),
        ({"recipients": "to"}, {"to": "ada@example.org"}, Use(1, 0, 0, 1)),
        ({"recipients": "to"}, {"to": None}, Use(1, 0, 0, 0)),
        ({"recipients": "many"}, {"many": 40}, Use(1, 0, 0, 40)),
    ],
)
def test_an_effect_counts_as_its_operation_says(declared: dict[str, object], args: dict[str, object], use: Use) -> None:
    assert use_of(operation(**declared), args) == use


def test_every_level_of_the_tree_that_declares_a_cap_counts() -> None:
    business = load_folder(MORNING)

    found = [(one.level, one.cause, one.words) for one in limits_of(business.company, business.lanes["refunds"].lane)]

    assert (
        "workspace",
        "cap customers/spending/day/amount",
        "the cap of 5,000.00 USD a day on spending in Customers",
    ) in found
    assert (
        "workspace",
        "cap customers/spending/attempt/count",
        "the cap of 1 time an attempt on spending in Customers",
    ) in found
    assert {level for level, _, _ in found} == {"workspace"}


def test_there_is_room_when_enough_has_grown_old() -> None:
    used = [(NOON, 100), (NOON + timedelta(minutes=10), 100), (NOON + timedelta(minutes=20), 100)]

    opens = opens_at(limit(300, what="amount"), used, need=150, place=1, now=NOON + timedelta(minutes=30))

    assert opens == NOON + timedelta(minutes=10) + HOUR + timedelta(seconds=1)


@pytest.mark.parametrize(("place", "after"), [(1, 60), (2, 70), (3, 120), (4, 130), (5, 180)])
def test_those_who_wait_come_one_after_the_other(place: int, after: int) -> None:
    used = [(NOON, 1), (NOON + timedelta(minutes=10), 1)]

    opens = opens_at(limit(2), used, need=1, place=place, now=NOON + timedelta(minutes=30))

    assert opens == NOON + timedelta(minutes=after, seconds=1)
