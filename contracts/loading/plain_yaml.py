"""Reads YAML that is well, without looking where anything stands; whatever must be told of is left to the reader of pages."""

from collections.abc import Iterator
from typing import cast

from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from contracts.loading.scalars import Trap, value_of

DEEPEST = 40


class NotPlain(ValueError):
    """Something is there that a person has to be told of."""


def data_of(events: Iterator[Event]) -> object:
    """The data of the one document of a stream; raises NotPlain, and YAMLError for what is not YAML."""
    next(events)
    if type(next(events)) is StreamEndEvent:
        raise NotPlain
    try:
        data = _value(next(events), events, DEEPEST)
    except Trap as trap:
        raise NotPlain from trap
    next(events)
    if type(next(events)) is not StreamEndEvent:
        raise NotPlain
    return data


def _value(event: Event, events: Iterator[Event], depth: int) -> object:
    kind = type(event)
    if kind is ScalarEvent:
        return _scalar(cast("ScalarEvent", event))
    if kind is MappingStartEvent:
        return _mapping(cast("MappingStartEvent", event), events, depth - 1)
    if kind is SequenceStartEvent:
        return _sequence(cast("SequenceStartEvent", event), events, depth - 1)
    raise NotPlain


def _scalar(event: ScalarEvent) -> object:
    if event.anchor or event.tag:
        raise NotPlain
    return event.value if event.style else value_of(event.value)


def _mapping(start: MappingStartEvent, events: Iterator[Event], depth: int) -> dict[str, object]:
    if start.anchor or start.tag or depth < 0:
        raise NotPlain
    found: dict[str, object] = {}
    while type(event := next(events)) is not MappingEndEvent:
        key = _value(event, events, depth)
        if type(key) is not str or key in found:
            raise NotPlain
        found[key] = _value(next(events), events, depth)
    return found


def _sequence(start: SequenceStartEvent, events: Iterator[Event], depth: int) -> list[object]:
    if start.anchor or start.tag or depth < 0:
        raise NotPlain
    items: list[object] = []
    while type(event := next(events)) is not SequenceEndEvent:
        items.append(_value(event, events, depth))
    return items
