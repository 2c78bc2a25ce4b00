"""Ends decisions that nobody has to answer any more: their timers stop, and every copy of their cards says why."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal, update
from sqlalchemy.dialects.postgresql import JSONB

from contracts.vocabulary import OPEN_DECISIONS, DecisionState
from escalation.timers import stop_timers
from storage import outbox
from storage.database import Unit
from storage.tables.deciding import decisions

OVERTAKEN = "overtaken"
"""What the terms of a decision keep that was withdrawn because its request was changed."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who has it withdrawn (nobody, when it works again) and why; `overtaken` says that they changed the request."""

    by: str | None = None
    reason: str | None = None
    overtaken: bool = False


def end_unanswered(unit: Unit, which: ColumnElement[bool], withdrawal: Withdrawal) -> None:
    """Withdraw the open ones among these decisions."""
    still_open = (decisions.c.company == unit.company) & which & decisions.c.state.in_(OPEN_DECISIONS)
    values: dict[str, Any] = {"decided_by": withdrawal.by, "reason": withdrawal.reason, "decided_at": unit.now}
    if withdrawal.overtaken:
        values["terms"] = decisions.c.terms.op("||")(literal({OVERTAKEN: True}, JSONB))
    withdrawn = update(decisions).where(still_open).values(state=DecisionState.WITHDRAWN, **values)
    for number in list(unit.connection.execute(withdrawn.returning(decisions.c.number)).scalars()):
        stop_timers(unit, number)
        outbox.show_again(unit, decision=number)
