"""Notices a task that goes round: it is stopped at one place for one reason after the other, and gets no further."""

from dataclasses import dataclass

from contracts.canonical import digest
from contracts.failed import Failed
from contracts.vocabulary import FailureClass
from engine.course import Course

STOPS = "stops"
"""Where the way of a task keeps its last stop: the place, the cause, and for how many causes in a row it was stopped there."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a task is stopped for now, and the cause of its stop before, if that was another one."""

    failure: Failed
    before: str | None
    is_last: bool = False


def stop(course: Course, failure: Failed) -> Stop:
    """Count the stop of a task that is looked at again by itself; the last one has to be ended by a person.

    One reason that stays is one blocker, however long it stays: only another one counts. A person who lets the task go
    on lets it begin anew.
    """
    had, place = course.way.get(STOPS, {}), _place(course)
    before, is_there = had.get("cause"), had.get("at") == place
    if is_there and before == failure.cause:
        return Stop(failure, None)
    times = had["times"] + 1 if is_there else 1
    is_last = times > course.lane.lane.retries.reasons
    now = _no_progress(course, failure, times) if is_last else failure
    course.way = {**course.way, STOPS: {"at": place, "cause": now.cause, "times": 0 if is_last else times}}
    return Stop(now, before if before != now.cause else None, is_last)


def _place(course: Course) -> str:
    """How far the task has come: its step, the item of a list, and which fields are there."""
    return digest([course.step_name, course.ordinal, sorted(course.state)])


def _no_progress(course: Course, failure: Failed, times: int) -> Failed:
    sentence = (
        f"{course.task.name} was stopped at {course.step_name} {times} times in a row, each time for another reason, and got "
        f"no further. The last one: {failure.sentence}"
    )
    return Failed(FailureClass.JUDGMENT, f"no progress of {course.task.name}", sentence)
