"""Passes over a peer that died, hung or said nothing: the step goes to the next rung, and the reason is kept."""

from contracts.failed import Failed
from contracts.vocabulary import FailureClass, Rung
from contracts.wording import duration
from engine import delegation, pausing
from engine.course import Course
from engine.losses import losses_of
from engine.records import Attempt
from engine.world import Effect, used


def passes_over(course: Course, effect: Effect | None, *, is_silent: bool) -> bool:
    """Whether the step is taken from its peer, which is committed; it is when the peer is silent or its runner died twice."""
    if course.rung is not Rung.PEER or not (is_silent or _died(course)):
        return False
    sentence, now = _sentence(course, is_silent=is_silent), course.bench.now()
    failure = Failed(FailureClass.TRANSIENT, f"peer {course.worker}", sentence)
    course.attempts.append(
        Attempt(course.step_name, course.worker, now, now, "failed", sentence, failure.kind, failure.cause)
    )
    pausing.passes_over(
        course, failure, effect=pausing.Open(used(effect)) if effect is not None else None, asks=not is_silent
    )
    return True


def _died(course: Course) -> bool:
    """Whether its runner died while nothing else was at work, and was not only stopped or cut off from the database."""
    if not course.task.deaths:
        return False
    with course.bench.connection.transaction() as unit:
        return losses_of(unit, course.task).alone > 0


def _sentence(course: Course, *, is_silent: bool) -> str:
    worker, step = course.lane.lane.workers[course.worker], course.step
    who = f"{worker.job} on {worker.runtime}"
    if is_silent:
        return f"{who} gave no answer within {duration(delegation.time_for(step))}."
    return f"{who} lost its runner twice at {step.name}."
