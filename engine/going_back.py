"""Takes a task back to an earlier step, whose work and all that rests on it is then done anew and judged anew."""

from collections.abc import Sequence
from functools import partial

from contracts.contract import Requirement
from contracts.graph import after
from contracts.lifecycle import Event
from contracts.vocabulary import Rung, WaitingFor
from engine.branching import PUT_OFF
from engine.course import Course
from escalation.approvals import lapse
from storage.outbox import Letter
from storage.transitions import Happening

OBJECTIONS, AMENDED = "objections", "amended"


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


def go_back(course: Course, step: str, *, cause: str, reason: str, letters: Sequence[Letter] = ()) -> None:
    """Commit that the task goes on at an earlier step; what rests on that step falls, approvals too."""
    lane = course.lane.lane
    resting = {step, *after(lane, step)}
    fallen = {lane.step(name).writes for name in resting}
    put_off = {name: had for name, had in course.way.get(PUT_OFF, {}).items() if name not in resting}
    course.way = {**course.way, PUT_OFF: put_off} if put_off or PUT_OFF in course.way else course.way
    course.state = {field: value for field, value in course.state.items() if field not in fallen}
    course.step_name, course.rung = step, Rung.SELF
    course.told = {**course.told, "wait": reason}
    columns = {
        "lease_runner": None,
        "lease_alone": False,
        "deaths": 0,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": cause,
        "due_at": course.bench.now(),
        "tries": 0,
        "sentence": reason,
        "holds_subject": False,
    }
    content = {"cause": cause, "sentence": reason, "back_to": step}
    extra = partial(lapse, task=course.task.number) if course.task.fence > 1 else None
    course.commit([Happening(Event.RETRY_SET, content)], columns, point="step", extra=extra, letters=letters)
    course.bench.deployment.wakeups.wake(course.task.company, course.task.runtime)
