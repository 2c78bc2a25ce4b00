"""The database's time without asking it: signatures and trigger ages are judged by it many times a second."""

import time
from dataclasses import dataclass

from slack_sdk.signature import Clock as SlackClock

from storage.database import Database, ping


@dataclass
class Clock(SlackClock):
    """UTC epoch seconds as `chargehand_now()` has them; `offset_s` is how far it is ahead of this machine's clock."""

    offset_s: float = 0.0

    def now(self) -> float:
        """Now, in epoch seconds (the method that slack_sdk's SignatureVerifier asks for)."""
        return time.time() + self.offset_s

    def set_by(self, database: Database) -> None:
        """Read the database's time; raises sqlalchemy's errors when it is away, and keeps the old offset then."""
        read = ping(database.engine).timestamp()
        self.offset_s = read - time.time()
