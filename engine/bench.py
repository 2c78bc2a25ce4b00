"""What a runner works with during a shift: its connection, its claim, its tools and its watch."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.loaded import Business
from engine.deployment import Deployment
from engine.watch import Watch
from storage.claims import Claimant
from storage.database import BoundConnection
from storage.directory import Person, person


@dataclass(slots=True)
class Bench:
    """One runner's shift for one company. `chance` gives numbers in [0, 1) for jitter."""

    deployment: Deployment
    business: Business
    connection: BoundConnection
    claimant: Claimant
    systems: Mapping[str, Any]
    watch: Watch
    chance: Callable[[], float] = random.random
    people: dict[str, Person | None] = field(default_factory=dict)

    def requester(self, person_id: str) -> Person | None:
        """The requester, looked up once a shift."""
        if person_id not in self.people:
            with self.connection.transaction() as unit:
                self.people[person_id] = person(unit, person_id)
        return self.people[person_id]

    def now(self) -> datetime:
        """The record's time."""
        return self.connection.now()

    @property
    def actor(self) -> str:
        """How the trail names this runner."""
        return f"runner:{self.claimant.runner}"

    def lease_end(self, now: datetime) -> datetime:
        """When a lease taken now runs out."""
        return now + timedelta(seconds=self.claimant.lease_s)
