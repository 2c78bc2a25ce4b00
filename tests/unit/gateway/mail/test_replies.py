"""What a reply decides; whatever can be read in two ways decides nothing."""

import pytest

from escalation.phrases import Meaning
from gateway.mail.letter import Letter
from gateway.mail.replies import meaning_of, read_reply

QUOTES = {
    "nothing quoted": "",
    "Gmail": "\n\nOn Sat, 21 Nov 2026 at 10:30, Chargehand <chargehand@morning.example> wrote:\n\n> Refund 740.00 USD?\n"
    "> Answer this mail with approve, reject, or a question.\n",
    "Outlook": "\n\n________________________________\nFrom: Chargehand <chargehand@morning.example>\n"
    "Sent: Saturday, November 21, 2026 10:30 AM\nTo: Mei-Lin Zhao\nSubject: Refund 740.00 USD?\n\nreject or approve",
    "Outlook, old": "\n\n-----Original Message-----\nFrom: Chargehand\nSent: Saturday\n\napprove, reject, or a question",
    "Apple": "\n\n> On 21 Nov 2026, at 10:30, Chargehand <chargehand@morning.example> wrote:\n> \n> reject\n",
}
SIGNATURES = {
    "none": "",
    "dashes": "\n-- \nMei-Lin Zhao\nFinance manager\n+1 310 555 0100",
    "a phone": "\n\nSent from my iPhone",
    "regards": "\n\nBest regards,\nMei-Lin",
}
APPROVING = (
    "approve",
    "Approved.",
    "OK",
    "Yes, go ahead",
    "looks good to me!",
    "Hi,\n\napproved, thanks",
    "*Approved*",
)
REJECTING = (
    "reject",
    "No",
    "not approved",
    "I do not approve",
    "Rejected: we do not pay twice",
    "no, because the order was paid back in cash",
)
DOUBTFUL = (
    "", "thanks", "approve/reject", "yes and no", "no problem, go on", "approve, but only if she calls", "approved if the carrier confirms", "I would approve", "approved\nno wait", "maybe",
    "no\nactually yes, approve", "Approve.\n\nOn second thought, reject it.", "I am out of the office until Monday",
    "Approve not", "unapproved", "aproved", "approve 500", "not sure", "no, approved", "reply: approve",
    "> approve", "yesterday", "nothing", "okapi",
)  # fmt: skip


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES)
def test_a_plain_word_decides_in_every_mail_program(quote: str, signature: str) -> None:
    approving = {words: meaning_of(words + signature + quote).meaning for words in APPROVING}
    rejecting = {words: meaning_of(words + signature + quote).meaning for words in REJECTING}

    assert approving == dict.fromkeys(APPROVING, Meaning.APPROVE)
    assert rejecting == dict.fromkeys(REJECTING, Meaning.REJECT)


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("words", DOUBTFUL)
def test_doubt_decides_nothing(words: str, quote: str) -> None:
    assert meaning_of(words + quote).meaning is Meaning.NOTHING


def test_a_reason_is_kept() -> None:
    assert meaning_of("no, because the order was paid back in cash").words == "the order was paid back in cash"
    assert meaning_of("Rejected\nWe do not pay twice.\n\nMei").words == "We do not pay twice."
    assert meaning_of("Approved - the carrier was clear").words == "the carrier was clear"


@pytest.mark.parametrize("words", ["What did the carrier say?", "Approve? What for", "Hi Anna,\nwhich parcel?"])
def test_a_question_mark_in_the_first_line_asks_back(words: str) -> None:
    reply = meaning_of(words + QUOTES["Gmail"])

    assert reply.meaning is Meaning.ASK
    assert "?" in reply.words


def test_parts_that_say_different_things_decide_nothing() -> None:
    letter = Letter(
        senders=("mei@morning.example",),
        sender_fields=1,
        recipients=(),
        subject="",
        message_id=None,
        in_reply_to=None,
        references=(),
        date=None,
        machine_marks=(),
        received=0,
        media_type="multipart/alternative",
        is_report=False,
        reports=(),
        text="approve",
        text_from="plain",
        html_text="reject",
        attachments=(),
        authentication=(),
    )

    assert read_reply(letter).meaning is Meaning.NOTHING
    assert read_reply(letter.model_copy(update={"html_text": "Approve"})).meaning is Meaning.APPROVE
