"""An approver's own out-of-office reply: proven to be theirs, it says that they are away, and a substitute is asked."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.vocabulary import AbsenceSource, Became
from escalation.absences import Absence, NotAway, go_away
from gateway.mail.case import Case
from gateway.mail.proof import Envelope, Proven, prove
from storage import deliveries
from storage.database import Unit
from storage.directory import Person, person_by_email

_REPLIED = "auto-submitted: auto-replied"
_AWAY = re.compile(
    r"\b(?:out of (?:the )?office|on (?:annual |parental |sick )?leave|on vacation|on holiday|away (?:from|until))\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_WRITTEN = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9})\.?(?:,? (20\d\d))?\b|\b([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (20\d\d))?\b"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_UNSAID = timedelta(days=1)
_LONGEST = timedelta(days=60)


def on_absence(case: Case, raw: bytes, envelope: Envelope) -> bool:
    """Take the letter as its sender's absence; False when it is none, or nobody knows that it is theirs."""
    token, letter = case.purpose.token, case.letter
    said = f"{letter.subject}\n{letter.text[:2000]}"
    if token is None or _REPLIED not in letter.machine_marks or _AWAY.search(said) is None:
        return False
    proof = prove(case.letter, raw, envelope, case.config.trust, case.config.names)
    if not isinstance(proof, Proven):
        return False
    with case.deployment.database.transaction(case.company) as unit:
        who = person_by_email(unit, proof.address)
        if (
            who is None
            or not who.active
            or who.id != token.person
            or not deliveries.begin_handling(unit, case.delivery.key)
        ):
            return False
        _keep(case, unit, who, said)
    case.deployment.wakeups.courier()
    return True


def _keep(case: Case, unit: Unit, who: Person, said: str) -> None:
    until = back_on(said, unit.now, who.timezone) or unit.now + _UNSAID
    absence = Absence(who.id, unit.now, until, AbsenceSource.LETTER, "out of office")
    try:
        go_away(unit, absence, by=f"person:{who.id}")
        why = f"{who.id} is away until {until.date().isoformat()}"
    except NotAway as error:
        why = str(error)
    case.settle(unit, Became.IGNORED, why=why)


def back_on(said: str, now: datetime, timezone: str) -> datetime | None:
    """The last day that a letter names within two months, as the morning of that day where its writer is; else None."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    found = [day for day in _days(said, today) if today < day <= today + _LONGEST]
    return datetime.combine(max(found), time(0), ZoneInfo(timezone)) if found else None


def _days(said: str, today: date) -> list[date]:
    named = [(int(y), int(m), int(d)) for y, m, d in _ISO.findall(said)]
    for day, month, year, other_month, other_day, other_year in _WRITTEN.findall(said):
        number = _MONTHS.get((month or other_month)[:3].casefold())
        if number is not None:
            written = year or other_year
            named.append((int(written) if written else _year(today, number), number, int(day or other_day)))
    return [found for one in named if (found := _day(*one)) is not None]


def _year(today: date, month: int) -> int:
    """A month without a year is the next one of that name."""
    return today.year + (1 if month < today.month else 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
