"""Being reminded later: one person's own reminder before the deadline, and none until then; the deadline stays."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, insert, select, update

from contracts.answers import OutcomeKind
from contracts.vocabulary import DecisionState
from escalation.admitting import refused
from escalation.opening import SNOOZE, WAKING
from escalation.voices import Outcome, Voice
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.tables.deciding import timers
from storage.tables.trail import audit_entries


def snooze(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """Set this person's own reminder on a locked decision; an earlier one of theirs is replaced."""
    if row.state == DecisionState.ASKED_BACK:
        sentence = "A question is open, so the clock stands still: you hear when it is answered."
        return refused(unit, row, who, Outcome(OutcomeKind.ALREADY, sentence))
    if voice.until is None or voice.until <= unit.now or (row.due_at is not None and voice.until >= row.due_at):
        sentence = f"Choose a time before {_when(row.due_at, who)}: until then this has to be decided."
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, sentence))
    set_reminder(unit, row, who.id, voice.until)
    content = {"until": voice.until.isoformat(), "via": voice.via}
    note(unit, f"decision:{row.number}", Said("snoozed", f"person:{who.id}", content))
    return Outcome(OutcomeKind.SNOOZED, f"You are reminded at {_when(voice.until, who)}. The deadline stays.")


def asleep(unit: Unit, decision: int) -> frozenset[str]:
    """Those who want no reminder yet."""
    query = select(timers.c.person).where(_mine(unit, decision), timers.c.fired_at.is_(None))
    return frozenset(unit.connection.execute(query).scalars())


def put_off(unit: Unit, person: str) -> frozenset[int]:
    """The decisions of which somebody wants to hear later than now."""
    theirs = (timers.c.company == unit.company) & (timers.c.kind == SNOOZE) & (timers.c.person == person)
    query = select(timers.c.decision).where(theirs, timers.c.fired_at.is_(None), timers.c.due_at > unit.now)
    return frozenset(unit.connection.execute(query).scalars())


def has_put_off_since(unit: Unit, decision: int, person: str, since: datetime) -> bool:
    """Whether somebody has asked since then to be reminded of a decision."""
    theirs = (audit_entries.c.trail == f"decision:{decision}") & (audit_entries.c.actor == f"person:{person}")
    snoozed = (audit_entries.c.event == "snoozed") & (audit_entries.c.at > since)
    query = select(audit_entries.c.id).where(audit_entries.c.company == unit.company, theirs, snoozed).limit(1)
    return unit.connection.execute(query).first() is not None


def _mine(unit: Unit, decision: int) -> Any:
    """Reminders of one person's own: those they want later, and those that wait for their morning."""
    own = timers.c.kind.in_([SNOOZE, WAKING])
    return (timers.c.company == unit.company) & (timers.c.decision == decision) & own


def set_reminder(unit: Unit, row: Row[Any], who: str, until: datetime, *, kind: str = SNOOZE) -> None:
    """Have one person reminded at a moment of their own, in place of an earlier one."""
    earlier = _mine(unit, row.number) & (timers.c.person == who) & timers.c.fired_at.is_(None)
    unit.connection.execute(update(timers).where(earlier).values(fired_at=unit.now))
    count = select(func.count()).select_from(timers).where(_mine(unit, row.number))
    ordinal = unit.connection.execute(count).scalar_one() + 1
    key = {"decision": row.number, "kind": kind, "silence_index": row.silence_index, "ordinal": ordinal}
    unit.connection.execute(insert(timers).values(company=unit.company, **key, person=who, due_at=until))


def _when(moment: datetime | None, who: Person) -> str:
    return moment.astimezone(ZoneInfo(who.timezone)).strftime("%H:%M on %-d %b") if moment else "the end"
