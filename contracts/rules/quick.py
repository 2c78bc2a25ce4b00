"""Copies facts that are as JSON readers make them, the usual case, and marks their texts in the same walk.

Whatever is unusual (subclasses, tuples, keys beyond ASCII, anything beyond a limit) is left to the guard, which is three
times slower and says what is wrong. The walk goes no deeper than the limit, so it may call itself.
"""

import math
from dataclasses import dataclass
from typing import Any

from contracts.rules.engine_form import MARK
from contracts.rules.guard import EXACT, Json, Limits, is_whole

_SAME = {bool, type(None)}
Both = tuple[Any, Any]
"""A plain copy, and the same with every text marked."""


class _Unusual(Exception):
    """The guard has to look."""


@dataclass(slots=True)
class _Room:
    """What is left of the limits."""

    nodes: int
    text: int
    longest: int


def copied(document: object, limits: Limits) -> Both | None:
    """Both copies of an object of facts, or None for the guard to look at it."""
    if type(document) is not dict:
        return None
    room = _Room(limits.nodes, limits.all_text, limits.text)
    try:
        both = _object(document, limits.depth, room)
    except (_Unusual, RecursionError):
        return None
    return both if room.text >= 0 else None


def _object(value: dict[Any, Any], depth: int, room: _Room) -> Both:
    items = list(value.items())  # a snapshot, for another thread may change it
    _enter(depth, len(items), room)
    plain: dict[str, Json] = {}
    marked: dict[str, Json] = {}
    for key, inner in items:
        if type(key) is not str or not key.isascii():
            raise _Unusual
        kind = type(inner)
        if kind is str:
            plain[key], marked[key] = _text(inner, room), MARK + inner
        elif kind in _SAME or (kind is int and -EXACT <= inner <= EXACT):
            plain[key] = marked[key] = inner
        else:
            plain[key], marked[key] = _other(inner, depth, room)
        room.text -= len(key)
    return plain, marked


def _other(value: Any, depth: int, room: _Room) -> Both:
    kind = type(value)
    if kind is dict:
        return _object(value, depth - 1, room)
    if kind is list:
        return _list(value[:], depth - 1, room)
    if kind is float and math.isfinite(value):
        return value, value
    raise _Unusual


def _list(elements: list[Any], depth: int, room: _Room) -> Both:
    _enter(depth, len(elements), room)
    kinds = {type(element) for element in elements}
    if kinds == {int} and min(elements) >= -EXACT and max(elements) <= EXACT:
        return elements, elements
    if kinds == {str}:
        return [_text(element, room) for element in elements], [MARK + element for element in elements]
    both = [(element, element) if type(element) in _SAME else _mixed(element, depth, room) for element in elements]
    return [plain for plain, _ in both], [marked for _, marked in both]


def _mixed(element: Any, depth: int, room: _Room) -> Both:
    if type(element) is str:
        return _text(element, room), MARK + element
    if type(element) is int and -EXACT <= element <= EXACT:
        return element, element
    return _other(element, depth, room)


def _text(value: str, room: _Room) -> str:
    room.text -= len(value)
    if len(value) > room.longest or room.text < 0 or not (value.isascii() or is_whole(value)):
        raise _Unusual
    return value


def _enter(depth: int, count: int, room: _Room) -> None:
    room.nodes -= count
    if depth == 0 or room.nodes < 0 or room.text < 0:
        raise _Unusual
