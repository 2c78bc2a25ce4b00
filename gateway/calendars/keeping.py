"""Keeps what people's calendars say of their being away; a calendar that can't be read changes nothing."""

from collections.abc import Mapping

import structlog

from contracts.vocabulary import AbsenceSource
from engine.deployment import Deployment
from escalation.absences import Absence, follow
from gateway.calendars.feed import FeedAway, absences_in
from storage.directory import Person, everyone

EVERY_S = 300.0
"""How often calendars are read: whoever goes away is stood in for that much later at most."""

log = structlog.get_logger()


def keep_absences(deployment: Deployment, company: str, calendars: Mapping[str, str]) -> None:
    """Read each calendar of the company, addresses by person, and keep who is away now and who is back.

    Raises sqlalchemy's errors when the database is away.
    """
    with deployment.database.transaction(company) as unit:
        people = [one for one in everyone(unit) if one.active and one.id in calendars]
    for who in people:
        try:
            _keep(deployment, company, who, calendars[who.id])
        except FeedAway as error:
            log.warning("calendar.not_read", company=company, person=who.id, why=str(error))


def _keep(deployment: Deployment, company: str, who: Person, url: str) -> None:
    with deployment.database.transaction(company) as unit:
        now = unit.now
    found = absences_in(url, now=now, timezone=who.timezone)  # no transaction stays open meanwhile
    with deployment.database.transaction(company) as unit:
        kept = [Absence(who.id, one.since, one.until, AbsenceSource.CALENDAR, one.reference) for one in found]
        changed = follow(unit, who.id, AbsenceSource.CALENDAR, kept, by=f"calendar of {who.id}")
    if changed:
        deployment.wakeups.courier()
