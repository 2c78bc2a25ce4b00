"""A weekly digest of an eventful week, as its row holds it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.scorecard.figures import (
    Decider,
    Digest,
    Doubt,
    Figure,
    LaneFigures,
    Needs,
    OpenBlocker,
    OpenDecision,
    OpenIncident,
    Scope,
    Spending,
    Untold,
)

MADE_AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)  # Monday, 08:00 in New York


def digest(**changes: Any) -> Digest:
    """Week 47 of customer care, for Ruth."""
    fixed: dict[str, Any] = {
        "scope": scope(),
        "made_at": MADE_AT,
        "needs": needs(),
        "figures": (
            figure("Refunds answered within a day", "%", 95.0, (97.0, 98.0, None, 96.0, 91.0, 93.0, 90.0, 88.5)),
            figure("Refunds paid exactly once", "%", 100.0, (100.0,) * 8),
            figure("Replies", "replies", 3.0, (4.0, 2.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)[1:]),
            figure("Hours until an answer", "h", 4.0, (6.0, 5.5, 5.0, 4.4, 4.2, 3.9, 3.6, 3.2), direction="down"),
            figure("Happy customers", "points", 4.0, (None,) * 8),
        ),
        "lanes": (lane(), idle_lane()),
        "people": (Decider("ruth", "Ruth Adeyemi", 31, 0, 40.4), Decider("mei", "Mei-Lin Zhao", 3, 1, 4300.0)),
        "spending": Spending(Decimal("41.20"), "USD", Decimal("0.3433"), Decimal("0.41"), ("Exchange an article",)),
    }
    return Digest(**fixed | changes)


def scope(**changes: Any) -> Scope:
    """The week from 16 to 22 November 2026 in New York."""
    fixed: dict[str, Any] = {
        "company": "The morning company",
        "portfolio": "care",
        "title": "Customer care",
        "manager": "ruth",
        "week": "2026-W47",
        "begins": date(2026, 11, 16),
        "ends": date(2026, 11, 22),
        "running": False,
        "timezone": "America/New_York",
    }
    return Scope(**fixed | changes)


def needs(**changes: Any) -> Needs:
    """One decision that asks the reader, some that ask others, a blocker, a doubt, incidents and a number that nobody told."""
    since = MADE_AT - timedelta(days=2, hours=3)
    asked = OpenDecision(
        7, "Refund 740.00 USD for order 1234?", since, "finance approvers or Ruth Adeyemi", True, False
    )
    other = replace(asked, question="Refund 900.00 USD for order 1188?", asks_manager=False)
    fixed: dict[str, Any] = {
        "decisions": (asked, replace(other, waits_for="finance approvers"), replace(other, asks_back=True)),
        "decisions_open": 14,
        "asking": 1,
        "blockers": (OpenBlocker("Refund an order", "The shop can't be reached.", "Kwame Boateng", since, 12),),
        "blockers_open": 1,
        "doubts": (Doubt(1042, "shop.refund", since),),
        "doubts_open": 1,
        "incidents": (OpenIncident(1044, "Refund an order", "Mei-Lin Zhao", since),),
        "incidents_open": 3,
        "unobserved": (Untold("Happy customers", "week"),),
    }
    return Needs(**fixed | changes)


def no_needs() -> Needs:
    """Nothing waits for anybody."""
    return Needs((), 0, 0, (), 0, (), 0, ())


def figure(title: str, unit: str, target: float, values: tuple[float | None, ...], **changes: Any) -> Figure:
    """A KPI by week, up being good."""
    fixed: dict[str, Any] = {"name": title.lower().replace(" ", "-"), "direction": "up", "period": "week"} | changes
    last = values[-1]
    behind = None if last is None else (last < target if fixed["direction"] == "up" else last > target)
    return Figure(title=title, unit=unit, target=target, values=values, behind=behind, **fixed)


def lane(**changes: Any) -> LaneFigures:
    """The refunds of a busy week."""
    fixed: dict[str, Any] = {
        "name": "refunds",
        "title": "Refund an order",
        "done": 118,
        "refused": 2,
        "failed": 1,
        "cancelled": 0,
        "open": 4,
        "verified": 119,
        "settled": 120,
        "median_s": 184.0,
        "asked": 6,
        "each": Decimal("0.3433"),
        "unpriced": False,
        "wrong": 3,
        "again": 1,
        "correction_s": 1500,
    }
    return LaneFigures(**fixed | changes)


def idle_lane() -> LaneFigures:
    """A lane in which little happened, and nothing of it has a price."""
    nothing = dict.fromkeys(("done", "refused", "failed", "verified", "settled", "asked", "wrong", "again"), 0)
    named = {"name": "exchanges", "title": "Exchange an article", "median_s": None, "each": None, "unpriced": True}
    return lane(**nothing, **named, open=1, correction_s=0)
