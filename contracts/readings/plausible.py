"""Says what may have stood at a place whose value can't be read: what its type allows, and what the files make likely."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from contracts.declared import as_duration
from contracts.loading.fields import Place, bare, field_place
from contracts.loading.shapes import meant_by
from contracts.readings.names import KEYS, Names

MOST = 16
"""As many values are tried at one place."""
_LARGE = 99_999
_JUST = 0.01
_OPEN = {("WorkerDeclaration", "job"), ("Probe", "read"), ("Prerequisite", "answers"), ("Undo", "by")}
"""Where something else may be meant than what is known: more is asked of what is named there."""
_USUAL = {("System", "tool")}
_INSTEAD = {("System", "sql"), ("System", "http"), ("System", "files")}
"""One of several fields has to be there: the usual one is likelier, and what stands instead of it is not beside it."""
_FRESH = (
    *("something", "models:Something", "workers:something", "tools/something.py:Something", "manager-of:requester"),
    *("some.thing", "USD", "T0X", "a@b.example", "b.example", "00:00", "all"),
)
_DAYS = ("1970-01-01", "2999-12-31")


class _Away(Enum):
    """That nothing is there, so that its default counts."""

    AWAY = "away"


AWAY = _Away.AWAY


@dataclass(frozen=True, slots=True)
class Plausible:
    """Finds values, as JSON has them, for places of one file; what they are called is known of all files."""

    names: Names
    _known: dict[Place, list[Any]] = field(default_factory=dict)

    def values(self, place: Place) -> list[Any]:
        """What may have stood there, the likeliest first; AWAY for a field that may be left away."""
        if place not in self._known:
            away = [AWAY] if place.can_be_left_away else []
            self._known[place] = [*away, *islice(_distinct(self._fitting(place)), MOST)]
        return self._known[place]

    def _fitting(self, place: Place) -> Iterator[Any]:
        known = _adapter(place.kind)
        for value in self._guessed(place):
            if _fits(known, value):
                yield value

    def _guessed(self, place: Place) -> Iterator[Any]:
        kind = bare(place.kind)
        bounds = _bounds(place.kind)
        if any(isinstance(one, BeforeValidator) and one.func is as_duration for one in bounds):
            yield from ("0s", f"{_LARGE}d", "1h")
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from self._models(kind)
        elif get_origin(kind) is tuple:
            yield from self._lists(Place(get_args(kind)[0], place.owner))
        elif get_origin(kind) is dict:
            yield from self._mappings(kind, place)
        elif kind is str:
            yield from self._words(place)
        else:
            yield from _plain(kind, bounds)

    def keys(self, mapping: Place, given: str) -> Iterator[str]:
        """What the key of a mapping may be that is none as it stands."""
        kind = get_args(bare(mapping.kind))[0]
        known = _adapter(kind)
        model, name = mapping.owner
        likely = (*meant_by(given), *self.names.missing_at((model, f"{KEYS}{name}")), *_choices(kind))
        return (one for one in likely if _fits(known, one))

    def _words(self, place: Place) -> Iterator[str]:
        known = _adapter(place.kind)
        likely = [one for one in self.names.likely(place.owner) if _fits(known, one)]
        yield from likely
        if not likely or place.owner in _OPEN:
            yield from islice((one for one in _FRESH if _fits(known, one)), 1)

    def _models(self, model: type[BaseModel], *, turn: int = 0, called: Mapping[str, Any] = {}) -> Iterator[Any]:
        """Mappings of what has to be there; `turn` sets those apart that stand beside each other."""
        needed = {
            info.alias or name: [one for one in self.values(field_place(model, name)) if one is not AWAY]
            for name, info in model.model_fields.items()
            if info.is_required() or (model.__name__, name) in _USUAL
        }
        if not all(needed.values()):
            return
        least = [
            {name: values[number % len(values)] for name, values in needed.items()} | dict(called)
            for number in range(turn, turn + max(map(len, needed.values()), default=1))
        ]
        yield from (least[0], self._whole(model) | least[0], *least[1:])

    def _whole(self, model: type[BaseModel]) -> dict[str, Any]:
        """A mapping of what may be there, too: something may be wanted of it that can't be read."""
        found = {
            info.alias or name: self.values(field_place(model, name))
            for name, info in model.model_fields.items()
            if (model.__name__, name) not in _INSTEAD
        }
        return {
            name: likely[0] for name, values in found.items() if (likely := [one for one in values if one is not AWAY])
        }

    def _lists(self, item: Place) -> Iterator[Any]:
        kind = bare(item.kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from self._named_items(kind)
            yield []
            yield from ([one] for one in self.values(item))
            return
        values = self.values(item)
        likely = [one for one in values if one in self.names.likely(item.owner)]
        yield from ([], likely, *self.names.lists.get(item.owner, ()), *([one] for one in values))

    def _named_items(self, model: type[BaseModel]) -> Iterator[Any]:
        """Lists of one item for each thing that is named somewhere and that such a list would hold."""
        fields = ((name, self.names.missing_at((model.__name__, name))) for name in model.model_fields)
        found = [(name, missing) for name, missing in fields if missing]
        for called, missing in found[:1]:
            for turn in range(MOST):
                items = [
                    next(self._models(model, turn=turn + number, called={called: name}), None)
                    for number, name in enumerate(missing)
                ]
                yield items

    def _mappings(self, kind: Any, place: Place) -> Iterator[Any]:
        model, name = place.owner
        keys, inner = get_args(kind)
        missing = self.names.missing_at((model, f"{KEYS}{name}")) or _choices(keys)
        values = self.values(Place(inner, place.owner))
        if missing and values:
            for turn in range(len(values)):
                yield {called: values[(turn + number) % len(values)] for number, called in enumerate(missing)}
        yield {}
        yield from ({_FRESH[0]: value} for value in values)


def _choices(kind: Any) -> list[Any]:
    return [one.value for one in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _plain(kind: Any, bounds: Sequence[Any]) -> Iterator[Any]:
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    elif kind is bool:
        yield from (False, True)
    elif kind in (int, float, Decimal):
        yield from _numbers(bounds)
    elif kind is date:
        yield from _DAYS
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from _choices(kind)
    else:
        yield None


def _numbers(bounds: Sequence[Any]) -> Iterator[int | float]:
    """The least and the largest that may stand there."""
    named = {type(one): one for one in bounds}
    yield from _whole_or_not(_of(named.get(Ge), "ge"), _of(named.get(Gt), "gt", _JUST), 0)
    yield from _whole_or_not(_of(named.get(Le), "le"), _of(named.get(Lt), "lt", -_JUST), _LARGE)


def _of(bound: Any, name: str, beside: float = 0) -> float | None:
    return None if bound is None else float(getattr(bound, name)) + beside


def _whole_or_not(*values: float | None) -> Iterator[int | float]:
    found = next(value for value in values if value is not None)
    yield int(found) if found == int(found) else found


def _bounds(kind: Any) -> tuple[Any, ...]:
    return (*_bounds(get_args(kind)[0]), *kind.__metadata__) if get_origin(kind) is Annotated else ()


def _distinct(values: Iterator[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    for value in values:
        written = json.dumps(value)
        if written not in seen:
            seen.add(written)
            yield value


@lru_cache(maxsize=512)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _fits(known: TypeAdapter[Any], value: Any) -> bool:
    try:
        known.validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True
