"""Takes back what a task has changed, the newest first, each as an effect of its own, and then ends the task."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from contracts.authoring import Governance, Proposal
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.undoing import Undo, given_to
from engine import blocking, circuits, ending, handing_on, proposals, staging, standing, undoing, world
from engine.corrections import overwritten
from engine.course import Course
from engine.judging import Edge, edges_that_ask
from engine.proposals import Bound
from engine.world import Effect
from escalation import cancelling
from escalation.approvals import Approval
from escalation.opening import next_number
from escalation.undoing import Ending, ending_of
from escalation.wishes import wish_of
from storage.undos import to_take_back, tries_of


def finish(course: Course, given: Sequence[Approval]) -> None:
    """Take back one effect after the other, then end the task; it stops where somebody or something is waited for."""
    course.stays, course.fan_out = True, None
    while undoing.is_held(course):
        effect = _next(course)
        if effect is None:
            _end(course)
            return
        if not _take_back(course, *effect, given):
            return


def _ends(course: Course) -> Ending:
    found = ending_of(course.task)
    if found is None:
        raise LookupError(f"{course.task.name} does not end")
    return found


def _next(course: Course) -> tuple[Effect, str] | None:
    """What is taken back next and what the world calls it; None when nothing is left, or a person has said stop."""
    ends = _ends(course)
    if ends.stopped:
        return None
    with course.bench.connection.transaction() as unit:
        keys = to_take_back(unit, course.task.number, ends.event)
        return world.effect_of(unit, keys[0]) if keys else None


def _end(course: Course) -> None:
    """End as it was about to, and say what was taken back and what stays."""
    ends, wish = _ends(course), wish_of(course.task)
    with course.bench.connection.transaction() as unit:
        told = cancelling.happened(unit, course.task)
        if ends.event is Event.CANCELLED and wish is not None:
            event, sentence = cancelling.ending(unit, course.task, wish)
            ends = Ending(event.event, sentence, event.content)
        else:
            ends = Ending(ends.event, f"{ends.sentence} {told}", ends.content)
    ending.end(course, ends)


def _take_back(course: Course, effect: Effect, reference: str, given: Sequence[Approval]) -> bool:
    if course.step_name != effect.step:
        course.turn_to(effect.step)
    course.told = {**course.told, "progress": f"Taking back what {effect.tool} did ({reference})."}
    if handing_on.runs_elsewhere(course) or not standing.lets(course):
        return False
    declared = Undo.model_validate(effect.undo, strict=False)
    if not circuits.lets_take_back(course, declared.by, looks_up=declared.approval):
        return False
    try:
        proposal = _proposal(course, effect, declared, reference)
    except (Governance, ValidationError) as error:
        blocking.cannot_take_back(course, _told(error))
        return False
    with course.bench.connection.transaction() as unit:
        bound = proposals.bind(course, proposal, tries_of(unit, effect.task, effect.key) + 1, undoes=effect)
    return _weigh(course, bound, declared, given)


def _proposal(course: Course, effect: Effect, declared: Undo, reference: str) -> Proposal[Any]:
    names = course.lane.effects[declared.by].args_model.model_fields
    because = f"{_ends(course).sentence} Its contract takes back what {effect.step} did."
    rights = standing.rights(course, course.worker)
    return rights.undo(declared.by, given_to(names, effect.args, reference), because)


def _told(error: Governance | ValidationError) -> str:
    return error.sentence if isinstance(error, Governance) else "Its effect no longer takes what was done."


def _weigh(course: Course, bound: Bound, declared: Undo, given: Sequence[Approval]) -> bool:
    """Carry an undo out, or ask people where its contract or the lane's stage wants that."""
    facts = course.facts(course.bench.now(), {"name": bound.proposal.tool, "args": dict(bound.proposal.args)})
    asking = overwritten(course, bound.proposal) or (edges_that_ask(course, facts) if declared.approval else [])
    if isinstance(asking, Failed):
        blocking.cannot_take_back(course, asking.sentence)
        return False
    approved = {one.edge: one for one in given if one.proposal_digest == bound.digest}
    missing = [edge for edge in asking if edge.edge.name not in approved]
    if not missing and not approved:
        of_stage = staging.edge_of_stage(course, bound.proposal.tool, edges_hold=declared.approval)
        missing = [of_stage] if of_stage is not None else []
    if not missing:
        return proposals.carry_out(course, bound, list(approved.values()))
    with course.bench.connection.transaction() as unit:
        number = next_number(unit)
    proposals.put_to_people(course, bound, _of_undo(missing[0], course, bound), facts, number=number)
    return False


def _of_undo(edge: Edge, course: Course, bound: Bound) -> Edge:
    """An edge as it is asked at taking back: the same people, and a question of its own."""
    question = f"Take back what {course.step_name} did for {course.task.name} ({bound.proposal.tool})?"
    asked = {"question": question, "state": (), "alternatives": (), "changeable": (), "limits": ()}
    return Edge(edge.edge.model_copy(update=asked), edge.verdict)
