"""Somebody acts from a connection of their own just when a runner passes a place."""

from collections.abc import Callable
from threading import Event, Thread

import pytest

from escalation.decisions import Outcome
from storage import failpoints


class Meeting:
    """Acts at the `nth` pass of a place; where the row is locked there, the act waits for the commit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: str, nth: int, act: Callable[[], Outcome]) -> None:
        self.heard: list[Outcome] = []
        self._act, self._place, self._nth = act, place, nth
        self._passes, self._begun, self._other = 0, Event(), Thread(target=self._meet)
        monkeypatch.setattr(failpoints, "_count_and_kill", self._come)
        monkeypatch.setattr(failpoints._armed, "name", place)

    def outcome(self) -> Outcome:
        """What the act came to, once it is over."""
        assert self._passes >= self._nth, f"{self._place} was passed {self._passes} times"
        self._other.join(60)
        (found,) = self.heard
        return found

    def _meet(self) -> None:
        self._begun.set()
        self.heard.append(self._act())

    def _come(self) -> None:
        self._passes += 1
        if self._passes == self._nth:
            self._other.start()
            self._begun.wait(60)
            self._other.join(0.3)
