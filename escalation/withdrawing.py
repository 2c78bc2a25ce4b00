"""Withdraws what people are asked for a task that goes on otherwise or not at all."""

from dataclasses import replace

from sqlalchemy import select

from contracts.vocabulary import OPEN_DECISIONS, DecisionKind, WaitingFor
from escalation import blockers
from escalation.unanswered import Withdrawal, end_unanswered
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import blockers as blocked
from storage.tasks import Task


def lock_around(unit: Unit, task: Task) -> None:
    """Decisions, then the blocker, and only then the task, as an answer does: the two must not wait for each other."""
    about = (decisions.c.task == task.number) | (decisions.c.edge == f"blocker {task.waiting_on}")
    open_ones = (decisions.c.company == unit.company) & decisions.c.state.in_(OPEN_DECISIONS) & about
    query = select(decisions.c.number).where(open_ones).order_by(decisions.c.number)
    unit.connection.execute(query.with_for_update()).all()
    stopped = select(blocked.c.id).where(blocked.c.company == unit.company, blocked.c.id == task.waiting_on)
    unit.connection.execute(stopped.with_for_update()).all()


def withdraw(unit: Unit, task: Task, withdrawal: Withdrawal) -> None:
    """Ask nobody any more for what the task, as it was before it moved on, waited for, unless others wait for it, too."""
    of_task = (decisions.c.task == task.number) & (decisions.c.kind == DecisionKind.APPROVAL)
    end_unanswered(unit, of_task, withdrawal)
    if task.waiting_for is WaitingFor.BLOCKER and task.waiting_on and not blockers.waiting(unit, task.waiting_on):
        of_blocker = withdrawal if withdrawal.overtaken else replace(withdrawal, reason=None)
        blockers.drop(unit, task.waiting_on, of_blocker)
