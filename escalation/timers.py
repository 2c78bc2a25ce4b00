"""Stopping what would happen when nobody answers."""

from sqlalchemy import update

from storage.database import Unit
from storage.tables.deciding import timers


def stop_timers(unit: Unit, decision: int) -> None:
    """No timer of this decision fires any more."""
    mine = (timers.c.company == unit.company) & (timers.c.decision == decision) & timers.c.fired_at.is_(None)
    unit.connection.execute(update(timers).where(mine).values(fired_at=unit.now))
