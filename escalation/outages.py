"""Outages: the blockers that all lanes share while a system does not answer, and how they end, by themselves or by an answer."""

from collections.abc import Collection

from sqlalchemy import select

from contracts.lifecycle import Event
from escalation.blockers import close, end, open_about, release, waiting, withdraw_card
from storage import circuits
from storage.database import Unit
from storage.tables.work import blockers, tasks


def over(unit: Unit, lane: str, met: Collection[str], *, proven: Collection[str], by: str) -> None:
    """End what a task has shown to be over: it got past the causes that it had `met`, with answers of the `proven` systems.

    What is a lane's own ends for that lane. An outage ends by an answer only: for that lane, whose peers can have one
    elsewhere, and for all others, but for those of a runtime on which the system is known to be down: they would be told
    of anew. An outage that nobody waits for any more ends with the last who did.
    """
    for one, system in open_about(unit, lane, {*met, *proven}):
        if system is not None:
            _outage_over(unit, lane, one, system if system in proven else None, by=by)
        else:
            end(unit, one, by=by)


def _outage_over(unit: Unit, lane: str, blocker: str, proven: str | None, *, by: str) -> None:
    if proven is not None:
        these = (tasks.c.lane == lane) | tasks.c.runtime.not_in(circuits.down_on(unit, proven))
        release(unit, blocker, Event.UNBLOCKED, by=by, these=these)
    if not waiting(unit, blocker) and close(unit, blocker, by=by):
        withdraw_card(unit, blocker)


def over_for_all(unit: Unit, blocker: str, *, by: str) -> list[str]:
    """A person says that it works again: whoever else was asked about that system need not answer any more.

    Returns the runtimes that have work now.
    """
    mine = (blockers.c.company == unit.company) & (blockers.c.id == blocker)
    system = unit.connection.execute(select(blockers.c.system).where(mine)).scalar_one_or_none()
    runtimes: list[str] = []
    for one in _open(unit, system) if system is not None else ():
        if close(unit, one, by=by):
            runtimes += release(unit, one, Event.UNBLOCKED, by=by)
            withdraw_card(unit, one, by=by.partition(":")[2], answer="try again")
    return runtimes


def _open(unit: Unit, system: str) -> list[str]:
    mine = (blockers.c.company == unit.company) & (blockers.c.system == system) & blockers.c.lifted_at.is_(None)
    return list(unit.connection.execute(select(blockers.c.id).where(mine).order_by(blockers.c.id)).scalars())
