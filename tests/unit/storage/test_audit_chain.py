"""The chain of a trail: every changed byte, cut and swap is found, and erasing content leaves it whole."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.audit import GENESIS, Head, Said, broken_at, chain

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FIELDS = ("company", "trail", "event", "actor", "source", "target", "content_hash", "previous", "hash")


def trail(length: int) -> list[dict[str, Any]]:
    """A trail as the database gives it back."""
    said = [
        Said(f"event_{i}", "runner:r1", {"n": i, "words": "Zoë"}, source="ready", target="running", version=i)
        for i in range(length)
    ]
    rows, _ = chain("morning", "task:1001", Head(0, GENESIS), said, AT)
    return [
        {**row, "salt": bytes.fromhex(row["salt"].removeprefix("\\x")), "at": datetime.fromisoformat(row["at"])}
        for row in rows
    ]


def with_change(entries: list[dict[str, Any]], place: int, change: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The trail with one entry changed."""
    return [{**entry, **change} if i == place else entry for i, entry in enumerate(entries)]


def test_a_trail_as_it_was_written_is_whole() -> None:
    assert broken_at(trail(5)) is None
    assert broken_at([]) is None


def flipped(raw: bytes, bit: int) -> bytes:
    """The bytes with one bit turned."""
    return bytes(byte ^ (1 << (bit % 8)) if i == bit // 8 else byte for i, byte in enumerate(raw))


@given(st.integers(0, 4), st.sampled_from(FIELDS), st.data())
def test_any_changed_character_is_found_where_it_is(place: int, field: str, data: st.DataObject) -> None:
    entries = trail(5)
    text = entries[place][field] or "x"
    position = data.draw(st.integers(0, len(text) - 1))
    other = "0" if text[position] != "0" else "1"
    changed = text[:position] + other + text[position + 1 :]

    assert broken_at(with_change(entries, place, {field: changed})) == place + 1


@given(st.integers(0, 4), st.integers(0, 127))
def test_any_changed_bit_of_a_salt_is_found(place: int, bit: int) -> None:
    entries = trail(5)

    assert broken_at(with_change(entries, place, {"salt": flipped(entries[place]["salt"], bit)})) == place + 1


@pytest.mark.parametrize(
    "change",
    [
        {"content": {"n": 99}},
        {"content": None},
        {"at": AT.replace(microsecond=1)},
        {"version": 77},
        {"seq": 9},
        {"source": None},
    ],
)
def test_a_changed_value_is_found(change: Mapping[str, Any]) -> None:
    assert broken_at(with_change(trail(5), 2, change)) == 3


@given(st.integers(0, 3))
def test_an_entry_cut_out_of_the_middle_is_found(place: int) -> None:
    entries = trail(5)

    assert broken_at(entries[:place] + entries[place + 1 :]) == place + 1


@given(st.integers(0, 3))
def test_swapped_entries_are_found_even_when_they_are_numbered_anew(place: int) -> None:
    entries = trail(5)
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    renumbered = [{**entry, "seq": i} for i, entry in enumerate(entries, start=1)]

    assert broken_at(entries) == place + 1
    assert broken_at(renumbered) == place + 1


def test_an_entry_told_twice_is_found() -> None:
    entries = trail(3)

    assert broken_at([entries[0], entries[0], *entries[1:]]) == 2


@given(st.sets(st.integers(0, 4)))
def test_erasing_salt_and_content_together_leaves_the_chain_whole(erased: set[int]) -> None:
    entries = [{**entry, "salt": None, "content": None} if i in erased else entry for i, entry in enumerate(trail(5))]

    assert broken_at(entries) is None


def test_content_that_was_put_back_after_its_salt_was_erased_is_found() -> None:
    assert broken_at(with_change(trail(3), 1, {"salt": None, "content": {"n": 99}})) == 2
