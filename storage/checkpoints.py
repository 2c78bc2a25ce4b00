"""A checkpoint: the size and root of a company's sealed log at one moment, signed so that nobody else can make one."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.canonical import canonical

PURPOSE = b"chargehand audit checkpoint 1\n"


class NotAKey(ValueError):
    """The text is no Ed25519 private key: 32 bytes in base64. `str()` shows nothing of it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`name` "2026-11-22#3", `size` in entries, `root` and `previous` (the root before, or "") in hex."""

    company: str
    name: str
    size: int
    root: str
    previous: str
    at: datetime
    key: str
    signature: str

    def document(self) -> dict[str, Any]:
        """What is exported and kept elsewhere: the signed claims with the public key and the signature."""
        return {**_claims(self), "key": self.key, "signature": self.signature}


class Signer:
    """Signs checkpoints with the Ed25519 key of this deployment."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()

    @classmethod
    def of(cls, text: str) -> "Signer":
        """The signer whose private key is 32 bytes in base64; raises NotAKey."""
        try:
            raw = base64.b64decode(text, validate=True)
            return cls(Ed25519PrivateKey.from_private_bytes(raw))
        except (binascii.Error, ValueError):
            raise NotAKey("CHARGEHAND_AUDIT_KEY has to be 32 bytes in base64: an Ed25519 private key.") from None

    def signed(self, *, company: str, name: str, size: int, root: str, previous: str, at: datetime) -> Checkpoint:
        """A checkpoint that says so."""
        bare = Checkpoint(company, name, size, root, previous, at, self.public, "")
        return replace(bare, signature=self.signature(PURPOSE + canonical(_claims(bare))))

    def signature(self, message: bytes) -> str:
        """The signature of a message, in base64; a message begins with what it is for."""
        return base64.b64encode(self._private.sign(message)).decode()


def _claims(checkpoint: Checkpoint) -> Mapping[str, Any]:
    """What the signature covers."""
    names = ("company", "name", "size", "root", "previous")
    at = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {**{name: getattr(checkpoint, name) for name in names}, "at": at}


def next_name(last: str | None, at: datetime) -> str:
    """The name of the checkpoint after `last`: its day and its number on that day."""
    day = at.astimezone(UTC).date().isoformat()
    before, _, number = (last or "").partition("#")
    return f"{day}#{int(number) + 1 if before == day else 1}"
