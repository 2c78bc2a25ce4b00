"""Whether enough have agreed: so many people, and where the contract says so one from each of several groups."""

from typing import Any

from sqlalchemy import Row, select

from contracts.vocabulary import Answer
from escalation.approvers import behind
from escalation.seats import seat_of
from storage.database import Unit
from storage.tables.deciding import votes


def missing(unit: Unit, row: Row[Any]) -> str | None:
    """Who must still approve, as a sentence; None once the quorum is complete."""
    agreed = approved_by(unit, row.number)
    short = row.quorum - len(agreed)
    silent = [group for group in row.terms.get("each", ()) if not _heard(unit, row, group, agreed)]
    if silent:
        return f"Somebody of {' and of '.join(group.replace('-', ' ') for group in silent)} must still approve."
    return f"{short} more must approve." if short > 0 else None


def approved_by(unit: Unit, decision: int) -> list[str]:
    """Who has approved, in the order of their votes."""
    mine = (votes.c.company == unit.company) & (votes.c.decision == decision) & (votes.c.answer == Answer.APPROVE)
    return list(unit.connection.execute(select(votes.c.person).where(mine).order_by(votes.c.at)).scalars())


def _heard(unit: Unit, row: Row[Any], group: str, agreed: list[str]) -> bool:
    """Whether somebody of the group has agreed, or who holds the seat of one of them."""
    members = {one.id for one in behind(unit, f"group:{group}", requester=row.requester)}
    return any(seat_of(row, one) in members for one in agreed)
