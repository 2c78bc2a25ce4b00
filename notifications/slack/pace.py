"""Keeps the pace that Slack asks for, per place: nothing is sent to it before its time, and nobody waits for others.

https://docs.slack.dev/apis/web-api/rate-limits: one message a second per channel, and about one edit a second (tier
3); after a 429 that method rests there for as long as Retry-After says.
"""

from dataclasses import dataclass, field
from typing import TypeVar

APART_S = 1.05
_MOST_KEPT = 10_000

Place = tuple[str, str, str]
"""(team, method, channel)."""


@dataclass(slots=True)
class Pace:
    """When each place may be used again, in seconds of the event loop's clock.

    A letter that has to wait is promised a moment of its own, so that those who wait keep their order.
    """

    apart_s: float = APART_S
    free_at: dict[Place, float] = field(default_factory=dict)
    resting: dict[Place, float] = field(default_factory=dict)
    used_at: dict[Place, float] = field(default_factory=dict)
    promised: dict[int, float] = field(default_factory=dict)

    def wait(self, place: Place, letter: int, *, now: float) -> float:
        """Seconds that this letter has to wait; 0.0 takes the place at once."""
        turn = self._turn(place, letter, now)
        if now >= turn:
            self.promised.pop(letter, None)
            self.free_at[place] = max(self.free_at.get(place, 0.0), now + self.apart_s)
            self._forget(now)
            return 0.0
        return turn - now

    def used(self, place: Place, *, now: float) -> None:
        """A call there has come back: the next is apart from it, however long it was under way."""
        self.used_at[place] = now

    def rest(self, place: Place, letter: int, *, until: float) -> None:
        """Slack wants peace there until then; the letter that heard so is the first afterwards."""
        self.promised[letter] = until
        self.resting[place] = until
        self.free_at[place] = until + self.apart_s

    def _turn(self, place: Place, letter: int, now: float) -> float:
        promise = self.promised.get(letter)
        breath = self.used_at.get(place, -self.apart_s) + self.apart_s
        if promise is not None and promise >= self.resting.get(place, 0.0):
            return max(promise, breath)
        turn = max(self.free_at.get(place, 0.0), self.resting.get(place, 0.0), breath)
        if now < turn:
            self.promised[letter] = turn
            self.free_at[place] = turn + self.apart_s
        return turn

    def _forget(self, now: float) -> None:
        """What is long past needs no memory; a promise to a letter that never came back neither."""
        self.free_at, self.resting = _still(self.free_at, now), _still(self.resting, now)
        self.promised, self.used_at = _still(self.promised, now), _still(self.used_at, now)


_Key = TypeVar("_Key")


def _still(kept: dict[_Key, float], now: float) -> dict[_Key, float]:
    if len(kept) <= _MOST_KEPT:
        return kept
    return {key: at for key, at in kept.items() if at > now}
