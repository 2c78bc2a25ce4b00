"""What people's plain words mean: three hundred real-life replies, and nothing decided on a doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.phrases import ENGLISH, Meaning
from escalation.plain_words import read
from tests.unit.escalation import replies

VOTES = (Meaning.APPROVE, Meaning.REJECT, Meaning.CHANGE)


@pytest.mark.parametrize(("words", "meaning"), replies.CASES, ids=[repr(words)[:60] for words, _ in replies.CASES])
def test_a_reply_means_what_its_writer_meant(words: str, meaning: Meaning) -> None:
    assert read(words).meaning is meaning


def test_there_are_more_than_two_hundred_different_replies() -> None:
    assert len({words for words, _ in replies.CASES}) == len(replies.CASES) > 200


@pytest.mark.parametrize(("words", "amount"), replies.CHANGE.items())
def test_a_limit_is_kept_as_it_was_written(words: str, amount: str) -> None:
    assert read(words).amount == amount


def test_a_limit_keeps_the_currency_that_was_named_and_no_other() -> None:
    assert [read(words).currency for words in ("only 300", "$300 is fine", "up to 300 EUR")] == [None, "$", "EUR"]


@pytest.mark.parametrize(("words", "who"), replies.HAND_OVER.items())
def test_whom_somebody_points_to_is_kept_as_it_was_written(words: str, who: str | None) -> None:
    assert read(words).who == who


@pytest.mark.parametrize(("words", "until"), replies.SNOOZE.items())
def test_when_somebody_wants_to_be_reminded_is_kept(words: str, until: str | None) -> None:
    assert (read(words).until or "").casefold() == (until or "").casefold()


def test_a_reason_is_kept_in_the_writers_own_letters() -> None:
    reasons = {
        "No, wait for March": "wait for March",
        "no, because Anna paid it back": "Anna paid it back",
        "Approved since the Carrier was clear": "the Carrier was clear",
        "Rejected\nWe do not pay Twice.\n\nMei": "We do not pay Twice.",
        "Denied: no receipt": "no receipt",
        "ok": "",
    }

    assert {words: read(words).words for words in reasons} == reasons


def test_a_question_is_kept_whole_also_below_a_greeting() -> None:
    assert read("Hi,\n\nwas it lost,\nor stolen?\n\nMei").words == "was it lost,\nor stolen?"


@pytest.mark.parametrize("vote", ["approve", "yes", "looks good to me", "ok", "👍"])
@pytest.mark.parametrize(
    "spoilt", ["{}, not really", "{} or maybe not", "I won't say {}", "un{}", "{} / not", "{} unless it rains"]
)
def test_a_yes_that_is_spoilt_approves_nothing(vote: str, spoilt: str) -> None:
    assert read(spoilt.format(vote)).meaning is not Meaning.APPROVE


def test_no_phrase_means_two_things() -> None:
    said = [phrase for phrases in ENGLISH.phrases.values() for phrase in phrases]

    assert len(said) == len(set(said))


@given(st.text(max_size=300))
def test_whatever_is_written_is_read_without_an_error_and_never_approves_by_chance(words: str) -> None:
    said = read(words)

    assert len(said.words) <= 500
    assert said.meaning not in VOTES or any(
        character.isalnum() or character in "👍👎✅❌👌🆗⛔🚫✔+-" for character in words
    )


@given(
    st.sampled_from([words for words, meaning in replies.CASES if meaning is Meaning.REJECT]),
    st.sampled_from(["\n\n", "\n"]),
)
def test_a_rejection_above_an_approval_approves_nothing(words: str, between: str) -> None:
    assert read(f"{words}{between}approved").meaning is not Meaning.APPROVE
