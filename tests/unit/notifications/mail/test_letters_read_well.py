"""Letters as their readers see them: plain text that reads well, HTML that runs nothing, headers that are ours alone."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from escalation.card import Exchange
from notifications.mail.card import INVITATION, card_page, news_of, question_page, reminder_page
from notifications.mail.compose import Envelope, compose
from notifications.mail.looks import COLUMNS, as_html, as_text
from notifications.mail.page import in_reply, subject_of
from notifications.mail.task import notice_page, result_page, sign_in_page
from notifications.page_address import Link, PageAddress
from tests.unit.notifications.views import card, filled_with, task, task_filled_with

HOSTILE = [
    "x\r\nBcc: eve@evil.example",
    "x\n\n<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "\u202eevil\u202c \x00 \x1b[31m",
    "word " * 3000,
    "x" * 5000,
    "=?utf-8?q?=0D=0ABcc:_eve=40evil.example?=",
    "é“”…🙂" * 200,
]
LONG_ID = f"<{'A' * 90}@{'b' * 60}.outlook.example>"


def envelope(**changes: Any) -> Envelope:
    """From the company to Mei."""
    fixed: dict[str, Any] = {
        "message_id": "<12.1.morning@chargehand.example>",
        "sender": "chargehand@chargehand.example",
        "sender_name": "The morning company",
        "to": "mei@morning.example",
        "to_name": "Mei-Lin Zhao",
        "at": datetime(2026, 11, 22, 13, 30, tzinfo=UTC),
    }
    return Envelope(**fixed | changes)


def test_a_card_reads_well_as_text() -> None:
    text = as_text(card_page(card()))

    assert text.startswith("Refund 740.00 USD for order 1234?\n\nDecide by 14:30 on 22 Nov.\nRecommended: approve.")
    assert (
        "State              order paid 812.00 USD on 3 Nov 2026\n                   refunded so far 0.00 USD\n" in text
    )
    assert text.endswith("question.\nYour first line counts.\n")
    assert max(map(len, text.splitlines())) <= COLUMNS


def test_a_card_leads_to_its_page_beside_the_words_of_the_answer() -> None:
    address = PageAddress("https://chargehand.example", "the secret")

    for page in (card_page(card(), address), reminder_page(card(), address)):
        assert f"on the page:\nhttps://chargehand.example/decisions/{card().number}\n\nAnswer this mail" in as_text(
            page
        )
        assert f'href="https://chargehand.example/decisions/{card().number}"' in as_html(page)
    assert "/decisions/" not in as_text(card_page(card(outcome="Mei approved this."), address))


def test_the_letter_with_a_link_says_what_it_does_and_what_to_do_otherwise() -> None:
    link = PageAddress("https://chargehand.example", "the secret").sign_in(Link("morning", "x" * 22), "/decisions/7")
    page = sign_in_page(link)

    text = as_text(page)
    assert "It signs you in once, within 15 minutes.\nDid you not ask for it? Then do nothing.\n" in text
    assert text.endswith(f"Sign in:\n{link}\n")
    assert f'href="{link}"' in as_html(page)


def test_a_decided_card_says_who_decided_and_asks_for_nothing() -> None:
    page = card_page(card(outcome="Mei approved this at 10:58: “carrier was clear”."))

    assert "Mei approved this at 10:58" in as_text(page)
    assert INVITATION not in as_html(page)
    assert page.subject == "Re: Refund 740.00 USD for order 1234?"


def test_news_are_an_answer_or_an_outcome_but_not_the_passing_of_time() -> None:
    asked = Exchange("Mei", "Which claim?", None)
    answered = Exchange("Mei", "Which claim?", "Claim 55.")

    same = {
        news_of(view)
        for view in (card(), card(silence="later", due_at=None), card(clock_stopped=True, exchanges=(asked,)))
    }

    assert len(same) == 1
    assert len(same | {news_of(card(exchanges=(answered,))), news_of(card(outcome="Approved."))}) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_letter(text: str) -> None:
    view = filled_with(text, many=60)
    pages = [card_page(view), reminder_page(view), question_page(view, 1)]
    pages += [result_page(task_filled_with(text, many=60), subject=in_reply(text))]
    pages += [notice_page(text, subject=subject_of(text), task=1)]

    for page in pages:
        raw = compose(page, envelope(to_name=text, sender_name=text, references=(text,), in_reply_to=text))
        letter = message_from_bytes(raw, policy=default)
        body = letter.get_body(("html",))

        assert sorted(letter.keys()) == sorted(set(letter.keys()))
        assert "Bcc" not in letter
        assert [one.addr_spec for one in letter["To"].addresses] == ["mei@morning.example"]
        assert len(str(letter["Subject"])) <= 78
        assert not letter["Subject"].defects
        assert body is not None
        assert "<script" not in body.get_content()
        assert "<img" not in body.get_content()
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_long_message_id_is_not_broken() -> None:
    raw = compose(card_page(card()), envelope(in_reply_to=LONG_ID, references=(LONG_ID, "<b@x.example>")))

    assert f"In-Reply-To: {LONG_ID}\r\n".encode() in raw
    assert f"References: {LONG_ID}\r\n <b@x.example>\r\n".encode() in raw


def test_the_same_letter_is_the_same_bytes() -> None:
    assert compose(card_page(card()), envelope()) == compose(card_page(card()), envelope())


def test_a_letter_that_answers_says_so_and_one_that_begins_says_so() -> None:
    begun, answering = compose(card_page(card()), envelope()), compose(card_page(card()), envelope(answers=True))

    assert b"Auto-Submitted: auto-generated\r\n" in begun
    assert b"Auto-Submitted: auto-replied\r\n" in answering


def test_html_and_text_say_the_same_and_the_dark_is_provided_for() -> None:
    page = result_page(task(), subject="Re: x")
    html = as_html(page)

    assert "Done: 42.00 USD refunded for order 1234" in html
    assert "refund 88" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "http" not in html


@pytest.mark.parametrize("said", ["Refund", "Re: Refund", "RE: re: Refund", "  re:   Refund "])
def test_an_answer_s_subject_has_one_re(said: str) -> None:
    assert in_reply(said) == "Re: Refund"
