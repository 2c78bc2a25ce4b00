"""What a record can keep of a JSON value: numbers that have one text (RFC 8785), and text that PostgreSQL's jsonb takes."""

from collections.abc import Iterator, Mapping
from typing import Any

from rfc8785 import CanonicalizationError

from contracts.canonical import canonical

_NUL = b"\\u0000"


def unkeepable(value: Any) -> str | None:
    """Where in a JSON value something stands that can't be kept, and what, as `lines[2].note holds a character that can't
    be kept`; None when all of it can be kept. Of the value itself it says `it`, and of a name where it is a name.
    """
    if _is_kept(value):
        return None
    return _told(*next(((where, one) for where, one in _leaves(value, "") if not _is_kept(one)), ("", value)))


def unkeepable_text(value: Any) -> str | None:
    """As `unkeepable`, of texts and names alone: for what is kept and never hashed, where any number will do."""
    if _is_kept(value):
        return None
    texts = ((where, one) for where, one in _leaves(value, "") if isinstance(one, str))
    return next((_told(where, one) for where, one in texts if not _is_kept(one)), None)


def _told(where: str, found: Any) -> str:
    kind = "a character" if isinstance(found, str) else "a number" if isinstance(found, int | float) else "something"
    return f"{where or 'it'} holds {kind} that can't be kept"


def _is_kept(value: Any) -> bool:
    try:
        return _NUL not in canonical(value).replace(b"\\\\", b"")
    except (CanonicalizationError, RecursionError):
        return False


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """What has no parts, and the names of what has, with the way to them."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield where, name  # a name that can't be kept can't be told either
            yield from _leaves(one, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _leaves(one, f"{where}[{place}]")
    else:
        yield where, value
