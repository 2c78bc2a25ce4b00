"""What people write below a result: only what says plainly that it is wrong counts as that."""

import pytest

from escalation.wrongness import Word, read

WRONG = """
this is wrong
This is wrong.
that's wrong!
That is completely wrong
it's wrong
wrong
Wrong customer
wrong amount
that's the wrong customer
That’s the wrong customer, it should be Ada Byron.
this is the wrong order
no, that's the wrong customer
Hi team, this is wrong.
Hello, that's the wrong order. Please check.
the amount is wrong
the amount is incorrect
The refund was wrong
this isn't right
that's not right
that is not correct
this is not what I asked for
not what I asked for
that's not the right customer
this is a mistake
that was a mistake
there is a mistake in the amount
there's an error
you refunded the wrong order
you paid the wrong customer
It paid the wrong amount!
you got it wrong
you got the amount wrong
this should not have been paid
This shouldn't have been published.
I asked for 42, not 24
we ordered the blue one and not the red one
incorrect
*this is wrong*
this is wrong, because the parcel came after all
that's not our customer
this has to be corrected
"""
DOUBTFUL = """
is this wrong?
what's wrong here?
maybe this is wrong
I think this is wrong
not sure, this could be wrong
tell me if this is wrong
this is not wrong
nothing is wrong
my mistake, I was wrong
this is wrong, but I already fixed it
this was wrong but now right
it might be the wrong customer
did you refund the wrong customer?
wrong thread, sorry
never mind, I was wrong
the customer says it is wrong, let me know what you see
this looks like a mistake
please undo it
he was paid twice
why wasn't it paid
the parcel was wrong
the customer is wrong
they sent the wrong item
wrong item
he wrote to the wrong shop
"""
CONTENT = """
thanks
Thank you so much!
perfect
great, thanks
that's right
ok
looks good to me
well done
"""
NOTHING = """
I'll call the customer now
what does the evidence say
T-1042
please also refund order 1235

the order was blue
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


@pytest.mark.parametrize("words", _lines(WRONG))
def test_a_plain_word_that_it_is_wrong_is_one(words: str) -> None:
    assert read(words) is Word.WRONG


@pytest.mark.parametrize("words", _lines(DOUBTFUL))
def test_what_can_be_read_in_two_ways_is_a_doubt(words: str) -> None:
    assert read(words) is Word.DOUBT


@pytest.mark.parametrize("words", _lines(CONTENT))
def test_thanks_are_no_complaint_and_need_no_answer(words: str) -> None:
    assert read(words) is Word.CONTENT


@pytest.mark.parametrize("words", _lines(NOTHING))
def test_other_talk_is_neither(words: str) -> None:
    assert read(words) is Word.NOTHING


def test_what_is_quoted_is_not_said() -> None:
    assert read("> this is wrong\nthanks") is Word.CONTENT
    assert read("> thanks\nthis is wrong") is Word.WRONG
    assert read("> this is wrong") is Word.NOTHING


def test_what_follows_takes_a_word_back_or_leaves_it() -> None:
    assert read("this is wrong\nnever mind, it is fine") is Word.DOUBT
    assert read("thanks, the wrong customer again") is Word.DOUBT
    assert read("this is wrong\nThe parcel had arrived.") is Word.WRONG
