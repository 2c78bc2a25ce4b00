"""What a runner says of itself in shared memory, so that its pool can end it when a step passes its deadline."""

import time
from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass

NOTHING = 0.0


@dataclass(frozen=True, slots=True)
class Watch:
    """A slot of two doubles: the deadline on the machine's monotonic clock (0: nothing under way), and the task."""

    slot: MutableSequence[float]

    @contextmanager
    def over(self, task: int, *, seconds: float) -> Iterator[None]:
        """Publish a deadline around a piece of work that could hang."""
        self.slot[1], self.slot[0] = float(task), time.monotonic() + seconds
        try:
            yield
        finally:
            self.slot[0] = NOTHING

    def overdue(self) -> bool:
        """Whether the published deadline has passed."""
        deadline = self.slot[0]
        return deadline != NOTHING and time.monotonic() > deadline
