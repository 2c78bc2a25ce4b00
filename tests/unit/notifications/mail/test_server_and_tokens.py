"""SMTP_URL is read strictly, and a reply token says what it was made for and nothing else."""

import pytest

from notifications.mail.server import BadAddress, Server, Tls, read_server
from notifications.mail.tokens import LONGEST_LOCAL_PART, Token, read, reply_address, signed, token_in

SECRET = "a deployment's secret"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25, Tls.OFFERED)),
        ("smtp://127.0.0.1:8025?tls=none", Server("127.0.0.1", 8025, Tls.NONE)),
        ("smtps://u:p%40ss@mail.example", Server("mail.example", 465, Tls.IMPLICIT, "u", "p@ss")),
        ("smtp://u:p@mail.example:587?tls=starttls", Server("mail.example", 587, Tls.STARTTLS, "u", "p")),
        ("smtp://u:p@mail.example", Server("mail.example", 587, Tls.STARTTLS, "u", "p")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: Server) -> None:
    assert read_server(url) == server


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://x?tls=maybe", "smtp://x:0x", "smtp://u:hunter2@x?tls=no"]
)
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        read_server(url)

    assert "hunter2" not in str(refusal.value)


def test_a_token_says_what_it_was_made_for() -> None:
    token = signed(SECRET, Token("morning", 12, "mei"))

    assert read(SECRET, token) == Token("morning", 12, "mei")
    assert token_in(reply_address(token, "chargehand.example") or "") == token
    assert token_in("refunds@morning.example") is None


def test_a_token_of_another_secret_or_with_one_letter_changed_says_nothing() -> None:
    token = signed(SECRET, Token("morning", 12, "mei"))
    forged = [
        token.replace("mei", "eve"),
        token.replace(".12.", ".13."),
        token.swapcase(),
        token[:-1],
        "",
        "a.b.c.d",
        "é",
    ]

    assert read("another secret", token) is None
    assert [read(SECRET, one) for one in forged] == [None] * len(forged)


def test_a_token_of_a_list_names_its_letter_and_never_passes_for_a_decision() -> None:
    token = signed(SECRET, Token("morning", 0, "mei", letter=12))
    forged = [token.replace(".l12.", ".12."), token.replace(".l12.", ".l13."), token.replace(".l12.", ".0.")]

    assert read(SECRET, token) == Token("morning", 0, "mei", letter=12)
    assert [read(SECRET, one) for one in forged] == [None] * len(forged)
    assert read(SECRET, signed(SECRET, Token("morning", 12, "mei")).replace(".12.", ".l12.")) is None


def test_a_token_too_long_for_a_mail_server_gives_no_address() -> None:
    short, long = signed(SECRET, Token("m" * 12, 12, "p" * 12)), signed(SECRET, Token("m" * 48, 12, "p" * 48))

    assert len((reply_address(short, "x.example") or "").partition("@")[0]) <= LONGEST_LOCAL_PART
    assert reply_address(long, "x.example") is None
