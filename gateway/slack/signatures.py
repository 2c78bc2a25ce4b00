"""Proves that a request comes from Slack and is fresh, whatever its headers hold.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from slack_sdk.signature import Clock, SignatureVerifier

OLDEST_S = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Proof(StrEnum):
    """What a request's signature showed; all but `proven` are refused."""

    PROVEN = "proven"
    MISSING = "missing"
    MALFORMED = "malformed"
    STALE = "stale"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret that Slack signs with; an old one counts until the end of its window (UTC epoch seconds)."""

    value: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A body with the values of its two headers, each as often as it was sent."""

    body: bytes
    timestamps: Sequence[str]
    signatures: Sequence[str]


def read_secrets(setting: str) -> tuple[SigningSecret, ...]:
    """The secrets of a setting such as `new` or `new,old@2026-12-01T00:00:00Z`; raises ValueError with a sentence."""
    secrets = tuple(_read_secret(part.strip()) for part in setting.split(",") if part.strip())
    if not secrets:
        raise ValueError("no signing secret is set: copy it from the app's Basic Information page in Slack")
    return secrets


def _read_secret(part: str) -> SigningSecret:
    value, at, until = part.partition("@")
    if not at:
        return SigningSecret(value)
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise ValueError("write the end of an old secret's window like secret@2026-12-01T00:00:00Z") from error
    return SigningSecret(value, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def prove(signed: Signed, secrets: Sequence[SigningSecret], clock: Clock) -> Proof:
    """Judge a request. The shape is checked first, because the verifier raises on what Slack never sends."""
    shape = _shape(signed)
    if shape is not Proof.PROVEN:
        return shape
    if abs(clock.now() - int(signed.timestamps[0])) > OLDEST_S:
        return Proof.STALE
    valid = (one for one in secrets if one.until is None or clock.now() <= one.until)
    return Proof.PROVEN if any(_signed_with(one, signed, clock) for one in valid) else Proof.FORGED


def _shape(signed: Signed) -> Proof:
    if not signed.timestamps or not signed.signatures:
        return Proof.MISSING
    if len(signed.timestamps) > 1 or len(signed.signatures) > 1:
        return Proof.MALFORMED
    good = _TIMESTAMP.fullmatch(signed.timestamps[0]) and _SIGNATURE.fullmatch(signed.signatures[0])
    return Proof.PROVEN if good and _is_utf8(signed.body) else Proof.MALFORMED


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _signed_with(secret: SigningSecret, signed: Signed, clock: Clock) -> bool:
    verifier = SignatureVerifier(secret.value, clock)
    return verifier.is_valid(signed.body, signed.timestamps[0], signed.signatures[0])
