"""One text for one value, so that hashes compare what was meant and not how it was typed (RFC 8785)."""

from hashlib import sha256

import rfc8785


def canonical(value: object) -> bytes:
    """The canonical JSON of a JSON value. Raises rfc8785.CanonicalizationError for anything else."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its own check is at run time


def digest(value: object) -> str:
    """The sha256 of the canonical JSON, in hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()
