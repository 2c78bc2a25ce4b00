"""What a lane's stage allows, and how a person changes the one that is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.contract import ApprovalEdge, SilenceStep
from contracts.declared import Examples
from contracts.loaded import Business, LoadedLane
from contracts.rules import Verdict
from contracts.stages import asks_at_every_effect, asks_for_want_of_bounds
from contracts.standing import stage_in_force
from contracts.units import unit_named
from engine.course import Course
from engine.judging import Edge
from engine.records import Judged
from engine.register import NotChanged, NotEntitled
from escalation.approvers import names
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone, person
from storage.standings import keep_stage, stand_of

_HOUR_S = 3600


def edge_of_stage(course: Course, effect: str, *, edges_hold: bool = True) -> Edge | None:
    """The edge at which the stage has a person asked about an effect that no declared edge asks about; None when it may go.

    Without `edges_hold` the edges of the step do not bound it.
    """
    stage, steps = course.stage, [course.step_name] if edges_hold else []
    blast = course.lane.effects[effect].operation.blast
    if asks_at_every_effect(stage):
        because = f"“{course.lane.lane.title}” only assists (stage {stage}): a person decides on every effect."
    elif asks_for_want_of_bounds(stage, course.lane, blast, steps=steps):
        because = f"Neither edge nor cap bounds {effect}, so a person decides on it at stage {stage}."
    else:
        return None
    edge = _edge(course, stage, effect, because)
    course.judged.append(Judged(course.step_name, "approve", edge.name, True, because, {}))
    return Edge(edge, Verdict(edge.name, holds=True, sentence=because, reads={}, because=because))


def _edge(course: Course, stage: int, effect: str, because: str) -> ApprovalEdge:
    lane, worker = course.lane.lane, course.lane.lane.workers[course.worker]
    asked = dict.fromkeys((worker.accountable, lane.owner, course.bench.business.company.last_resort))
    steps = tuple(
        SilenceStep.model_construct(who=f"person:{who}", for_s=8 * _HOUR_S, remind_s=(_HOUR_S,)) for who in asked
    )
    return ApprovalEdge.model_construct(
        name=f"stage {stage}",
        before=course.step_name,
        because=because,
        question=f"{lane.title}: {course.task.told['summary']}. Shall {worker.job} do it ({effect})?",
        steps=steps,
        when=True,
        examples=Examples.model_construct(accepted=(), refused=()),
    )


@dataclass(frozen=True, slots=True)
class Staged:
    """The stage that is in force now, and what that means, in a sentence."""

    stage: int
    sentence: str


_ALLOWS: Mapping[int, str] = {
    1: "It takes no request; a person decides on every effect of what is under way.",
    2: "A person decides on every effect.",
    3: "Edges and caps decide, and a person where neither does.",
    4: "Edges and caps decide; nobody is asked beside them.",
}


def change(unit: Unit, business: Business, *, lane: str, stage: int, by: str, because: str) -> Staged:
    """Put a lane at a stage, inside the caller's transaction; raises NotChanged or contracts.units.NoSuchUnit.

    Never above what its file declares. What runs at this moment hears of it within seconds, before its next effect.
    """
    about = unit_named(business, lane)
    declared = _declared(business.lanes.get(lane), lane)
    who = person(unit, by)
    if who is None or not who.active or who.id not in about.answerable:
        raise NotEntitled(f"Only {names(everyone(unit, about.answerable))} can change the stage of {about.title}.")
    if not 1 <= stage <= declared:
        raise NotChanged(f"{about.title} declares stage {declared}: a stage from 1 to {declared} can be in force.")
    before = stage_in_force(declared, stand_of(unit, about.name, lock=True))
    if before == stage:
        return Staged(stage, f"{about.title} is at stage {stage} already. {_ALLOWS[stage]}")
    keep_stage(unit, about.name, stage if stage < declared else None, by=f"person:{by}", because=because)
    content: dict[str, Any] = {"from": before, "to": stage, "declared": declared, "because": because}
    note(unit, about.name, Said("stage_changed", f"person:{by}", content))
    return Staged(stage, f"{about.title} is at stage {stage} now; it was at {before}. {_ALLOWS[stage]}")


def _declared(lane: LoadedLane | None, name: str) -> int:
    if lane is None:
        raise NotChanged(f"{name} is no lane: only a lane has a stage.")
    return lane.lane.stage


def refused(unit: Unit, business: Business, *, lane: str, stage: int, by: str) -> None:
    """Keep on the lane's trail that somebody tried and was not entitled, in a transaction of its own."""
    note(unit, unit_named(business, lane).name, Said("stage_refused", f"person:{by}", {"to": stage}))
