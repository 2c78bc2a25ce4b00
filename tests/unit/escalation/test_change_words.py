"""How requesters ask for a change in plain words: seventy real-life letters, and nothing changed on a doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.change_words import Naming, Rethought, read

NAMING = Naming(
    {
        "order number": "order",
        "order": "order",
        "amount to pay back (usd)": "amount",
        "amount to pay back": "amount",
        "amount": "amount",
        "why": "reason",
        "reason": "reason",
    },
    frozenset({"reason"}),
)
TASK = 7

CHANGES = {
    "change amount to 300": "amount=300",
    "Please change the amount to 300.": "amount=300",
    "Set the order number to 1002": "order=1002",
    "update the order_number to 1002, thanks": "order=1002",
    "change amount from 42.00 to 30": "amount=30 (42.00)",
    "make the amount 30": "amount=30",
    "the amount should be 30.00 not 42.00": "amount=30.00 (42.00)",
    "amount was supposed to be 30": "amount=30",
    "the amount is 30": "amount=30",
    "it is order 1003, not 1002": "order=1003 (1002)",
    "It's order 1003 instead of 1002": "order=1003 (1002)",
    "order 1003 instead of 1002": "order=1003 (1002)",
    "use order 1002 please": "order=1002",
    "I meant order 1002": "order=1002",
    "amount 30 instead": "amount=30",
    "Can you change the amount to 300?": "amount=300",
    "I'd like to change the amount to 300": "amount=300",
    "No, change the amount to 300": "amount=300",
    "change the amount to 300 and the order to 1002": "amount=300 | order=1002",
    "change amount to 300, order to 1002": "amount=300 | order=1002",
    "amount: 30.00": "amount=30.00",
    "*Amount to pay back (USD):* 30.00": "amount=30.00",
    "order: 1002\namount: 19.99": "order=1002 | amount=19.99",
    "reason: lost\nin the post\namount: 30.00": "reason=lost\nin the post | amount=30.00",
    "why: it is lost, and the order was late": "reason=it is lost, and the order was late",
    "change reason to The parcel was lost because of rain": "reason=The parcel was lost because of rain",
    "change amount to 30 because the parcel was found": "amount=30; the parcel was found",
    "my mistake, the amount is 30": "amount=30",
    "Correction: amount 30 instead of 42": "amount=30 (42)",
    "Sorry, wrong order. It should be 1003.": "order=1003",
    "The amount is wrong. It should be 30.": "amount=30",
    "make it 300 instead": "?=300",
    "Please make it 50.00 instead.": "?=50.00",
    "make it 300 USD instead of 42": "?=300 USD (42)",
    "change it to 30": "?=30",
    "it should be $30": "?=$30",
    "I meant 30.00": "?=30.00",
    "30 instead of 42": "?=30 (42)",
    "only 30": "?=30",
}
ENDS = {
    "cancel": "",
    "Cancel.": "",
    "please cancel this": "",
    "cancel my request": "",
    "I'd like to cancel this": "",
    "Can you cancel this?": "",
    "cancel T-7": "",
    "Cancel, because the customer got it": "the customer got it",
    "never mind, the customer called": "the customer called",
    "please recall it, wrong customer": "wrong customer",
    "withdraw the request": "",
    "stop": "",
    "forget it": "",
    "Hi,\n\nwe no longer need this.\n\nThanks": "",
    "don't pay": "",
}
DOUBTS = (
    "cancel?", "don't cancel", "do not cancel it", "cancel T-8", "cancel but keep the order", "cancel the amount", "cancel, unless she calls",
    "cancel\namount: 30", "cancel. Or change the amount to 30.", "change it", "change amount", "change amount to 30 if she agrees", "the amount should be lower",
    "amount is 30?", "amount 30", "change the refund to 30", "make it quick", "change amount to 30\nchange amount to 40", "make it 30\nmake it 40",
    "what is the status?", "change amount to 30\nand call me before you pay", "maybe change the amount to 30", "amount should be about 30",
    "change amount to 30 or 40", "please wait", "the parcel came back",
)  # fmt: skip
TALK = ("", "thanks", "Hi,\n\nthank you so much!", "My mistake.", "sorry")


def in_short(found: Rethought) -> str:
    """What was read, on one line."""
    told = [f"{one.name or '?'}={one.value}{f' ({one.was})' if one.was else ''}" for one in found.corrections]
    return "; ".join(filter(None, [" | ".join(told), found.reason or ""]))


@pytest.mark.parametrize(("words", "means"), CHANGES.items(), ids=[repr(words)[:60] for words in CHANGES])
def test_plain_words_say_what_should_be_otherwise(words: str, means: str) -> None:
    found = read(words, NAMING, TASK)

    assert (found.doubts, found.ends, found.is_clear) == ([], False, True)
    assert in_short(found) == means


@pytest.mark.parametrize(("words", "reason"), ENDS.items(), ids=[repr(words)[:60] for words in ENDS])
def test_plain_words_end_a_request(words: str, reason: str) -> None:
    found = read(words, NAMING, TASK)

    assert (found.doubts, found.ends, found.is_clear, found.corrections) == ([], True, True, [])
    assert (found.reason or "").strip(" .") == reason


@pytest.mark.parametrize("words", DOUBTS)
def test_a_doubt_is_told_and_nothing_is_clear(words: str) -> None:
    found = read(words, NAMING, TASK)

    assert found.doubts
    assert not found.is_clear


@pytest.mark.parametrize("words", TALK)
def test_talk_asks_nothing(words: str) -> None:
    found = read(words, NAMING, TASK)

    assert (found.ends, found.corrections, found.is_clear) == (False, [], False)


@given(st.text(max_size=80))
def test_any_text_is_read(words: str) -> None:
    found = read(words, NAMING, TASK)

    assert not (found.is_clear and found.doubts)


@given(st.sampled_from(sorted(CHANGES)), st.sampled_from(sorted(ENDS)))
def test_whoever_wants_both_is_asked(change: str, end: str) -> None:
    assert not read(f"{change}\n{end}", NAMING, TASK).is_clear
