"""Sentences of files, filled so that people read amounts and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import FactSchema, FactType
from contracts.wording import duration, fill, places, reasoned, shown, value_at

NO_TYPES = FactSchema(FactType("object"))


def test_a_fact_that_is_absent_reads_unknown_and_never_as_its_path() -> None:
    assert fill("Order {request.order} of {state.order.customer}", {"request": {"order": "12"}}, NO_TYPES) == (
        "Order 12 of unknown"
    )


def test_braces_in_a_fact_are_text_and_are_not_filled_again() -> None:
    facts = {"request": {"order": "{person.secret}"}, "person": {"secret": "no"}}

    assert fill("Order {request.order}", facts, NO_TYPES) == "Order {person.secret}"


def test_long_text_is_cut_so_that_a_sentence_stays_one() -> None:
    assert len(shown("x" * 5000, None)) == 120
    assert shown("x" * 5000, None).endswith("…")


@pytest.mark.parametrize(("value", "words"), [(True, "yes"), (False, "no"), (None, "unknown"), (7, "7"), ("a", "a")])
def test_a_value_is_shown_as_people_write_it(value: object, words: str) -> None:
    assert shown(value, None) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (90, "90 s"),
        (119, "119 s"),
        (120, "2 min"),
        (150, "2 min 30 s"),
        (3600, "1 h"),
        (16200, "4 h 30 min"),
        (86400, "1 d"),
        (2 * 86400, "2 d"),
    ],
)
def test_a_duration_reads_in_the_units_that_matter(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@given(st.integers(0, 10**7))
def test_every_duration_starts_with_a_number_and_a_unit(seconds: int) -> None:
    number, unit, *_ = duration(seconds).split()

    assert int(number) >= 0
    assert unit in {"s", "min", "h", "d"}


def test_a_path_through_something_that_is_no_object_is_absent() -> None:
    assert value_at({"request": "text"}, "request.order") is None
    assert places("{a.b} and {c}") == ["a.b", "c"]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (None, "Ada approved this."),
        ("  ", "Ada approved this."),
        ("it was lost", "Ada approved this: “it was lost”."),
        ("It was lost. ", "Ada approved this: “It was lost”."),
        ("Was it lost?", "Ada approved this: “Was it lost?”."),
    ],
)
def test_a_reason_stands_in_its_sentence_with_one_full_stop(reason: str | None, sentence: str) -> None:
    assert reasoned("Ada approved this", reason) == sentence
