"""By what copies of a letter are known, whose address it is, and whether a provider's signature holds."""

from gateway.mail.machines import written_by_machine
from gateway.mail.parsing import read_letter
from gateway.mail.receive import identity
from gateway.mail.webhook import is_signed, signature
from tests.unit.gateway.mail.letters import ASKED, plain


def test_the_same_letter_by_two_ways_is_one() -> None:
    one = b"Received: from a by b\r\nReturn-Path: <anna@morning.example>\r\n" + plain(b"Subject: refund")
    other = b"Received: from c by d\r\n" + plain(b"Subject: refund").replace(b"\r\n", b"\n") + b"\n\n"

    assert identity(one) == identity(other)
    assert identity(one).message_id == "<1@morning.example>"


def test_the_same_message_id_with_another_body_is_another_letter() -> None:
    assert identity(plain()).key != identity(plain(body=ASKED + b"and more")).key


def test_letters_without_a_message_id_are_told_apart_by_who_when_and_what() -> None:
    bare = plain(b"Date: Sat, 21 Nov 2026 10:30:00 +0000").replace(b"Message-ID: <1@morning.example>\r\n", b"")

    again = identity(b"Received: from a by b\r\n" + bare)
    later = identity(bare.replace(b"10:30", b"11:30"))

    assert identity(bare) == again
    assert later.key != again.key
    assert again.message_id is None


def test_a_folded_message_id_is_found() -> None:
    folded = plain().replace(b"Message-ID: <", b"message-id:\r\n <")

    assert identity(folded) == identity(plain())


def test_a_signature_holds_for_its_body_and_five_minutes() -> None:
    header = signature("secret", 1_000, b"letter")

    assert is_signed("secret", header, b"letter", now=1_299)
    assert not is_signed("secret", header, b"letter", now=1_301)
    assert not is_signed("secret", header, b"letter", now=600)
    assert not is_signed("secret", header, b"Letter", now=1_000)
    assert not is_signed("other", header, b"letter", now=1_000)


def test_what_is_no_signature_holds_for_nothing() -> None:
    digest = signature("secret", 1_000, b"x").partition("v1=")[2]
    for header in (
        None,
        "",
        "v1=",
        f"t=,v1={digest}",
        f"t=1000,v1={digest.upper()}",
        f"t=١٠٠٠,v1={digest}",
        "t=1,v1=ü",
    ):
        assert not is_signed("secret", header, b"x", now=1_000)


def _machine(*header: bytes, mail_from: str = "anna@morning.example") -> str | None:
    ours = {"refunds@morning.example", "chargehand@morning.example"}
    return written_by_machine(read_letter(plain(*header)), mail_from, lambda address: address in ours)


def test_letters_that_no_person_wrote_are_known() -> None:
    machines = [
        _machine(b"Auto-Submitted: auto-replied"),
        _machine(b"Auto-Submitted: auto-generated (rejected)"),
        _machine(b"Precedence: bulk"),
        _machine(b"Precedence: list"),
        _machine(b"List-Id: <talk.lists.example>"),
        _machine(b"List-Unsubscribe: <mailto:x@lists.example>"),
        _machine(b"Return-Path: <>"),
        _machine(b"X-Autoreply: yes"),
        _machine(*(b"Received: from a by b" for _ in range(100))),
        _machine(mail_from=""),
        _machine(mail_from="refunds@morning.example"),
    ]

    assert all(machines)
    assert _machine(b"Auto-Submitted: no", b"Precedence: normal", b"Received: from a by b") is None
