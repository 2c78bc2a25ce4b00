"""A Merkle tree that only grows (RFC 9162, section 2.1): its root says what every leaf was, and in which order."""

from collections.abc import Collection, Iterable, Sequence
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


def paths(leaves: Iterable[bytes], wanted: Collection[int]) -> dict[int, list[bytes]]:
    """The inclusion path of each wanted leaf, from the leaf up (RFC 9162, section 2.1.3); reads every leaf once."""
    found: dict[int, list[bytes]] = {position: [] for position in wanted}
    peaks: list[tuple[bytes, int, list[int]]] = []
    for position, leaf in enumerate(leaves):
        peaks.append((sha256(_LEAF + leaf).digest(), 1, [position] if position in found else []))
        while len(peaks) > 1 and peaks[-2][1] == peaks[-1][1]:
            _join_last(peaks, found)
    while len(peaks) > 1:
        _join_last(peaks, found)
    return found


def _join_last(peaks: list[tuple[bytes, int, list[int]]], found: dict[int, list[bytes]]) -> None:
    """Join the last two subtrees (root, size, wanted leaves in it): each is the next node on the other's paths."""
    (right, more, on_right), (left, size, on_left) = peaks.pop(), peaks.pop()
    for position in on_left:
        found[position].append(right)
    for position in on_right:
        found[position].append(left)
    peaks.append((sha256(_NODE + left + right).digest(), size + more, on_left + on_right))


def root(peaks: Sequence[bytes]) -> bytes:
    """The root of a tree with these peaks, 32 bytes."""
    if not peaks:
        return EMPTY_ROOT
    *left, found = peaks
    for peak in reversed(left):
        found = sha256(_NODE + peak + found).digest()
    return found
