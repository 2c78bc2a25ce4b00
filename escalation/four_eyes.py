"""Separation of duties: whoever has approved the same proposal before, or stands in for who asked, is no second pair of eyes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from contracts.vocabulary import Answer, DecisionKind, DecisionState
from escalation.substitutes import away_now, substitute_of
from storage.database import Unit
from storage.tables.deciding import decisions, votes


def excluded(
    unit: Unit, terms: Mapping[str, Any], *, task: int, proposal_digest: str, requester: str
) -> frozenset[str]:
    """Who may not approve, where the contract asks for four eyes."""
    if not terms.get("four_eyes"):
        return frozenset()
    delegate = substitute_of(unit, requester, away_now(unit))
    return _approved_before(unit, task, proposal_digest) | ({delegate} if delegate else frozenset())


def _approved_before(unit: Unit, task: int, proposal_digest: str) -> frozenset[str]:
    """Those who said yes to this very proposal at another edge."""
    same = (decisions.c.company == unit.company) & (decisions.c.task == task)
    approved = (decisions.c.kind == DecisionKind.APPROVAL) & (decisions.c.state == DecisionState.APPROVED)
    found = same & approved & (decisions.c.proposal_digest == proposal_digest) & decisions.c.lapsed_at.is_(None)
    joined = votes.join(decisions, (votes.c.company == decisions.c.company) & (votes.c.decision == decisions.c.number))
    query = select(votes.c.person).select_from(joined).where(found, votes.c.answer == Answer.APPROVE)
    return frozenset(unit.connection.execute(query).scalars())
