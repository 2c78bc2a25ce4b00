"""Boring views to render, with overrides."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.vocabulary import Answer, DecisionKind, DecisionState, TaskState
from engine.incident_view import IncidentView
from engine.telling import TaskView
from engine.whys.page import Why
from escalation.card import CardView, Exchange

CARD = CardView(
    number=12,
    kind=DecisionKind.APPROVAL,
    state=DecisionState.OPEN,
    task="T-1042",
    asked_by="Anna Kowalczyk",
    question="Refund 740.00 USD for order 1234?",
    recommendation="Recommended: approve. The parcel was lost by the carrier.",
    why_you="amount 740.00 USD is above the limit 500.00 USD (finance approvers)",
    silence="reminder 13:30, then Ruth Adeyemi, rejected tomorrow 10:30",
    facts=("order paid 812.00 USD on 3 Nov 2026", "refunded so far 0.00 USD"),
    tried="order exists, order is paid: all hold",
    moves="Refunds answered within a day",
    alternatives=("replace the goods", "refund 500.00 USD now"),
    cost="Cost so far 0.04 USD",
    due_at=datetime(2026, 11, 22, 13, 30, tzinfo=UTC),
    clock_stopped=False,
    exchanges=(),
    outcome=None,
    reader="mei",
    timezone="Europe/Berlin",
    proposal_digest="7f3a" * 16,
    evidence=("order.json sha256 91ab",),
    verdicts=("large refund: 740.00 USD > 500.00 USD",),
    answers=frozenset(Answer) - {Answer.CHANGE},
)
TASK = TaskView(
    number=1042,
    name="T-1042",
    state=TaskState.DONE,
    headline="Done: 42.00 USD refunded for order 1234",
    lines=("Read back from the shop: refund 88 exists, amount equal.", "No approval was needed."),
    evidence=("order.json", "refund 88"),
    requester="Anna Kowalczyk",
)
INCIDENT = IncidentView(
    number=7,
    task=1042,
    name="T-1042",
    said_by="Anna Kowalczyk",
    words="That's the wrong customer.",
    result="Done: 42.00 USD refunded for order 1234",
    worker="refunds/refund-payer",
    earlier=0,
    cause=None,
    minutes=None,
    outcome=None,
)
WHY = Why("T-1042", "Refund 740.00 USD, order 1234", "done, verified", (("Asked", ("Anna, Slack, 22 Nov 10:30",)),))


def card(**changes: Any) -> CardView:
    """A card that can be answered."""
    return replace(CARD, **changes)


def task(**changes: Any) -> TaskView:
    """A task that is done."""
    return replace(TASK, **changes)


def incident(**changes: Any) -> IncidentView:
    """An incident that is open."""
    return replace(INCIDENT, **changes)


def filled_with(text: str, *, many: int = 1) -> CardView:
    """A card in which every text is `text`, every list `many` long."""
    words = ("asked_by", "question", "recommendation", "why_you", "silence", "tried", "moves", "cost", "task")
    lists = ("facts", "alternatives", "evidence", "verdicts")
    changes: dict[str, Any] = dict.fromkeys(words, text) | dict.fromkeys(lists, (text,) * many)
    return card(**changes, exchanges=(Exchange(text, text, text),) * many)


def task_filled_with(text: str, *, many: int = 1) -> TaskView:
    """A task in which every text is `text`."""
    return task(name=text, headline=text, lines=(text,) * many, evidence=(text,) * many)


def why_filled_with(text: str, *, many: int = 1) -> Why:
    """A Why page in which every text is `text`."""
    return Why(text, text, text, ((text, (text,) * many),) * many)
