"""An incident as people see it: what was said of which result, and how it stands."""

from dataclasses import dataclass

from contracts.vocabulary import CauseClass
from engine.incidents import outcome_of
from engine.telling import task_view
from escalation.approvers import named
from storage.database import Unit
from storage.incidents import count_of_worker, find


@dataclass(frozen=True, slots=True)
class IncidentView:
    """`result` is what the task had come to, `worker` "LANE/WORKER", `earlier` how many incidents that worker had before.

    `cause` and `minutes` as far as they are known; `outcome` says how it was closed or withdrawn, None while it is open.
    """

    number: int
    task: int
    name: str
    said_by: str
    words: str
    result: str
    worker: str
    earlier: int
    cause: CauseClass | None
    minutes: int | None
    outcome: str | None

    @property
    def headline(self) -> str:
        """Who says it, as the first words about it."""
        return f"{self.said_by} says that this is wrong"

    @property
    def numbered(self) -> str:
        """Which one it is, and how many that worker had before."""
        return f"incident {self.number}" + (f", {self.earlier} before it" if self.earlier else "")


def incident_view(unit: Unit, number: int) -> IncidentView:
    """The incident as it stands; raises storage.incidents.IncidentNotFound."""
    found = find(unit, number)
    task = task_view(unit, found.task)
    closed = outcome_of(unit, found) if found.closed_at is not None else None
    return IncidentView(
        number=number,
        task=found.task,
        name=task.name,
        said_by=named(unit, found.reported_by),
        words=found.sentence,
        result=task.headline,
        worker=f"{found.lane}/{found.worker}",
        earlier=count_of_worker(unit, found),
        cause=found.cause,
        minutes=None if found.correction_s is None else found.correction_s // 60,
        outcome=closed,
    )
