"""Stops a task where it can stop, because somebody wants it cancelled while it is at work."""

from engine.course import Course, Extra
from escalation.cancelling import WISH, ending, wish_of


def is_wanted(course: Course) -> bool:
    """Whether somebody wants the task cancelled, as far as this runner knows; no commit passes a wish unheard."""
    return WISH in course.way


def stops(course: Course) -> bool:
    """Whether the task, which has no effect under way, is cancelled now because somebody wants that."""
    if is_wanted(course):
        end(course)
    return is_wanted(course)


def end(course: Course, *, beside: Extra | None = None) -> None:
    """Commit that the task is cancelled, with all that was done until then; `beside` is written in the same transaction."""
    wish = wish_of(course.task)
    if wish is None:
        raise LookupError(f"nobody wants {course.task.name} cancelled")
    with course.bench.connection.transaction() as unit:
        event, sentence = ending(unit, course.task, wish)
    course.commit([event], {"sentence": sentence}, point="step", extra=beside)
