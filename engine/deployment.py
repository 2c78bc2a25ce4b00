"""What every use case of the back office is given: the record, the declared businesses and the way to wake runners."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.loaded import Business
from engine.door import Door
from engine.wakeups import Wakeups
from storage.database import Database
from storage.stores import Store, store_at


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: its database, its companies by id, their files as loaded, its wake-ups and its home folder.

    `artifacts` is the address of the store that artifacts lie in, empty for the home folder's.
    """

    database: Database
    businesses: Mapping[str, Business]
    sources: Mapping[str, Mapping[str, bytes]]
    wakeups: Wakeups
    home: Path
    artifacts: str = ""
    _doors: dict[str, Door] = field(default_factory=dict, init=False, repr=False, compare=False)

    def door(self, company: str) -> Door:
        """Where requests to a company come in; they share transactions, so no two companies share one."""
        return self._doors.setdefault(company, Door())

    @property
    def store(self) -> Store:
        """Where artifacts lie; raises storage.stores.NoStore."""
        return store_at(self.artifacts, self.home)
