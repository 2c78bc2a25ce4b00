"""Somebody acts from a connection of their own just when a runner passes a place."""

from collections.abc import Callable
from threading import Thread

import pytest

from escalation.decisions import Outcome
from storage import failpoints
from tests.builders import House

_HELD_UP = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


class Meeting:
    """Acts at the `nth` pass of a place; where the row is locked there, the act waits for the commit."""

    def __init__(
        self, office: House, monkeypatch: pytest.MonkeyPatch, place: str, nth: int, act: Callable[[], Outcome]
    ) -> None:
        self.heard: list[Outcome] = []
        self._office, self._act, self._place, self._nth = office, act, place, nth
        self._passes, self._other = 0, Thread(target=self._meet)
        monkeypatch.setattr(failpoints, "_count_and_kill", self._come)
        monkeypatch.setattr(failpoints._armed, "name", place)

    def outcome(self) -> Outcome:
        """What the act came to, once it is over."""
        assert self._passes >= self._nth, f"{self._place} was passed {self._passes} times"
        self._other.join(60)
        (found,) = self.heard
        return found

    def _meet(self) -> None:
        self.heard.append(self._act())

    def _come(self) -> None:
        self._passes += 1
        if self._passes == self._nth:
            self._other.start()
            while self._other.is_alive() and not self._office.rows(_HELD_UP):
                self._other.join(0.01)
