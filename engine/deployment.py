"""What every use case of the back office is given: the record, the declared businesses and the way to wake runners."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.loaded import Business
from engine.wakeups import Wakeups
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: its database, its companies by id, their files as loaded, its wake-ups and its home folder."""

    database: Database
    businesses: Mapping[str, Business]
    sources: Mapping[str, Mapping[str, bytes]]
    wakeups: Wakeups
    home: Path
