"""The quick copy is the guard's, or none: it never lets pass what the guard refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.engine_form import marked
from contracts.rules.guard import FACT_LIMITS, Limits, Refused, guarded
from contracts.rules.quick import copied

SMALL = Limits(depth=3, nodes=12, text=6, all_text=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=4),
    max_leaves=14,
)


@given(st.dictionaries(st.text("abcž\ud800", max_size=4), values, max_size=5), st.sampled_from([SMALL, FACT_LIMITS]))
def test_the_quick_copy_is_the_guards_or_none(document: dict[str, Any], limits: Limits) -> None:
    quick = copied(document, limits)

    try:
        plain = guarded(document, limits)
    except Refused:
        assert quick is None
    else:
        assert quick in (None, (plain, marked(plain)))


@pytest.mark.parametrize(
    "document",
    [
        {"request": {"amount": 4200, "reason": "lost", "note": None, "vip": False, "rate": 0.5}},
        {"lists": [[1, 2], ["a", "ž"], [], [{"a": 1}], [None, True, 1.5, "x"]]},
    ],
)
def test_what_a_json_reader_makes_is_copied_quickly(document: dict[str, Any]) -> None:
    plain, with_marks = copied(document, FACT_LIMITS) or (None, None)

    assert (plain, with_marks) == (document, marked(guarded(document, FACT_LIMITS)))
    assert plain is not document


@pytest.mark.parametrize(
    "document", [[], "a", {"a": (1,)}, {1: 2}, {"a": 2**53}, {"a": float("nan")}, {"a": [2**53, 1]}]
)
def test_what_is_unusual_is_left_to_the_guard(document: object) -> None:
    assert copied(document, FACT_LIMITS) is None
