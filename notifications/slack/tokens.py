"""Seals Slack tokens with the deployment's secret, so that a copy of the database alone posts nothing."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"chargehand slack token 1"


class TokenUnreadable(ValueError):
    """The kept token was sealed with another secret, or was damaged: the app has to be installed again."""


def seal(token: str, secret: str) -> bytes:
    """The token as it may lie in the database."""
    return _box(secret).encrypt(token.encode())


def unseal(sealed: bytes, secret: str) -> str:
    """The token; raises TokenUnreadable."""
    try:
        return _box(secret).decrypt(sealed).decode()
    except InvalidToken as mismatch:
        raise TokenUnreadable("this Slack token was sealed with another CHARGEHAND_SECRET") from mismatch


@lru_cache(maxsize=4)
def _box(secret: str) -> Fernet:
    """A key of its own for this purpose (HKDF, RFC 5869): the same secret also signs other things."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
