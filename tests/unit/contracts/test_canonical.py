"""The same value has the same bytes, however it is written: those of RFC 8785."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical
from contracts.lifecycle import Event

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_text_is_what_the_standard_says(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        '\x00\x1f\x7f\u2028"\\/',
        {"b": 1, "a": [True, None]},
        {"\U0001f600": 1, "\ufb33": 2},
        1e21,
        [1e-4, 9e-5, 1e15, 1e16, 999999999999999.9, 1234567890123456.7, -0.1, 2.0, 1 / 3],
        -0.0,
        (1, "2"),
        Event.CLAIMED,
    ],
)
def test_what_is_written_faster_is_written_alike(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", ["\ud800", {"a": ["\udfff"]}, {"\ud800": 1}, {"b": 1, "\ud800": 2}, 2**53, float("nan"), {1: 2}, object()]
)
def test_what_is_no_json_value_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)
