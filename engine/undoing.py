"""Begins to take back what a task has changed, where its contract says so of the way in which the task ends."""

from collections.abc import Sequence

from contracts.vocabulary import EffectState, TaskState
from engine.course import Course
from engine.world import Effect
from engine.writes import Extra
from escalation.undoing import ENDING, Ending, ending_of, undoing
from storage.outbox import Letter
from storage.undos import to_take_back


def is_ending(course: Course) -> bool:
    """Whether the task only takes back what it has changed, and then ends."""
    return ENDING in course.way


def leaves(course: Course, effect: Effect) -> bool:
    """Whether an open effect stays as it is: a person has said stop, to an undo or to what the world shows otherwise."""
    ends = ending_of(course.task)
    differs = effect.state is EffectState.DISPROVED and effect.undoes is None
    return ends is not None and (ends.stopped or differs)


def is_held(course: Course) -> bool:
    """Whether this runner has the task still in its hands, with no effect under way."""
    task = course.task
    return task.state is TaskState.RUNNING and task.lease_runner == course.bench.claimant.runner


def begins(course: Course, ends: Ending, *, beside: Extra | None = None, letters: Sequence[Letter] = ()) -> bool:
    """Commit that things are taken back before the task ends so; False when there is nothing to take back."""
    if is_ending(course) or all(step.undo is None for step in course.lane.lane.steps):
        return False
    with course.bench.connection.transaction() as unit:
        keys = to_take_back(unit, course.task.number, ends.event)
    if not keys:
        return False
    way = {**course.way, ENDING: ends.kept()}
    columns = {"way": way, "sentence": ends.sentence, "tries": 0}
    course.commit([undoing(ends, keys)], columns, point="step", extra=beside, letters=letters)
    course.way = way
    return True


def goes_on(course: Course, *, beside: Extra | None) -> None:
    """Commit that what was open is given up, so that what was done before it is taken back."""
    ends = ending_of(course.task)
    if ends is None:
        raise LookupError(f"{course.task.name} does not end")
    with course.bench.connection.transaction() as unit:
        keys = to_take_back(unit, course.task.number, ends.event)
    course.commit([undoing(ends, keys)], {"tries": 0}, point="step", extra=beside)
