"""Takes a task back to an earlier step, whose work and all that rests on it is then done anew and judged anew."""

from collections.abc import Sequence
from functools import partial

from contracts.contract import Requirement
from contracts.failed import Failed
from contracts.graph import after
from contracts.lifecycle import Event
from contracts.vocabulary import Rung, WaitingFor
from engine.branching import PUT_OFF
from engine.course import Course
from engine.writes import Extra, both
from escalation.approvals import lapse
from storage.claims import NO_LEASE
from storage.outbox import Letter
from storage.transitions import Happening

OBJECTIONS, AMENDED, READ_ANEW = "objections", "amended", "read_anew"
MOST_READ_ANEW = 3


def may_be_amended(course: Course, requirement: Requirement) -> bool:
    """Whether an earlier step may still give something else for a rule: once for each task."""
    step = requirement.amend
    return step is not None and requirement.name not in course.way.get(AMENDED, []) and can_go_back(course, step)


def can_go_back(course: Course, step: str) -> bool:
    """Whether nothing rests on a step that has changed the world: that is not done anew."""
    resting = {step, *after(course.lane.lane, step)} & course.lane.proposes
    return not any(course.lane.lane.step(name).writes in course.state for name in resting)


def amend(course: Course, requirement: Requirement, sentence: str, *, letters: Sequence[Letter] = ()) -> None:
    """Have the step that a rule names give something else: the same would fall at the same rule."""
    step = str(requirement.amend)
    objections = {**course.way.get(OBJECTIONS, {}), step: sentence}
    amended = [*course.way.get(AMENDED, []), requirement.name]
    reason = f"{sentence} It is amended, and tried again once."
    course.way = {**course.way, OBJECTIONS: objections, AMENDED: amended}
    course.told = {**course.told, "tried": [*course.told.get("tried", []), reason]}
    go_back(course, step, cause=f"rule {requirement.name}", reason=reason, letters=letters)


def reads_anew(course: Course, failure: Failed, *, beside: Extra | None) -> bool:
    """Read again what the step under way rests on, and judge and propose it anew: somebody has changed the world.

    False after a few times in a row: then its owner is asked, who may let it begin anew.
    """
    anew = course.way.get(READ_ANEW, {})
    times = anew.get(course.step_name, 0) + 1
    steps = _readers(course)
    is_whole = course.step.each is None  # of a list, some may be changed already, and are not done anew
    goes = is_whole and times <= MOST_READ_ANEW and all(can_go_back(course, step) for step in steps)
    course.way = {**course.way, READ_ANEW: {**anew, course.step_name: times if goes else 0}}
    if goes:
        reason = f"{failure.sentence} It is read again and asked for anew."
        course.told = {**course.told, "tried": [*course.told.get("tried", []), reason]}
        go_back(course, *steps, cause=failure.cause, reason=reason, beside=beside)
    return goes


def _readers(course: Course) -> tuple[str, ...]:
    """The steps that read what the one under way rests on, in the order of the lane; without `recheck` it itself."""
    again = course.step.recheck
    return tuple(step.name for step in course.lane.lane.steps if step.name in again) or (course.step_name,)


def go_back(
    course: Course,
    step: str,
    *others: str,
    cause: str,
    reason: str,
    letters: Sequence[Letter] = (),
    beside: Extra | None = None,
) -> None:
    """Commit that the task goes on at an earlier step; what rests on that step, or the others, falls, approvals too."""
    retreat(course, step, *others)
    course.told = {**course.told, "wait": reason}
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": cause,
        "due_at": course.bench.now(),
        "tries": 0,
        "sentence": reason,
        "holds_subject": False,
    }
    content = {"cause": cause, "sentence": reason, "back_to": step}
    lapsing = partial(lapse, task=course.task.number) if course.task.fence > 1 else None
    happening = Happening(Event.RETRY_SET, content)
    course.commit([happening], columns, point="step", extra=both(lapsing, beside), letters=letters)
    course.bench.deployment.wakeups.wake(course.task.company, course.task.runtime)


def retreat(course: Course, step: str, *others: str) -> None:
    """Let what rests on an earlier step, or the others, fall, and turn to that step."""
    lane = course.lane.lane
    resting = {name for first in (step, *others) for name in (first, *after(lane, first))}
    fallen = {lane.step(name).writes for name in resting}
    put_off = {name: had for name, had in course.way.get(PUT_OFF, {}).items() if name not in resting}
    course.way = {**course.way, PUT_OFF: put_off} if put_off or PUT_OFF in course.way else course.way
    course.state = {field: value for field, value in course.state.items() if field not in fallen}
    course.step_name, course.rung = step, Rung.SELF
