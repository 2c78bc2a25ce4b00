"""Nothing that the engine would crash on or misread passes the guard, and whatever passes is plain JSON."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.guard import FACT_LIMITS, RULE_LIMITS, Json, Refused, guarded


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Overriding(dict[str, Any]):
    """A dict that lies about itself."""

    def items(self) -> Any:
        raise RuntimeError("must not be called")

    def __iter__(self) -> Any:
        raise RuntimeError("must not be called")

    def __len__(self) -> int:
        return 10**9


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


def doubling(levels: int) -> Json:
    """With 31 levels, a value whose walk to the end would take an hour."""
    value: Json = 1
    for _ in range(levels):
        value = [value, value]
    return value


def cyclic_object() -> Json:
    value: dict[str, Json] = {}
    value["self"] = value
    return value


def cyclic_list() -> Json:
    value: list[Json] = []
    value.append(value)
    return value


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: nested(10_000), "more than 32 levels of nesting (or a cycle)"),
    (lambda: nested(33), "more than 32 levels of nesting (or a cycle)"),
    (cyclic_object, "more than 32 levels of nesting (or a cycle)"),
    (cyclic_list, "more than 32 levels of nesting (or a cycle)"),
    (lambda: doubling(31), "more than 20,000 values"),
    (lambda: [0] * 20_001, "more than 20,000 values"),
    (lambda: {str(n): n for n in range(20_001)}, "more than 20,000 values"),
    (lambda: "x" * 100_001, "text of 100,001 characters"),
    (lambda: {"a": "x" * 10_000_000}, "text of 10,000,000 characters"),
    (lambda: ["x" * 90_000] * 12, "more than 1,000,000 characters in all"),
    (lambda: {"x" * 100_001: 1}, "text of 100,001 characters"),
    (lambda: float("nan"), "nan"),
    (lambda: [float("inf")], "inf"),
    (lambda: [-float("inf")], "-inf"),
    (lambda: [1e308 * 10], "inf"),
    (lambda: 2**53, "an integer of 54 bits"),
    (lambda: -(2**64), "an integer of 65 bits"),
    (lambda: 10**5_000, "an integer of 16610 bits"),
    (lambda: "\ud800", "text with half a character (a lone surrogate)"),
    (lambda: {"\udfff": 1}, "text with half a character (a lone surrogate)"),
    (lambda: {1: 2}, "the key 1"),
    (lambda: {None: 2}, "the key None"),
    (lambda: b"x", "a value of Python's type bytes"),
    (lambda: {1, 2}, "a value of Python's type set"),
    (object, "a value of Python's type object"),
    (lambda: nested, "a value of Python's type function"),
    (lambda: 1j, "a value of Python's type complex"),
    (lambda: Decimal("1.00"), "a Decimal (give money in minor units)"),
    (lambda: datetime(2026, 11, 22, tzinfo=UTC), "a datetime (give instants as UTC epoch seconds)"),
    (lambda: date(2026, 11, 22), "a date (give it as text, or as UTC epoch seconds)"),
    (lambda: timedelta(1), "a timedelta (give durations as seconds)"),
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(("make", "found"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("stack", [0, 256 * 1024], ids=["main", "small stack"])
def test_what_the_engine_must_not_see_is_refused_in_words_with_little_stack_and_without_a_walk_to_its_end(
    make: Callable[[], object], found: str, stack: int
) -> None:
    value = make()
    outcome: list[str] = []

    def refuse() -> None:
        with pytest.raises(Refused) as refusal:
            guarded(value, FACT_LIMITS)
        outcome.append(refusal.value.found)

    before = threading.stack_size(stack)
    thread = threading.Thread(target=refuse)
    thread.start()
    threading.stack_size(before)
    thread.join()

    assert outcome == [found]


def test_a_refusal_says_where() -> None:
    with pytest.raises(Refused, match=r"^state\.rates\.1: found nan, expected a finite number$") as refusal:
        guarded({"state": {"rates": [1, float("nan")]}}, FACT_LIMITS)

    assert refusal.value.pointer == ("state", "rates", 1)


def test_a_refusal_of_the_whole_says_so() -> None:
    with pytest.raises(Refused, match=r"^the document: found nan, expected a finite number$") as refusal:
        guarded(float("nan"), FACT_LIMITS)

    assert refusal.value.pointer == ()


@given(json_values)
def test_plain_json_passes_unchanged_as_a_copy(value: Json) -> None:
    copy = guarded(value, FACT_LIMITS)

    assert copy == value
    assert copy is not value or not isinstance(value, (dict, list))


def test_what_readers_and_enumerations_make_becomes_plain() -> None:
    value = {"a": Colour.RED, "b": Level.HIGH, "c": (1, 2), "d": OrderedDict(e=True), Colour.RED: 1}

    copy = guarded(value, FACT_LIMITS)

    assert copy == {"a": "red", "b": 3, "c": [1, 2], "d": {"e": True}, "red": 1}
    assert isinstance(copy, dict)
    assert [type(inner) for inner in copy.values()] == [str, int, list, dict, int]
    assert {type(key) for key in copy} == {str}


def test_a_dict_that_lies_about_itself_is_read_as_it_is() -> None:
    assert guarded(Overriding(a=1), FACT_LIMITS) == {"a": 1}


def test_a_later_change_does_not_reach_the_copy() -> None:
    value: dict[str, Any] = {"a": [1]}

    copy = guarded(value, FACT_LIMITS)
    value["a"].append(2)

    assert copy == {"a": [1]}


def test_rules_have_tighter_limits_than_facts() -> None:
    assert RULE_LIMITS.nodes < FACT_LIMITS.nodes
    with pytest.raises(Refused):
        guarded(["x" * 2_001], RULE_LIMITS)
