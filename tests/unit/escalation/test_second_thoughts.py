"""Words below a live request: what sounds like a change or a cancel brings a button; other talk is people's own."""

import pytest

from escalation.second_thoughts import Thought, read

CHANGES = (
    "it's order 1003, not 1002",
    "make it 30.00 instead",
    "Change the amount to 30",
    "sorry, typo: the order is 1003",
    "I meant order 1003",
    "it should be 30",
    "only 30.00 please",
    "That isn’t 1002",
    "this is wrong, it was another customer",
    "wrong order, cancel it or change it",
)
CANCELS = (
    "cancel this please",
    "never mind",
    "Nevermind, the parcel came",
    "don't pay it",
    "call it off",
    "no longer needed",
)
TALK = ("thanks!", "how long does this take?", "The customer just called again.", "ok", "👍", "")


@pytest.mark.parametrize("words", CHANGES)
def test_what_asks_for_something_else_is_a_change(words: str) -> None:
    assert read(words) is Thought.CHANGE


@pytest.mark.parametrize("words", CANCELS)
def test_what_asks_for_nothing_any_more_is_a_cancel(words: str) -> None:
    assert read(words) is Thought.CANCEL


@pytest.mark.parametrize("words", TALK)
def test_other_talk_is_neither(words: str) -> None:
    assert read(words) is Thought.NOTHING
