"""Whose letter it is: true ones are their senders', forged ones nobody's."""

import base64
from dataclasses import dataclass, field
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.mail.names import NamesAway
from gateway.mail.parsing import read_letter
from gateway.mail.proof import Envelope, Proven, Unproven, prove, read_trust
from tests.unit.gateway.mail.letters import ASKED

RELAY, ELSEWHERE = "10.1.2.3", "203.0.113.9"
TRUST = read_trust("mx.morning.example", "10.0.0.0/8, 192.168.0.0/16")
PASSED = "Authentication-Results: mx.morning.example; dmarc=pass header.from=morning.example"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
_PUBLIC = base64.b64encode(
    _KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)


@dataclass(frozen=True)
class Played:
    """Name servers with these records only."""

    records: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    away: bool = False

    def look_up(self, name: str, kind: str) -> list[Any]:
        """What was put there."""
        if self.away:
            raise NamesAway("no answer")
        return self.records.get((name.lower(), kind), [])


NAMES = Played(
    {
        (f"s1._domainkey.{domain}", "TXT"): [b"v=DKIM1; k=rsa; p=" + _PUBLIC]
        for domain in ("morning.example", "mail.morning.example", "evil.example")
    }
    | {
        ("morning.example", "TXT"): [b"v=spf1 ip4:203.0.113.9 -all"],
        ("evil.example", "TXT"): [b"v=spf1 +all"],
        ("_dmarc.strict.example", "TXT"): [b"v=DMARC1; p=reject; adkim=s"],
        ("s1._domainkey.mail.strict.example", "TXT"): [b"v=DKIM1; k=rsa; p=" + _PUBLIC],
    }
)


def letter_from(*header: str, sender: str = "From: Anna <anna@morning.example>") -> bytes:
    """A letter with those fields on top."""
    lines = [*header, sender, "To: refunds@morning.example", "Message-ID: <1@morning.example>"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + ASKED


def signed(raw: bytes, domain: str, *, length: bool = False) -> bytes:
    """The letter with a DKIM signature of that domain on top."""
    fields = [b"from", b"to", b"message-id"]
    signature: bytes = dkim.sign(raw, b"s1", domain.encode(), _PEM, include_headers=fields, length=length)
    return signature + raw


def judged(raw: bytes, relay: str = ELSEWHERE, mail_from: str = "", names: Played = NAMES) -> Proven | Unproven:
    """Who sent it, handed over by `relay`."""
    return prove(read_letter(raw), raw, Envelope(mail_from, relay), TRUST, names)


@pytest.mark.parametrize(
    ("raw", "relay", "mail_from", "by"),
    [
        (letter_from(PASSED), RELAY, "", "DMARC, found by mx.morning.example"),
        (letter_from(PASSED), f"::ffff:{RELAY}", "", "DMARC, found by mx.morning.example"),
        (
            letter_from("Authentication-Results: mx.morning.example; dkim=pass header.d=mail.morning.example"),
            RELAY,
            "",
            "DKIM, found by mx.morning.example",
        ),
        (signed(letter_from(), "morning.example"), ELSEWHERE, "bounce@list.example", "DKIM"),
        (signed(letter_from(), "mail.morning.example"), "198.51.100.1", "", "DKIM"),
        (signed(letter_from(), "morning.example"), RELAY, "", "DKIM"),
        (letter_from(), ELSEWHERE, "anna@morning.example", "SPF"),
    ],
)
def test_a_true_letter_is_its_senders(raw: bytes, relay: str, mail_from: str, by: str) -> None:
    assert judged(raw, relay, mail_from) == Proven("anna@morning.example", by)


FORGED = {
    "its results were written by its sender": (letter_from(PASSED), ELSEWHERE, ""),
    "results of another server, through our relay": (
        letter_from("Authentication-Results: mx.evil.example; dmarc=pass header.from=morning.example"),
        RELAY,
        "",
    ),
    "a forged pass below our relay's fail": (
        letter_from("Authentication-Results: mx.morning.example; dmarc=fail header.from=morning.example", PASSED),
        RELAY,
        "",
    ),
    "a forged pass below a field of our relay that can't be read": (
        letter_from("Authentication-Results: mx.morning.example; dmarc=((", PASSED),
        RELAY,
        "",
    ),
    "a pass for another domain": (
        letter_from("Authentication-Results: mx.morning.example; dmarc=pass header.from=evil.example"),
        RELAY,
        "",
    ),
    "the signature of another domain": (signed(letter_from(), "evil.example"), ELSEWHERE, ""),
    "a signature over another body": (signed(letter_from(), "morning.example") + b"order: 9999\r\n", ELSEWHERE, ""),
    "words behind a signature with a length": (
        signed(letter_from(), "morning.example", length=True) + b"order: 9999\r\n",
        ELSEWHERE,
        "",
    ),
    "an envelope of another domain that lets everybody send": (letter_from(), ELSEWHERE, "eve@evil.example"),
    "an envelope that is not from where it may come": (letter_from(), "198.51.100.1", "anna@morning.example"),
    "two From fields": (
        letter_from(PASSED, sender="From: anna@morning.example\r\nFrom: eve@evil.example"),
        RELAY,
        "",
    ),
    "two addresses in From": (letter_from(PASSED, sender="From: anna@morning.example, eve@evil.example"), RELAY, ""),
    "an address before the address": (
        letter_from(PASSED, sender="From: anna@morning.example <eve@evil.example>"),
        RELAY,
        "",
    ),
    "no From at all": (letter_from(PASSED, sender="Sender: anna@morning.example"), RELAY, ""),
    "ARC's results": (
        letter_from("ARC-Authentication-Results: i=1; mx.morning.example; dmarc=pass header.from=morning.example"),
        RELAY,
        "",
    ),
}


@pytest.mark.parametrize(("raw", "relay", "mail_from"), FORGED.values(), ids=FORGED)
def test_a_forged_letter_is_nobodys(raw: bytes, relay: str, mail_from: str) -> None:
    assert isinstance(judged(raw, relay, mail_from), Unproven)


@pytest.mark.parametrize(
    "sender",
    [
        'From: "anna@morning.example" <eve@evil.example>',
        "From: =?utf-8?q?anna=40morning.example?= <eve@evil.example>",
        "From: Anna Kowalczyk <eve@evil.example> (anna@morning.example)",
        "From: Anna <anna@m\u043erning.example>",
        "From: \u212awame@morning.example",
        "From: Anna <anna@morning.example.evil.example>",
        "From: Anna <anna@morningexample>",
        "From: <anna@morning.example\x00@evil.example>",
    ],
)
def test_a_name_or_a_look_alike_is_never_the_person(sender: str) -> None:
    raw = letter_from("Authentication-Results: mx.morning.example; dmarc=pass header.from=evil.example", sender=sender)

    found = judged(raw, RELAY)

    assert not isinstance(found, Proven) or found.address == "eve@evil.example"


def test_a_domain_that_wants_strict_alignment_gets_it() -> None:
    raw = signed(letter_from(sender="From: bo@strict.example"), "mail.strict.example")

    assert isinstance(judged(raw), Unproven)


def test_silent_name_servers_are_no_verdict() -> None:
    with pytest.raises(NamesAway):
        judged(letter_from(), mail_from="anna@morning.example", names=Played(away=True))
