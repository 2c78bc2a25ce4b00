"""Which company a Slack team belongs to, kept in memory so that an acknowledgement asks nobody."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.database import Database
from storage.directory import Installation, company_of_slack_team, installations

KNOWN_FOR_S = 30.0
UNKNOWN_FOR_S = 2.0
MOST_UNKNOWN = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    installation: Installation | None
    until: float


@dataclass(slots=True)
class Teams:
    """Installations by team; a team that is not known is asked for again after two seconds."""

    database: Database
    _known: dict[str, _Known] = field(default_factory=dict)

    def at_hand(self, team: str) -> Installation | None:
        """The installation if it is in memory, however old: the acknowledgement path waits for no second look."""
        found = self._known.get(team)
        return found.installation if found else None

    def installation(self, team: str) -> Installation | None:
        """The installation of a team, None for a team that nobody installed; raises sqlalchemy's errors."""
        found = self._known.get(team)
        if found is None or found.until < time.monotonic():
            found = self._look_up(team)
        return found.installation

    def refresh(self, companies: Iterable[str]) -> None:
        """Read every installation of these companies, so that nobody has to wait for it; raises sqlalchemy's errors."""
        for company in companies:
            with self.database.transaction(company) as unit:
                found = installations(unit)
            for installation in found:
                self._remember(installation.team, installation)

    def _look_up(self, team: str) -> _Known:
        installation = _installation(self.database, team)
        if len(self._known) >= MOST_UNKNOWN:
            self._known = {name: known for name, known in self._known.items() if known.installation}
        return self._remember(team, installation)

    def _remember(self, team: str, installation: Installation | None) -> _Known:
        lasts = KNOWN_FOR_S if installation else UNKNOWN_FOR_S
        found = self._known[team] = _Known(installation, time.monotonic() + lasts)
        return found


def _installation(database: Database, team: str) -> Installation | None:
    company = company_of_slack_team(database, team)
    if company is None:
        return None
    with database.transaction(company) as unit:
        return next((one for one in installations(unit) if one.team == team), None)
