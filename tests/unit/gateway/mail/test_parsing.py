"""What is read of letters that break parsers, and of those that are made to hurt."""

import resource
import time

import pytest

from gateway.mail.parsing import Unreadable, read_letter
from gateway.mail.wording import own_words
from tests.unit.gateway.mail.letters import ASKED, HOSTILE, LARGE, READABLE, plain


@pytest.mark.parametrize("raw", READABLE.values(), ids=READABLE)
def test_an_odd_letter_is_read_as_far_as_it_can_be(raw: bytes) -> None:
    letter = read_letter(raw)

    assert letter.senders == ("anna@morning.example",)
    assert "order: 1234" in letter.text.replace("\xa0", " ")
    assert "9999" not in letter.text
    assert "6666" not in letter.text


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_letter_made_to_hurt_is_refused_within_limits(raw: bytes) -> None:
    began = time.monotonic()

    with pytest.raises(Unreadable, match="Unreadable mail"):
        read_letter(raw)

    assert time.monotonic() - began < 60


@pytest.mark.parametrize("raw", LARGE.values(), ids=LARGE)
def test_a_monstrous_field_costs_little_time(raw: bytes) -> None:
    began = _spent_by_children_s()

    letter = read_letter(raw)

    assert len(letter.subject) <= 2_000
    assert len(letter.text) <= 200_000
    assert 0 < _spent_by_children_s() - began < 3


def _spent_by_children_s() -> float:
    """The processor's time: what else the machine does is not counted."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def test_header_fields_come_out_on_one_line_without_control_characters() -> None:
    subject = b"Subject: =?utf-8?q?hello=0D=0ABcc:_eve@evil.example=00?=\r\n and more"

    letter = read_letter(plain(subject, b"In-Reply-To: <a@b>\r\n <c@d>", b"References: <x@y> junk <a@b>"))

    assert letter.subject == "hello Bcc: eve@evil.example and more"
    assert letter.in_reply_to == "<a@b>"
    assert letter.thread == ("<x@y>", "<a@b>")


def test_a_message_id_with_a_line_break_in_it_is_none() -> None:
    raw = plain().replace(b"<1@morning.example>", b"<1\r\n Bcc: eve@evil.example>")

    assert read_letter(raw).message_id is None


def test_attachments_are_told_by_the_last_part_of_their_names() -> None:
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\n" + ASKED + b"--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="../../etc/claim.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
    )

    letter = read_letter(plain(b"Content-Type: multipart/mixed; boundary=b", body=body))

    assert [(one.name, one.media_type) for one in letter.attachments] == [("claim.pdf", "application/pdf")]


def test_a_text_part_that_is_attached_is_not_what_the_writer_says() -> None:
    body = (
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\napprove\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nnot sure\r\n--b--\r\n"
    )

    letter = read_letter(plain(b"Content-Type: multipart/mixed; boundary=b", body=body))

    assert own_words(letter.text) == "not sure"


def test_quotes_in_html_are_marked_as_quotes() -> None:
    html = b'<p>approve</p><div class="gmail_quote">On Monday:<blockquote>reject</blockquote></div>'

    letter = read_letter(plain(b"Content-Type: text/html", body=html))

    assert own_words(letter.text) == "approve"
    assert "> reject" in letter.text
