"""One real request for each lane of the example, and more where a lane can go several ways: what the suites live through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.vocabulary import EffectClass

Changes = Mapping[str, tuple[str, str]]

AT_WORK: Changes = {"lanes/enrichment/lane.yaml": ("stage: 1", "stage: 3")}
"""Enrichment observes by choice; its runners are there and it is at work in every journey."""

_KEYED: Changes = {"tools/shop.py": ('@effect("readable"', '@effect("keyed"')}
_NEITHER: Changes = {
    "tools/shop.py": ('@effect("readable", look="refund_by_key"', '@effect("neither", look=None'),
    "company.yaml": ("demands: [verification, approval, cap]", "demands: [approval, cap]"),
}


@dataclass(frozen=True, slots=True)
class Journey:
    """What somebody asks of a lane, and how it goes.

    With `asks` somebody has to approve it; with `late` its world can't be reached before somebody has failed at it.
    `kind` is that of its effect: where the example has no lane of a kind, `changes` make its shop one, and `world` is
    SQL that does so there.
    """

    lane: str
    by: str
    request: Mapping[str, Any]
    asks: bool = False
    late: bool = False
    kind: EffectClass = EffectClass.READABLE
    changes: Changes = field(default_factory=dict)
    world: str = ""


_REASON = "The parcel was lost."

JOURNEYS: Mapping[str, Journey] = {
    "enrichment, late": Journey("enrichment", "tomas", {"prospect": "P-22"}, late=True),
    "outreach": Journey("outreach", "tomas", {"prospect": "P-17", "offer": "assessment"}),
    "outreach, late and asking": Journey(
        "outreach", "tomas", {"prospect": "P-18", "offer": "assessment"}, asks=True, late=True
    ),
    "publishing, amended": Journey("publishing", "tomas", {"post": "71", "slug": "how-refunds-work"}),
    "publishing, late and asking": Journey(
        "publishing", "tomas", {"post": "68", "slug": "what-it-shows"}, asks=True, late=True
    ),
    "refunds": Journey("refunds", "anna", {"order": "1234", "amount": 4200, "reason": _REASON}),
    "refunds, late and asking": Journey(
        "refunds", "anna", {"order": "1239", "amount": 74000, "reason": _REASON}, asks=True, late=True
    ),
    "refunds of a keyed shop": Journey(
        "refunds",
        "anna",
        {"order": "1234", "amount": 4200, "reason": _REASON},
        kind=EffectClass.KEYED,
        changes=_KEYED,
        world="create unique index taken_once on refunds (key)",
    ),
    "refunds of a blind shop": Journey(
        "refunds",
        "anna",
        {"order": "1234", "amount": 4200, "reason": _REASON},
        kind=EffectClass.NEITHER,
        changes=_NEITHER,
    ),
    "triage": Journey("triage", "anna", {"ticket": "501"}),
    "triage, late and asking": Journey("triage", "anna", {"ticket": "502"}, asks=True, late=True),
}
