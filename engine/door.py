"""Takes callers who come at the same time through together: a transaction for many costs little more than for one.

Whoever finds nobody at the door goes through at once. Those who come meanwhile wait, and the first of them leads the next
round: it serves all who wait by then, hands each their own outcome, and calls the next leader. So nobody waits for company,
and nobody serves more than one round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

MOST = 32
PATIENCE_S = 1.0
"""Whoever has waited so long leads a round beside the one that is held up: it may stand still for as long as it likes."""

Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Passed(Generic[Given, Got]):
    """What came of one caller, None if it is to go alone; `led` is what it has served as a leader, itself included."""

    outcome: Got | None
    led: Sequence[tuple[Given, Got | None]] = ()


@dataclass(slots=True, eq=False)
class _Place:
    """Where one caller waits until it can take its `turn`: then it leads, or has its outcome, or none and goes alone."""

    key: str
    given: Any
    leads: bool = False
    outcome: Any = None
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.turn.acquire()


@dataclass(slots=True)
class Door:
    """One door for threads of one process, who all bring the same way to serve a round."""

    _waiting: list[_Place] = field(default_factory=list)
    _leader: _Place | None = None
    """It stands among those who wait until its round begins."""
    _guard: Lock = field(default_factory=Lock)

    def enter(
        self, key: str, given: Given, serve: Callable[[Sequence[Given]], Sequence[Got | None]]
    ) -> Passed[Given, Got]:
        """Have `given` served, with at most MOST - 1 others of other keys; raises what `serve` raises where this one leads.

        `serve` gives an outcome for each, in order; whoever is given None, or was in a round that raised, is to go alone.
        """
        place = _Place(key, given)
        self._arrive(place)
        try:
            self._wait(place)
            return self._lead(place, serve) if place.leads else Passed(place.outcome)
        finally:
            self._leave(place)

    def _arrive(self, place: _Place) -> None:
        with self._guard:
            self._waiting.append(place)
            if self._leader is None:
                self._call_next()

    def _wait(self, place: _Place) -> None:
        while not place.turn.acquire(timeout=PATIENCE_S):
            if self._takes_over(place):
                return

    def _takes_over(self, place: _Place) -> bool:
        """Not from a leader who was called and is about to begin, nor if the round of this one is under way."""
        with self._guard:
            if place not in self._waiting or self._leader in self._waiting:
                return False
            self._leader, place.leads = place, True
            return True

    def _lead(self, place: _Place, serve: Callable[[Sequence[Given]], Sequence[Got | None]]) -> Passed[Given, Got]:
        served: list[_Place] = []
        try:
            served = self._take(place)
            outcomes = serve([one.given for one in served])
            for one, outcome in zip(served, outcomes, strict=True):
                one.outcome = outcome
        finally:
            self._end(place, served)
        return Passed(place.outcome, [(one.given, one.outcome) for one in served])

    def _take(self, leader: _Place) -> list[_Place]:
        """Those who are served in one round; of several with one key all but one wait on."""
        with self._guard:
            taken = {leader.key: leader}
            for place in self._waiting:
                if len(taken) < MOST:
                    taken.setdefault(place.key, place)
            self._waiting = [place for place in self._waiting if taken.get(place.key) is not place]
            return list(taken.values())

    def _end(self, leader: _Place, served: Sequence[_Place]) -> None:
        for place in served:
            if place is not leader:
                place.turn.release()
        with self._guard:
            if self._leader is leader:
                self._call_next()

    def _leave(self, place: _Place) -> None:
        """Whoever is interrupted while it waits leaves nobody waiting for it."""
        with self._guard:
            if place in self._waiting:
                self._waiting.remove(place)
                if self._leader is place:
                    self._call_next()

    def _call_next(self) -> None:
        self._leader = next(iter(self._waiting), None)
        if self._leader is not None:
            self._leader.leads = True
            self._leader.turn.release()
