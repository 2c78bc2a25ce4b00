"""Knows which fields of a task are suspect, and stops what would change the world on the strength of them."""

from collections.abc import Sequence
from functools import partial

from contracts.contract import Step
from contracts.failed import Failed
from contracts.grounds import roots_of
from contracts.vocabulary import FailureCase, FailureClass
from engine import blocking, branching
from engine.course import SUSPECT, Course
from engine.desk import Kept
from engine.going_back import can_go_back, retreat
from escalation.approvals import lapse
from storage.outbox import Letter

_STATE = "state."


def mark(course: Course, step: Step, kept: Kept, *, clears: bool = True) -> None:
    """Note whether what a step gave is suspect: because it says so, or because it is made of what is.

    With `clears` it is sound when nothing is said; an item of a list does not speak for the others.
    """
    had = course.way.get(SUSPECT, {})
    if not had and not kept.suspicions:
        return
    made_of = sorted(taken_fields(course, step) & had.keys() - set(step.accepts_suspect))
    told = {"why": " ".join(kept.suspicions), "step": step.name, "at": int(course.bench.now().timestamp())}
    one = told if kept.suspicions else had[made_of[0]] if made_of else None
    if one is not None:
        course.way = {**course.way, SUSPECT: {**had, step.writes: one}}
    elif clears and step.writes in had:
        course.way = {**course.way, SUSPECT: {field: why for field, why in had.items() if field != step.writes}}


def suspicion(course: Course) -> Failed | None:
    """Why the step under way must not change anything now: it rests on a field that is suspect."""
    had = course.way.get(SUSPECT)
    if course.step_name not in course.lane.proposes or (not had and course.task.fence == 1):
        return None
    rests_on = _fields(_taken(course, course.step) | _read(course))
    found = next((name for name in sorted(rests_on - set(course.step.accepts_suspect)) if name in (had or {})), None)
    if found is None or not had:
        course.passed |= {_cause(name) for name in rests_on}
        return None
    sentence = f"{found.replace('_', ' ').capitalize()} is suspect, so {course.step_name} changes nothing. {_by(course, found)}"
    return Failed(FailureClass.DETERMINISTIC, _cause(found), sentence, case=FailureCase.CONTRACT)


def stop(course: Course, failure: Failed, *, letters: Sequence[Letter] = ()) -> None:
    """Block the task; when it goes on, what is suspect is read again first, unless the world rests on it already."""
    if branching.goes_on_elsewhere(course, failure.sentence, tries=course.task.tries):
        return
    origin = course.way[SUSPECT][failure.cause.removeprefix(_cause(""))]["step"]
    reads_again = course.step.each is None and can_go_back(course, origin)
    if reads_again:
        retreat(course, origin)
    lapsing = partial(lapse, task=course.task.number) if reads_again else None
    blocking.block(course, failure, failure.sentence, beside=lapsing, letters=letters)


def _cause(field: str) -> str:
    return f"suspect {field}"


def _by(course: Course, field: str) -> str:
    """What was said of it, and by whom."""
    one = course.way[SUSPECT][field]
    job = course.lane.lane.workers[course.lane.lane.step(one["step"]).worker].job
    return f"{job}: {one['why']}"


def taken_fields(course: Course, step: Step) -> set[str]:
    """The fields of the state that a step's code is given."""
    return _fields(_taken(course, step))


def _taken(course: Course, step: Step) -> set[str]:
    """The facts that a step's code is given."""
    functions = (given for run, given in course.lane.arguments.items() if run.partition("/")[0] == step.name)
    return {where for given in functions for where in given.values()} | ({step.each} if step.each else set())


def _read(course: Course) -> set[str]:
    """The facts that the rules before the step under way come from."""
    lane = course.lane
    required = [rule.reads for one, rule in lane.requirements if one.before == course.step_name]
    asked = [rule.reads for one, rule in lane.edges if one.before == course.step_name]
    return {path for reads in (*required, *asked) for path in roots_of(lane.lane, reads)}


def _fields(paths: set[str]) -> set[str]:
    return {path.split(".")[1] for path in paths if path.startswith(_STATE)}
