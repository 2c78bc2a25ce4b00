"""Parameters are written as JSON that reads as what was meant, whatever is in them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import TaskState
from storage.recordsets import as_json

NAMES = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)
AT = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC)


@given(VALUES)
def test_what_is_written_reads_as_what_was_meant(value: Any) -> None:
    assert json.loads(as_json(value)) == value


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (TaskState.DONE, "done"),
        (2**64, 2**64),
        (-(2**63) - 1, -(2**63) - 1),
        (Decimal("0.10"), "0.10"),
        ((1, 2), [1, 2]),
        ({TaskState.DONE: 1, 2: "two"}, {"done": 1, "2": "two"}),
        ({"one"}, ["one"]),
    ],
)
def test_so_is_what_the_faster_way_does_not_know(value: Any, read: Any) -> None:
    assert json.loads(as_json({"one": value})) == {"one": read}


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-3, minutes=-30))])
def test_moments_are_written_to_the_microsecond_with_their_zone(zone: timezone) -> None:
    written = json.loads(as_json([AT.astimezone(zone), AT.replace(microsecond=0).astimezone(zone)]))

    assert [datetime.fromisoformat(one) for one in written] == [AT, AT.replace(microsecond=0)]
    assert all(datetime.fromisoformat(one).utcoffset() is not None for one in written)


def test_half_a_character_is_refused_and_not_written_as_another() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        as_json({"note": "\ud800"})
