"""Only what Slack signed, and freshly, is let in."""

import hashlib
import hmac

import pytest
from slack_sdk.signature import Clock

from gateway.slack.signatures import Proof, Signed, SigningSecret, prove, read_secrets

NOW = 1_763_800_000
BODY = b'{"type":"event_callback"}'
NEW, OLD, FOREIGN = "new" * 10, "old" * 10, "foreign" * 5


class _At(Clock):
    """A clock that stands."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


def _signature(secret: str = NEW, body: bytes = BODY, stamp: object = NOW) -> str:
    base = b"v0:" + str(stamp).encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _judged(stamps: list[str], signatures: list[str], body: bytes = BODY, now: float = NOW) -> Proof:
    secrets = (SigningSecret(NEW), SigningSecret(OLD, until=NOW + 60))
    return prove(Signed(body, stamps, signatures), secrets, _At(now))


@pytest.mark.parametrize("age", [0, 1, 299, 300, -299, -300])
def test_a_fresh_signature_with_the_secret_is_proven(age: int) -> None:
    stamp = NOW - age

    assert _judged([str(stamp)], [_signature(stamp=stamp)]) is Proof.PROVEN


GOOD = _signature()
BAD = {
    "no headers": ([], [], Proof.MISSING),
    "no signature": ([str(NOW)], [], Proof.MISSING),
    "no timestamp": ([], [GOOD], Proof.MISSING),
    "empty signature": ([str(NOW)], [""], Proof.MALFORMED),
    "empty timestamp": ([""], [GOOD], Proof.MALFORMED),
    "two signatures": ([str(NOW)], [GOOD, GOOD], Proof.MALFORMED),
    "two timestamps": ([str(NOW), str(NOW)], [GOOD], Proof.MALFORMED),
    "truncated by one": ([str(NOW)], [GOOD[:-1]], Proof.MALFORMED),
    "truncated to the version": ([str(NOW)], ["v0="], Proof.MALFORMED),
    "one digit more": ([str(NOW)], [GOOD + "0"], Proof.MALFORMED),
    "no version": ([str(NOW)], [GOOD[3:]], Proof.MALFORMED),
    "another version": ([str(NOW)], ["v1" + GOOD[2:]], Proof.MALFORMED),
    "upper case": ([str(NOW)], [GOOD.upper()], Proof.MALFORMED),
    "a space before": ([str(NOW)], [" " + GOOD], Proof.MALFORMED),
    "a line break after": ([str(NOW)], [GOOD + "\n"], Proof.MALFORMED),
    "not ASCII": ([str(NOW)], ["v0=" + "é" * 64], Proof.MALFORMED),
    "digits of another script": ([str(NOW)], ["v0=" + "١" * 64], Proof.MALFORMED),
    "an emoji": ([str(NOW)], ["🔑"], Proof.MALFORMED),
    "a NUL": ([str(NOW)], [GOOD[:-1] + "\0"], Proof.MALFORMED),
    "timestamp in words": (["now"], [GOOD], Proof.MALFORMED),
    "timestamp with a fraction": ([f"{NOW}.5"], [GOOD], Proof.MALFORMED),
    "timestamp with underscores": (["1_763_800_000"], [GOOD], Proof.MALFORMED),
    "timestamp in another script": (["١٧٦٣٨٠٠٠٠٠"], [GOOD], Proof.MALFORMED),
    "timestamp below nought": ([f"-{NOW}"], [GOOD], Proof.MALFORMED),
    "timestamp with a sign": ([f"+{NOW}"], [GOOD], Proof.MALFORMED),
    "timestamp of five thousand digits": (["9" * 5000], [GOOD], Proof.MALFORMED),
    "timestamp infinite": (["inf"], [GOOD], Proof.MALFORMED),
    "timestamp in hexadecimal": (["0x1"], [GOOD], Proof.MALFORMED),
    "a second too old": ([str(NOW - 301)], [_signature(stamp=NOW - 301)], Proof.STALE),
    "a second too far ahead": ([str(NOW + 301)], [_signature(stamp=NOW + 301)], Proof.STALE),
    "a day old, replayed": ([str(NOW - 86400)], [_signature(stamp=NOW - 86400)], Proof.STALE),
    "the year 1970": (["0"], [_signature(stamp=0)], Proof.STALE),
    "another secret": ([str(NOW)], [_signature(FOREIGN)], Proof.FORGED),
    "no secret": ([str(NOW)], [_signature("")], Proof.FORGED),
    "another body": ([str(NOW)], [_signature(body=BODY + b" ")], Proof.FORGED),
    "another timestamp, freshened": ([str(NOW)], [_signature(stamp=NOW - 600)], Proof.FORGED),
    "all noughts": ([str(NOW)], ["v0=" + "0" * 64], Proof.FORGED),
}


@pytest.mark.parametrize(("stamps", "signatures", "expected"), BAD.values(), ids=BAD.keys())
def test_everything_else_is_refused_without_an_error(stamps: list[str], signatures: list[str], expected: Proof) -> None:
    assert _judged(stamps, signatures) is expected


def test_a_body_that_is_no_text_is_refused_even_when_signed() -> None:
    body = b"\xff\xfe\x00"

    assert _judged([str(NOW)], [_signature(body=body)], body) is Proof.MALFORMED


def test_while_secrets_are_rotated_both_count_and_afterwards_only_the_new_one() -> None:
    later = NOW + 61

    assert _judged([str(NOW)], [_signature(OLD)]) is Proof.PROVEN
    assert _judged([str(NOW)], [_signature(NEW)]) is Proof.PROVEN
    assert _judged([str(later)], [_signature(OLD, stamp=later)], now=later) is Proof.FORGED
    assert _judged([str(later)], [_signature(NEW, stamp=later)], now=later) is Proof.PROVEN


def test_the_setting_may_name_an_old_secret_with_the_end_of_its_window() -> None:
    found = read_secrets(f"{NEW}, {OLD}@2026-12-01T00:00:00Z")

    assert found == (SigningSecret(NEW), SigningSecret(OLD, until=1796083200.0))


@pytest.mark.parametrize("setting", ["", " , ", f"{OLD}@tomorrow"])
def test_a_setting_without_a_readable_secret_is_refused_with_a_sentence(setting: str) -> None:
    with pytest.raises(ValueError, match=r"signing secret|write the end"):
        read_secrets(setting)
