"""Gives the sandbox its time, which tests and whole-system runs may move forward."""

import time
from collections.abc import Callable

Now = Callable[[], float]


class Clock:
    """Seconds since the epoch, UTC, plus an offset that only grows by request."""

    def __init__(self, *, source: Now = time.time) -> None:
        self._source = source
        self.offset_s = 0.0

    def now(self) -> float:
        """The moment it is for everybody in the sandbox."""
        return self._source() + self.offset_s

    def move(self, offset_s: float) -> None:
        """Set the distance to the real clock, in seconds."""
        self.offset_s = offset_s
