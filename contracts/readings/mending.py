"""Makes of a file that can't be read the ones that were likely meant, so that it can be checked further."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from contracts.contract import Lane
from contracts.loading.fields import Place, bare, names_at, place_at
from contracts.mistakes import Pointer
from contracts.readings.names import names_one
from contracts.readings.plausible import AWAY, Plausible
from contracts.readings.unsure import after_all_above

MISSPELLED = "extra_forbidden"
KEY = "[key]"


def meant(model: type[BaseModel], finding: ErrorDetails) -> Pointer:
    """The place of the field that an unknown one stands for; its own place without a name when nothing is near."""
    *above, name = finding["loc"]
    near = get_close_matches(str(name), names_at(model, tuple(above)), n=1, cutoff=0.6)
    return (*above, *near)


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where nothing stood, or something else than belongs there; `values` may be meant, beginning with number `first`."""

    values: list[Any]
    first: int

    def at_turn(self, turn: int) -> Any:
        """What to put there."""
        return self.values[(self.first + turn) % len(self.values)]


@dataclass(slots=True)
class Mended:
    """Data that is to be checked and never to be used; `written` says where what it holds at a place really stands."""

    data: Any
    model: type[BaseModel]
    plausible: Plausible
    written: dict[Pointer, Pointer] = field(default_factory=dict)
    gaps: dict[Pointer, Gap] = field(default_factory=dict)
    renamed: dict[Pointer, Gap] = field(default_factory=dict)

    def mend(self, found: Iterable[ErrorDetails]) -> bool:
        """Put right what was found; False if that can't be guessed of all of it."""
        return sum(not self._mend(one) for one in found) == 0

    def _mend(self, finding: ErrorDetails) -> bool:
        at = finding["loc"]
        around = next((gap for gap in self.gaps if at[: len(gap)] == gap), None)
        if around is not None:  # what is likely there does not fit after all
            return self._open(around[:-1])
        if finding["type"] == MISSPELLED:
            self._spell(finding)
            return True
        return self._rename(at[:-1]) if at and at[-1] == KEY else self._open(at)

    def doubt(self, places: Iterable[Pointer]) -> None:
        """Put something else in place of what can be read, and can't be right."""
        for at in places:
            if not any(at[: len(gap)] == gap for gap in self.gaps):
                self._open(at)

    def lies_in_gap(self, at: Pointer) -> bool:
        """Whether a place is, holds or lies in one that something was put into."""
        return any(at[: len(gap)] == gap or gap[: len(at)] == at for gap in self.gaps)

    def filled(self, turn: int) -> Any:
        """The data with something in every gap; something else at each turn."""
        data = deepcopy(self.data)
        for at, gap in self.gaps.items():
            _put(data, at, gap.at_turn(turn))
            if self.model is Lane:
                after_all_above(data, at)
        for at, names in self.renamed.items():
            inside = _inside(data, at[:-1])
            inside[names.at_turn(turn)] = inside.pop(at[-1])
        return data

    @property
    def turns(self) -> int:
        """How many turns it takes until everything has stood in every gap."""
        return max((len(gap.values) for gap in (*self.gaps.values(), *self.renamed.values())), default=1)

    def _spell(self, finding: ErrorDetails) -> None:
        at = finding["loc"]
        inside = _inside(self.data, at[:-1])
        near, value = meant(self.model, finding), inside.pop(str(at[-1]), None)
        if len(near) == len(at) and near[-1] not in inside:
            inside[str(near[-1])], self.written[near] = value, at

    def _open(self, at: Pointer) -> bool:
        """Make a gap at a place, or at the nearest one above it that something can stand in."""
        for end in range(len(at), 0, -1):
            here = at[:end]
            place = place_at(self.model, here)
            values = self.plausible.values(place) if place is not None else []
            if values:
                self._forget_within(here)
                self.gaps[here] = Gap(values, self._beside(values) if place is not None and _is_distinct(place) else 0)
                return True
        return False

    def _beside(self, values: list[Any]) -> int:
        """How many gaps there are that the same may be meant in."""
        return sum(gap.values == values for gap in self.gaps.values())

    def _forget_within(self, at: Pointer) -> None:
        """Mend nothing in what something else is put in place of."""
        self.gaps = {gap: one for gap, one in self.gaps.items() if gap[: len(at)] != at}
        self.renamed = {old: new for old, new in self.renamed.items() if old[: len(at)] != at}
        self.written = {meant: old for meant, old in self.written.items() if meant[: len(at)] != at}

    def _rename(self, at: Pointer) -> bool:
        """Give what stands under no name one that was likely meant."""
        place = place_at(self.model, at[:-1])
        beside = _inside(self.data, at[:-1])
        names = self.plausible.keys(place, str(at[-1])) if place is not None else ()
        free = [name for name in names if name not in beside and (*at[:-1], name) not in self.written]
        if not free:
            return self._open(at[:-1])
        self.renamed[at] = Gap(free, len(self.renamed))
        self.written |= {(*at[:-1], name): at for name in free}
        return True


def _is_distinct(place: Place) -> bool:
    """Whether nothing like what belongs there may stand beside it: it has a name of its own, or is one."""
    kind = bare(place.kind)
    return names_one(place.owner) or (isinstance(kind, type) and issubclass(kind, BaseModel))


def _inside(data: Any, at: Iterable[str | int]) -> Any:
    for step in at:
        data = data[step]
    return data


def _put(data: Any, at: Pointer, value: Any) -> None:
    inside, last = _inside(data, at[:-1]), at[-1]
    if value is AWAY:
        inside.pop(last, None)
    else:
        inside[last] = deepcopy(value)
