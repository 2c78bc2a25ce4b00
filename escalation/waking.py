"""Reminders that wait until somebody's quiet hours end: by the hours, and the time zone of theirs, that hold now."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, update

from contracts.quiet import next_waking
from contracts.vocabulary import OPEN_DECISIONS
from escalation.admitting import lock
from escalation.opening import WAKING
from escalation.snoozing import set_reminder
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone
from storage.tables.business import companies
from storage.tables.deciding import decisions, timers


def quiet_until(unit: Unit, row: Row[Any], people: Collection[str]) -> dict[str, datetime]:
    """Who is in their quiet hours, and when those end; where the deadline comes first they are reminded now."""
    query = select(companies.c.declared["quiet"]).where(companies.c.id == unit.company)
    quiet = unit.connection.execute(query).scalar_one_or_none()
    if not quiet:
        return {}
    times = {"since": quiet["from"], "until": quiet["to"]}
    waking = {one.id: next_waking(unit.now, one.timezone, **times) for one in everyone(unit, sorted(people))}
    return {one: at for one, at in waking.items() if at is not None and at < _deadline(unit, row)}


def _deadline(unit: Unit, row: Row[Any]) -> datetime:
    """When this step of silence ends, if the question that stops its clock were answered now."""
    ends: datetime = row.due_at
    return ends if row.stopped_at is None else ends + (unit.now - row.stopped_at)


def hold_back(unit: Unit, row: Row[Any], waking: Mapping[str, datetime]) -> None:
    """Remind each of these people of a locked decision when they wake."""
    for one, at in sorted(waking.items()):
        set_reminder(unit, row, one, at, kind=WAKING)


def still_quiet(unit: Unit, row: Row[Any], due: Row[Any]) -> bool:
    """Whether somebody whose quiet hours should be over is in those of today: then they are reminded after them."""
    later = quiet_until(unit, row, {due.person})
    hold_back(unit, row, later)
    for at in later.values():
        _note_moved(unit, due, at, by="clock")
    return bool(later)


def follow_hours(unit: Unit, *, moved: Collection[str]) -> None:
    """Have each reminder that waits come when the quiet hours and time zones that were just published let it.

    `moved` are the people whose time zone is another one now: their cards tell its times.
    """
    mine = (decisions.c.company == unit.company) & decisions.c.state.in_(OPEN_DECISIONS)
    concerned = decisions.c.entitled.overlap(sorted(moved)) | decisions.c.number.in_(_with_reminders_held(unit))
    for number in unit.connection.execute(
        select(decisions.c.number).where(mine, concerned).order_by(decisions.c.number)
    ).scalars():
        _follow(unit, number, moved)


def _with_reminders_held(unit: Unit) -> Any:
    return select(timers.c.decision).where(_held(unit))


def _held(unit: Unit) -> Any:
    """Whoever's hours are over by now is reminded by the clock, which looks once more."""
    return (
        (timers.c.company == unit.company)
        & (timers.c.kind == WAKING)
        & timers.c.fired_at.is_(None)
        & (timers.c.due_at > unit.now)
    )


def _follow(unit: Unit, number: int, moved: Collection[str]) -> None:
    row = lock(unit, number)
    if row is None or row.state not in OPEN_DECISIONS:
        return
    held = unit.connection.execute(select(timers).where(_held(unit), timers.c.decision == number)).all()
    waking = quiet_until(unit, row, {one.person for one in held})
    for one in sorted(held, key=lambda timer: timer.ordinal):
        at = waking.get(one.person, unit.now)
        if at != one.due_at:
            mine = (timers.c.decision == number) & (timers.c.ordinal == one.ordinal)
            unit.connection.execute(update(timers).where(_held(unit), mine).values(due_at=at))
            _note_moved(unit, one, at, by="deployment")
    if not set(moved).isdisjoint(row.entitled):
        outbox.show_again(unit, decision=number)


def _note_moved(unit: Unit, held: Row[Any], to: datetime, *, by: str) -> None:
    times = {"from": held.due_at.isoformat(), "to": to.astimezone(UTC).isoformat()}
    note(unit, f"decision:{held.decision}", Said("reminder_moved", by, {"person": held.person, **times}))
