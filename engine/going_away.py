"""Being away, as somebody says it: a day in the calendar of where they are, and a name."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from contracts.vocabulary import AbsenceSource
from escalation.absences import Absence, NotAway, go_away
from escalation.approvers import named
from storage.database import Unit
from storage.directory import Person, everyone, person


def going_away(unit: Unit, person_id: str, *, until: str, to: str | None, by: str) -> str:
    """Keep that somebody is away from now until a day; returns what they are told. Raises NotAway."""
    who = person(unit, person_id)
    if who is None or not who.active:
        raise NotAway("Your account is not active here.")
    end = _midnight(until, who)
    named_one = _somebody(unit, to) if to else None
    absence = Absence(who.id, unit.now, end, AbsenceSource.PERSON, "said", named_one)
    substitute = go_away(unit, absence, by=by)
    day = end.astimezone(ZoneInfo(who.timezone)).strftime("%-d %b %Y")
    if substitute is None:
        return (
            f"You are away until {day}. Nobody can stand in for you: the next in line is asked when your time is over."
        )
    return f"You are away until {day}. {named(unit, substitute)} is asked in your place; you are told of each decision."


def _midnight(day: str, who: Person) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day.strip()), time(0), ZoneInfo(who.timezone))
    except ValueError as error:
        raise NotAway(f"“{day[:20]}” is no day: write it as 2026-12-07, the first day you are back.") from error


def _somebody(unit: Unit, wanted: str) -> str:
    said = wanted.strip().lstrip("@").casefold()
    found = [
        one for one in everyone(unit) if one.active and said in (one.id, one.name.casefold(), one.email.casefold())
    ]
    if len(found) != 1:
        raise NotAway(f"Nobody here is called {wanted[:60]}. Name somebody of the company, or nobody.")
    return found[0].id
