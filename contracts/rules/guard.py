"""Stands before the engine: copies facts and rules, refusing in words whatever the engine would crash on or misread.

The engine overflows the stack on deep or cyclic Python objects, turns NaN into null and integers past 64 bits into
floats. So nothing reaches it that did not pass here (or contracts/rules/typed_copy.py, for facts that are as declared); the walk
keeps its own stack, so that depth can't crash it either.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

Pointer = tuple[str | int, ...]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

EXACT = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is accepted: levels of nesting, values in all, characters of one text and of all texts."""

    depth: int
    nodes: int
    text: int
    all_text: int


FACT_LIMITS = Limits(depth=32, nodes=20_000, text=100_000, all_text=1_000_000)
RULE_LIMITS = Limits(depth=40, nodes=2_000, text=2_000, all_text=50_000)


class Refused(ValueError):
    """The value is not what the engine may see; `pointer` says where, `found` and `expected` say why."""

    def __init__(self, pointer: Pointer, found: str, expected: str) -> None:
        place = ".".join(str(part) for part in pointer)
        super().__init__(f"{place or 'the document'}: found {found}, expected {expected}")
        self.pointer = pointer
        self.found = found
        self.expected = expected


@dataclass(slots=True)
class _Room:
    """What is left of the limits during one walk."""

    limits: Limits
    nodes: int
    text: int


class _Place(NamedTuple):
    """A list or an object still to be copied into `copy`; `key` and `above` tell where it lies."""

    value: Mapping[object, object] | Sequence[object]
    copy: dict[str, Json] | list[Json]
    key: str | int
    above: "_Place | None"
    depth: int

    def pointer(self) -> Pointer:
        keys: list[str | int] = []
        place: _Place | None = self
        while place is not None and place.above is not None:
            keys.append(place.key)
            place = place.above
        return tuple(reversed(keys[:-1]))


def guarded(value: object, limits: Limits) -> Json:
    """A copy of `value` in plain JSON types; raises Refused.

    Subclasses of dict, list, tuple, str, int and float (as YAML readers and enumerations make) become the plain type.
    """
    room = _Room(limits, limits.nodes, limits.all_text)
    root: list[Json] = []
    waiting = [_Place((value,), root, "", None, 0)]
    while waiting:
        place = waiting.pop()
        if place.depth > limits.depth:
            found = f"more than {limits.depth} levels of nesting (or a cycle)"
            raise Refused(place.pointer()[:8], found, "fewer")
        if isinstance(place.copy, dict):
            _copy_members(place, place.copy, room, waiting)
        else:
            _copy_elements(place, place.copy, room, waiting)
    return root[0]


def _copy_members(place: _Place, copy: dict[str, Json], room: _Room, waiting: list[_Place]) -> None:
    # The methods of dict itself, and a snapshot: neither a subclass nor another thread may change what we walk.
    members = cast("dict[object, object]", place.value)
    _take_nodes(place, dict.__len__(members), room)
    for key, inner in list(dict.items(members)):
        if not issubclass(type(key), str):
            raise Refused(place.pointer(), f"the key {_key_in_words(key)}", "keys that are text")
        name = _text(str.__str__(key), place, None, room)
        copy[name] = _copied(inner, place, name, room, waiting)


def _copy_elements(place: _Place, copy: list[Json], room: _Room, waiting: list[_Place]) -> None:
    whole = list if issubclass(type(place.value), list) else tuple
    elements = cast("Sequence[object]", whole.__getitem__(cast("Any", place.value), slice(None)))
    _take_nodes(place, len(elements), room)
    for index, inner in enumerate(elements):
        copy.append(_copied(inner, place, index, room, waiting))


def _copied(value: object, place: _Place, key: str | int, room: _Room, waiting: list[_Place]) -> Json:
    """A scalar's plain value; a container comes back empty and is filled when its turn comes.

    Only the type is asked: isinstance would ask the object itself, which may lie or raise.
    """
    kind = type(value)
    if kind is str:
        return _text(cast("str", value), place, key, room)
    if value is None or kind is bool:
        return cast("bool | None", value)
    if issubclass(kind, (dict, list, tuple)):
        copy: dict[str, Json] | list[Json] = {} if issubclass(kind, dict) else []
        waiting.append(_Place(cast("Sequence[object]", value), copy, key, place, place.depth + 1))
        return copy
    return _scalar(value, place, key, room)


def _scalar(value: object, place: _Place, key: str | int, room: _Room) -> Json:
    kind = type(value)
    if issubclass(kind, int):
        whole = int.__int__(cast("int", value))
        if not -EXACT <= whole <= EXACT:
            raise Refused(_at(place, key), f"an integer of {whole.bit_length()} bits", f"one within ±{EXACT:,}")
        return whole
    if issubclass(kind, float):
        number = float.__float__(cast("float", value))
        if not math.isfinite(number):
            raise Refused(_at(place, key), str(number), "a finite number")
        return number
    if issubclass(kind, str):
        return _text(str.__str__(cast("str", value)), place, key, room)
    raise Refused(_at(place, key), _kind_in_words(value), "JSON: text, a number, a boolean, null, a list, an object")


def _text(value: str, place: _Place, key: str | int | None, room: _Room) -> str:
    room.text -= len(value)
    if len(value) > room.limits.text:
        raise Refused(_at(place, key), f"text of {len(value):,} characters", f"at most {room.limits.text:,}")
    if room.text < 0:
        raise Refused(_at(place, key), f"more than {room.limits.all_text:,} characters in all", "fewer")
    if not value.isascii() and not is_whole(value):
        raise Refused(_at(place, key), "text with half a character (a lone surrogate)", "whole Unicode characters")
    return value


def is_whole(value: str) -> bool:
    """Whether text has no half characters (lone surrogates)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _take_nodes(place: _Place, count: int, room: _Room) -> None:
    room.nodes -= count
    if room.nodes < 0:
        raise Refused(place.pointer(), f"more than {room.limits.nodes:,} values", "fewer")


def _at(place: _Place, key: str | int | None) -> Pointer:
    """Where a value lies; a key itself lies at its object, and the root, which lies in a list of our own, nowhere."""
    return place.pointer() if key is None or place.above is None else (*place.pointer(), key)


_IN_WORDS = {
    "datetime": "a datetime (give instants as UTC epoch seconds)",
    "date": "a date (give it as text, or as UTC epoch seconds)",
    "timedelta": "a timedelta (give durations as seconds)",
    "Decimal": "a Decimal (give money in minor units)",
}


def _key_in_words(key: object) -> str:
    """A key that is no text; only what is plain is asked how it is written."""
    return repr(key) if key is None or type(key) in {bool, int, float} else _kind_in_words(key)


def _kind_in_words(value: object) -> str:
    name = type(value).__name__
    return _IN_WORDS.get(name, f"a value of Python's type {name}")
