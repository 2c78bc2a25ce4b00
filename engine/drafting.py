"""Finds where people's decisions say that a contract should change, drafts the change, and tries it on the past."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import yaml

from contracts.business import BusinessMistakes, load
from contracts.drafting import Draft, dropped, raised, required
from contracts.loaded import LoadedLane
from engine.backtest import Report, backtest
from engine.deployment import Deployment
from engine.scorecard.review_load import Load, facts_of
from storage.database import Unit


@dataclass(frozen=True, slots=True)
class Proposed:
    """What stands out at an edge, and what would mend it.

    `draft` is None when nothing could be drafted, and `report` when the draft is no valid contract: `trouble` says why.
    """

    finding: str
    draft: Draft | None = None
    report: Report | None = None
    trouble: str = ""


def proposals(deployment: Deployment, unit: Unit, edge: Load, since: datetime) -> Iterator[Proposed]:
    """What the decisions of an edge since then say about its contract; nothing where they say nothing."""
    lane = deployment.businesses[unit.company].lanes.get(edge.lane)
    step = next((one.before for one in lane.lane.approve if one.name == edge.edge), None) if lane else None
    if lane is None or step is None:
        return
    data: Mapping[str, Any] = cast("Mapping[str, Any]", lane.page.data)
    approved = facts_of(unit, edge.approved, step)
    if edge.is_rubber_stamp:
        draft = raised(data, edge.edge, approved) or dropped(data, edge.edge)
        yield _tried(deployment, unit, lane, _stamped(edge), draft, since)
    for reason, tasks in edge.reasons:
        refused = facts_of(unit, tasks, step)
        made = required(data, edge.edge, reason=reason, refused=refused, approved=approved, schema=lane.schemas[step])
        yield _tried(deployment, unit, lane, _repeated(reason, len(tasks)), made, since)


def _stamped(edge: Load) -> str:
    return (
        f"Rubber stamp: {edge.decided} decided, {len(edge.rejected)} rejected, half within {edge.median_s or 0:.0f} s. "
        "This edge may not need people."
    )


def _repeated(reason: str, count: int) -> str:
    return f"Late catch: rejected {count} times with “{reason}”. A rule is missing upstream."


def _tried(
    deployment: Deployment, unit: Unit, lane: LoadedLane, finding: str, draft: Draft | None, since: datetime
) -> Proposed:
    if draft is None:
        return Proposed(finding, trouble="No single fact tells these from those that were approved: look at them.")
    path = f"lanes/{lane.lane.lane}/lane.yaml"
    written = yaml.safe_dump(dict(draft.data), allow_unicode=True, sort_keys=False).encode()
    try:
        changed = load({**deployment.sources[unit.company], path: written}).lanes[lane.lane.lane]
    except BusinessMistakes as mistakes:
        return Proposed(finding, draft, trouble=f"As a contract it is refused: {mistakes.mistakes[0].message}.")
    return Proposed(finding, draft, backtest(unit, changed, since))
