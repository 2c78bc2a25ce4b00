"""A Merkle tree that only grows (RFC 9162, section 2.1): its root says what every leaf was, and in which order."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256().digest()
_LEAF, _NODE = b"\x00", b"\x01"


def added(peaks: Sequence[bytes], size: int, leaves: Iterable[bytes]) -> tuple[tuple[bytes, ...], int]:
    """The peaks and size of a tree of `size` leaves once more leaves stand behind them.

    The peaks are the roots of the full subtrees from left to right, one for each bit that is set in the size: all that
    has to be kept for a tree to grow.
    """
    grown = list(peaks)
    for leaf in leaves:
        node, full = sha256(_LEAF + leaf).digest(), size
        while full & 1:
            node = sha256(_NODE + grown.pop() + node).digest()
            full >>= 1
        grown.append(node)
        size += 1
    return tuple(grown), size


def root(peaks: Sequence[bytes]) -> bytes:
    """The root of a tree with these peaks, 32 bytes."""
    if not peaks:
        return EMPTY_ROOT
    *left, found = peaks
    for peak in reversed(left):
        found = sha256(_NODE + peak + found).digest()
    return found
