"""What became of the runners that a task has lost: only their deaths count against it, no stop and no database that was away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import select

from contracts.lifecycle import Event
from storage.audit import Said, note, trail_of
from storage.claims import POISON_DEATHS
from storage.database import Unit
from storage.tables.trail import audit_entries
from storage.tables.work import tasks
from storage.tasks import Task


class Fate(StrEnum):
    """What became of a runner, where somebody knows; of one who is silent it is believed that it died, or its host did."""

    OUTLIVED = "outlived"
    """It lost the database and lives on."""
    STOPPED = "stopped"
    """Its pool was stopped and did not wait for its step any longer."""
    OVERDUE = "overdue"
    """Its pool killed it because a step had passed its deadline."""


_NO_DEATHS = {Fate.OUTLIVED, Fate.STOPPED}
_BEGINS = {Event.CLAIMED, Event.TAKEN_OVER}


@dataclass(frozen=True, slots=True)
class Losses:
    """How many runners of a task died since it last got anywhere: `alone` while it was all that they worked on, `killed` past a step's deadline."""

    deaths: int
    alone: int
    killed: int

    @property
    def are_poison(self) -> bool:
        """Whether so many died of this task alone that nobody should try it again."""
        return self.alone >= POISON_DEATHS


def tell(unit: Unit, runner: str, fate: Fate, *, by: str) -> None:
    """Put what became of a runner on its trail."""
    note(unit, f"runner:{runner}", Said(fate, by, {}))


def tell_of_holders(unit: Unit, fates: Mapping[str, Fate]) -> None:
    """Put what became of these runners on the trails of those that hold tasks of the company."""
    holding = (tasks.c.company == unit.company) & tasks.c.lease_runner.in_(fates)
    query = select(tasks.c.lease_runner).where(holding).distinct().order_by(tasks.c.lease_runner)
    for runner in unit.connection.execute(query).scalars().all():
        tell(unit, runner, fates[runner], by="pool")


def losses_of(unit: Unit, task: Task) -> Losses:
    """The deaths among the runners that `task.deaths` counts as lost, and the one before them, with whom others were at work."""
    lost = _lost(unit, task)[-task.deaths - 1 :]
    fates = [_fate(_told(unit, runner), since) for runner, since in lost]
    alone = fates[-task.deaths :] if task.deaths else []
    return Losses(_deaths(fates), _deaths(alone), fates.count(Fate.OVERDUE))


def _deaths(fates: Sequence[Fate | None]) -> int:
    return sum(fate not in _NO_DEATHS for fate in fates)


def _lost(unit: Unit, task: Task) -> list[tuple[str, datetime]]:
    """Every runner that the task has lost, and when that one had claimed it, in order."""
    begun = [one for one in trail_of(unit, task.trail) if one["event"] in _BEGINS]
    pairs = pairwise(begun)
    return [(after["content"]["lost"], one["at"]) for one, after in pairs if after["event"] == Event.TAKEN_OVER]


def _told(unit: Unit, runner: str) -> list[tuple[Fate, datetime]]:
    mine = (audit_entries.c.company == unit.company) & (audit_entries.c.trail == f"runner:{runner}")
    query = select(audit_entries.c.event, audit_entries.c.at).where(mine).order_by(audit_entries.c.seq)
    return [(Fate(row.event), row.at) for row in unit.connection.execute(query)]


def _fate(told: Sequence[tuple[Fate, datetime]], since: datetime) -> Fate | None:
    """What became of a runner first after that moment; None when nobody has said anything."""
    return next((fate for fate, at in told if at >= since), None)
