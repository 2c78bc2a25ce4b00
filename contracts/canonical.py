"""One text for one value, so that hashes compare what was meant and not how it was typed (RFC 8785)."""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

_LARGEST = 2**53 - 1
_encode = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


def canonical(value: Any) -> bytes:
    """The canonical JSON of a JSON value. Raises rfc8785.CanonicalizationError for anything else."""
    if _is_plain(value):
        try:
            return _encode(value)
        except TypeError:  # a lone surrogate: rfc8785 says so in its own words
            pass
    try:
        return rfc8785.dumps(value)
    except UnicodeEncodeError as error:  # it sorts names before it looks at them
        raise rfc8785.CanonicalizationError("a name holds half a character") from error


def digest(value: Any) -> str:
    """The sha256 of the canonical JSON, in 64 hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()


def plain_digest(value: Mapping[str, str | int | None]) -> str:
    """As `digest`, of values that are known to be plain: texts, whole numbers below 2^53 and null, under ASCII names."""
    try:
        return sha256(_encode(value)).hexdigest()
    except TypeError:
        return digest(value)


def _is_plain(value: Any) -> bool:
    """Whether orjson writes it as RFC 8785 does, many times faster: no unusual float, keys of ASCII.

    Those are where the two differ: whole, tiny and huge floats, and the order of keys (by UTF-16 unit in RFC 8785).
    """
    if isinstance(value, str) or value is None or type(value) is bool:
        return True
    if type(value) is int:
        return -_LARGEST <= value <= _LARGEST
    if type(value) is float:
        return 1e-4 <= abs(value) < 1e15 and not value.is_integer()
    if type(value) is dict:
        names = all(type(name) is str for name in value)
        return names and "".join(value).isascii() and all(map(_is_plain, value.values()))
    return type(value) in (list, tuple) and all(map(_is_plain, value))
