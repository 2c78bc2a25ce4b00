"""Approvals that were given and not used yet: each serves one exact proposal, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text, update

from contracts.vocabulary import DecisionKind, DecisionState
from escalation.approvers import named
from storage.database import Unit
from storage.subjects import awaiting
from storage.tables.deciding import decisions

_RIVAL = text(f"{awaiting()} and task is distinct from cast(:task as bigint) limit 1")


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision that approved one edge of one exact proposal; `by` is the decider's name, `person` their id."""

    number: int
    edge: str
    proposal_digest: str
    document: Mapping[str, Any]
    person: str
    by: str
    broken_glass: bool = False


def _unused(unit: Unit, task: int) -> Any:
    mine = (decisions.c.company == unit.company) & (decisions.c.task == task)
    approved = (decisions.c.kind == DecisionKind.APPROVAL) & (decisions.c.state == DecisionState.APPROVED)
    return mine & approved & decisions.c.carried_out_at.is_(None) & decisions.c.lapsed_at.is_(None)


def unused(unit: Unit, task: int) -> list[Approval]:
    """The approvals of a task that were not carried out yet, oldest first."""
    rows = unit.connection.execute(select(decisions).where(_unused(unit, task)).order_by(decisions.c.number))
    return [
        Approval(
            row.number,
            row.edge,
            row.proposal_digest,
            row.proposal,
            row.decided_by,
            named(unit, row.decided_by),
            row.broken_glass,
        )
        for row in rows
    ]


def use_up(unit: Unit, task: int) -> None:
    """Mark a task's approvals as carried out."""
    unit.connection.execute(update(decisions).where(_unused(unit, task)).values(carried_out_at=unit.now))


def lapse(unit: Unit, task: int) -> None:
    """A task's unused approvals no longer count: what they approved is not what will be proposed next."""
    unit.connection.execute(update(decisions).where(_unused(unit, task)).values(lapsed_at=unit.now))


def rival(unit: Unit, *, subject: str, task: int | None) -> int | None:
    """Another task on the same subject that awaits a decision."""
    mine = {"company": unit.company, "subject": subject, "task": task}
    found: int | None = unit.connection.execute(_RIVAL, mine).scalar_one_or_none()
    return found
