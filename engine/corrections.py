"""Keeps what people have corrected by hand: no effect puts something else in its place unless its step may."""

from collections.abc import Mapping
from typing import Any

from contracts.authoring import Operation, Proposal
from contracts.failed import Failed
from contracts.mistakes import listed
from contracts.vocabulary import FailureCase, FailureClass, Otherwise
from engine.course import Course
from engine.failing import understood
from engine.strangers import call


def overwritten(course: Course, proposal: Proposal[Any]) -> Failed | None:
    """Why a proposal must not be carried out: it replaces what a person has corrected, or nobody can tell."""
    operation = course.lane.effects[proposal.tool].operation
    if operation.corrections is None:
        return None
    try:
        corrected = _corrected(course, proposal, operation)
    except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: what it raises is a failure of the step
        return understood(course, error, system=proposal.tool.partition(".")[0])
    if not isinstance(corrected, Mapping):
        sentence = f"{proposal.tool} does not tell what people have corrected, as its tool promises."
        return Failed(FailureClass.DETERMINISTIC, "contract", sentence, case=FailureCase.CONTRACT)
    lost = [name for name, value in proposal.args.items() if name in corrected and corrected[name] != value]
    lost = [name for name in lost if name not in course.step.overwrites]
    return _lost(course, proposal, lost) if lost else None


def _corrected(course: Course, proposal: Proposal[Any], operation: Operation) -> Any:
    course.used.calls += 1
    system = proposal.tool.partition(".")[0]
    ask = getattr(course.bench.systems[system], str(operation.corrections))
    with course.bench.watch.over(course.task.number, seconds=operation.timeout_s):
        return call(ask, **proposal.args)


def _lost(course: Course, proposal: Proposal[Any], lost: list[str]) -> Failed:
    one = len(lost) == 1
    told = f"A person has corrected {listed(lost)} of {course.task.subject}, and {proposal.tool} would overwrite it."
    way_out = f"Keep {'it' if one else 'them'}, or let the lane say {course.step_name} overwrites: [{', '.join(lost)}]."
    case, ends = FailureCase.CONTRACT, Otherwise.REFUSED
    return Failed(FailureClass.DETERMINISTIC, "correction", f"{told} {way_out}", case=case, otherwise=ends)
