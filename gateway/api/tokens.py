"""Bearer tokens: who a program acts for, until when; rights are looked up again with every request."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, Signer

from storage.audit import Said, note
from storage.database import Unit

LONGEST_DAYS = 366
_PURPOSE = b"chargehand api token 1"


@dataclass(frozen=True, slots=True)
class Token:
    """Whom it is for, and when it ends (UTC epoch seconds)."""

    company: str
    person: str
    until: int


def make(unit: Unit, secret: str, *, person: str, days: int) -> str:
    """A token for a person, inside the caller's transaction; that it was made stands on their trail."""
    until = unit.now + timedelta(days=days)
    note(unit, f"person:{person}", Said("token_made", f"person:{person}", {"until": until.isoformat()}))
    return written(secret, Token(unit.company, person, _seconds(until)))


def written(secret: str, token: Token) -> str:
    """A token in words: `company.person.until.proof`."""
    return _signer(secret).sign(f"{token.company}.{token.person}.{token.until}").decode()


def read(secret: str, given: str, *, now: float) -> Token | None:
    """What a token says; None when we did not make it or it has ended."""
    try:
        company, person, until = _signer(secret).unsign(given).decode().split(".")
        token = Token(company, person, int(until))
    except (BadSignature, ValueError):
        return None
    return token if token.until > now else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _signer(secret: str) -> Signer:
    digest: Any = hashlib.sha256
    return Signer(secret, salt=_PURPOSE, key_derivation="hmac", digest_method=digest)
