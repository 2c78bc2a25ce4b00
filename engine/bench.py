"""What a runner works with during a shift: its connection, its claim, its tools and its watch."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.loaded import Business
from contracts.standing import Stand
from engine.deployment import Deployment
from engine.watch import Watch
from storage.claims import Claimant, Taken
from storage.database import BoundConnection
from storage.directory import Person, person
from storage.standings import stands

if TYPE_CHECKING:
    from engine.moving_together import WaitingMoves

_STANDS_KEPT = timedelta(seconds=3)


@dataclass(slots=True)
class Bench:
    """One runner's shift for one company.

    `stands` is how units stood at `stands_known`, those that are active left out; `down` has the systems that do not answer on this runtime. `chance` gives numbers in [0, 1) for jitter.
    `waiting` are moves of its tasks that may wait for each other; without it each is written at once. `there` says when a lane's prerequisite (lane hash, name) was last seen to be there, `fitness` how fit a lane's workers are.
    """

    deployment: Deployment
    business: Business
    connection: BoundConnection
    claimant: Claimant
    systems: Mapping[str, Any]
    watch: Watch
    chance: Callable[[], float] = random.random
    stands: Mapping[str, Stand] = field(default_factory=dict)
    stands_known: datetime | None = None
    down: Mapping[str, str] = field(default_factory=dict)
    people: dict[str, Person | None] = field(default_factory=dict)
    there: dict[tuple[str, str], datetime] = field(default_factory=dict)
    fitness: dict[str, dict[str, float | None]] = field(default_factory=dict)
    waiting: "WaitingMoves | None" = None

    def requester(self, person_id: str) -> Person | None:
        """Whoever asked, looked up once a shift: by the claim, as a rule."""
        if person_id not in self.people:
            with self.connection.statement() as unit:
                self.people[person_id] = person(unit, person_id)
        return self.people[person_id]

    def learn(self, taken: Taken) -> None:
        """Know what a claim has told beside its tasks."""
        self._know(taken.stands)
        self.down = taken.down
        self.people.update(taken.people)

    def _know(self, stands: Mapping[str, Stand]) -> None:
        self.stands, self.stands_known = stands, self.now()

    def standings(self) -> Mapping[str, Stand]:
        """How units stand: as the last claim told, asked anew when that is a while ago."""
        if self.stands_known is None or self.now() - self.stands_known > _STANDS_KEPT:
            with self.connection.statement() as unit:
                self._know(stands(unit))
        return self.stands

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
