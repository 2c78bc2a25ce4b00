"""What can't be kept is named by where it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical
from contracts.keepable import unkeepable, unkeepable_text
from contracts.lifecycle import Event

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"order": {"lines": [{"price": 1.5}, {"price": float("nan")}]}}, "order.lines[1].price holds a number"),
        ({"count": 2**53}, "count holds a number"),
        ({"count": -(2**60)}, "count holds a number"),
        ({"a": "fine", "note": "a\x00b"}, "note holds a character"),
        ({"notes": ["fine", "half \ud800"]}, "notes[1] holds a character"),
        ({"by": {"a\x00": 1}}, "by holds a character"),
        ({"by": {"half \ud800": 1, "fine": 2}}, "by holds a character"),
        ("a\x00b", "it holds a character"),
        ([[float("inf")]], "[0][0] holds a number"),
        ({"made": object()}, "made holds something"),
        ({"of": {1: "one"}}, "it holds something"),
    ],
)
def test_it_says_where_what_can_t_be_kept_stands(value: Any, words: str) -> None:
    assert unkeepable(value) == f"{words} that can't be kept"


@pytest.mark.parametrize(
    "value", [None, {}, {"a": [1, 2.5, True]}, r"it showed \u0000", "\\\x01", Event.CLAIMED, 2**53 - 1]
)
def test_of_what_can_be_kept_it_says_nothing(value: Any) -> None:
    assert unkeepable(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"id": 2**60, "at": object()}, None),
        ({"id": 2**60, "note": "a\x00b"}, "note holds a character that can't be kept"),
        ({"id": 2**60, "by": [{"half \ud800": 1.5}]}, "by[0] holds a character that can't be kept"),
    ],
)
def test_of_texts_alone_it_minds_no_number(value: Any, words: str | None) -> None:
    assert unkeepable_text(value) == words


@given(VALUES)
def test_what_it_lets_pass_has_one_text_and_no_nul_in_it(value: Any) -> None:
    if unkeepable(value) is None:
        assert "\x00" not in _texts(json.loads(canonical(value)))


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(map(_texts, [*value, *value.values()]))
    return "".join(map(_texts, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
