"""The database's time without asking it: signatures and trigger ages are judged by it many times a second."""

import time
from dataclasses import dataclass

from slack_sdk.signature import Clock as SlackClock

from storage.database import Database, ping


@dataclass
class Clock(SlackClock):
    """UTC epoch seconds as `chargehand_now()` has them; until they were read for the first time, as this machine has them.

    Since then they go on by the clock that nobody sets: by the machine's wall clock, a jump of that would make every
    request of Slack's stale until the next look. `_read` is the database's time and that of the other clock then.
    """

    _read: tuple[float, float] | None = None

    def now(self) -> float:
        """Now, in epoch seconds (the method that slack_sdk's SignatureVerifier asks for)."""
        if self._read is None:
            return time.time()
        read, then = self._read
        return read + (time.monotonic() - then)

    def set_by(self, database: Database) -> None:
        """Read the database's time; raises sqlalchemy's errors when it is away, and goes on from the earlier one then."""
        read = ping(database.engine).timestamp()
        self._read = (read, time.monotonic())
