"""Says in one sentence how a decision ended: who, what, when and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from contracts.vocabulary import OF_BLOCKERS, DecisionKind, DecisionState
from contracts.wording import reasoned
from escalation.approvers import named
from escalation.blockers import UNKNOWN_EFFECT
from escalation.seats import holder_of
from escalation.unanswered import OVERTAKEN
from storage.database import Unit
from storage.directory import Person


def said(unit: Unit, row: Row[Any], reader: Person | None) -> str:
    """Who decided what and when, in the reader's time: "Ada Byron approved this at 10:58: 'carrier was clear'."."""
    if row.state == DecisionState.EXPIRED:
        return f"Nobody answered in time, so this was rejected at {clock(row.decided_at, reader)}."
    if row.decided_by is None:
        solved = row.kind in OF_BLOCKERS
        return "It works again: nobody had to decide." if solved else "The request was withdrawn."
    who, at = named(unit, row.decided_by), clock(row.decided_at, reader)
    if row.terms.get(OVERTAKEN):
        return f"{who} changed the request at {at}. {row.reason}. This is not asked any more."
    own = ", their own request (break-glass)," if row.broken_glass else ""
    did = _FOR_ALL if row.kind in OF_BLOCKERS and row.state == DecisionState.WITHDRAWN and row.reason else None
    sentence = reasoned(f"{who} {did or verb(row, row.state)}{own} at {at}", row.reason)
    return f"{sentence} {_goes_on(row)}".strip()


_FOR_ALL = "answered for all"
"""What somebody did whose answer on another card of the same outage left this one nothing to decide."""


def _goes_on(row: Row[Any]) -> str:
    return f"It goes on as decision {row.successor}." if row.successor is not None else ""


def handed_on(unit: Unit, row: Row[Any], person: str) -> str:
    """Whom a person gave their seat to: "You handed this over: Ada Byron decides now."; empty while they have it."""
    holder = holder_of(row, person)
    return f"You handed this over: {named(unit, holder)} decides now." if holder else ""


def verb(row: Row[Any], state: str) -> str:
    """What an answer did, in words: "approved this"."""
    asked = UNKNOWN_EFFECT if UNKNOWN_EFFECT in row.proposal else row.kind
    return _VERBS.get((asked, state)) or _VERBS[None, state]


_VERBS: Mapping[tuple[str | None, str], str] = {
    (None, DecisionState.APPROVED): "approved this",
    (None, DecisionState.REJECTED): "rejected this",
    (None, DecisionState.WITHDRAWN): "cancelled this",
    (None, DecisionState.CHANGED): "approved this with changes",
    (None, DecisionState.REVISED): "sent this back to the worker",
    (DecisionKind.ESCALATION, DecisionState.APPROVED): "released this",
    (DecisionKind.ESCALATION, DecisionState.REJECTED): "stopped this",
    (DecisionKind.GATE, DecisionState.APPROVED): "released this",
    (DecisionKind.GATE, DecisionState.REJECTED): "stopped this",
    (UNKNOWN_EFFECT, DecisionState.APPROVED): "saw that it happened",
    (UNKNOWN_EFFECT, DecisionState.REJECTED): "saw that it did not happen",
}


def clock(at: datetime, reader: Person | None) -> str:
    """The time of day where the reader is."""
    return at.astimezone(ZoneInfo(reader.timezone if reader else "UTC")).strftime("%H:%M")
