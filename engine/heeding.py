"""Stops a task where it can stop, because somebody wants it cancelled while it is at work."""

from contracts.lifecycle import Event
from contracts.wording import reasoned
from engine import undoing
from engine.course import Course, Extra
from escalation.approvers import named
from escalation.cancelling import ending
from escalation.undoing import Ending
from escalation.wishes import WISH, wish_of
from storage.undos import to_take_back


def is_wanted(course: Course) -> bool:
    """Whether the task is to be cancelled, as far as this runner knows; no commit passes a wish unheard."""
    return WISH in course.way and not undoing.is_ending(course)


def stops(course: Course) -> bool:
    """Whether the task, which has no effect under way, goes no further because somebody wants it cancelled."""
    if is_wanted(course):
        end(course)
    return WISH in course.way or undoing.is_ending(course)


def ends_at_once(course: Course) -> bool:
    """Cancel a task whatever its lane has become by now; False where something has to be taken back before."""
    with course.bench.connection.transaction() as unit:
        keys = to_take_back(unit, course.task.number, Event.CANCELLED)
    if keys or undoing.is_ending(course):
        return False
    end(course)
    return True


def end(course: Course, *, gives_up: str = "", beside: Extra | None = None) -> None:
    """Commit that the task is cancelled, or that what it changed is taken back before; with all that was done until then.

    `gives_up` is the key of an effect that did not happen, as is written `beside`.
    """
    wish = wish_of(course.task)
    if wish is None:
        raise LookupError(f"nobody wants {course.task.name} cancelled")
    with course.bench.connection.transaction() as unit:
        event, sentence = ending(unit, course.task, wish, but=gives_up)
        soon = reasoned(f"{named(unit, wish.by)} cancelled it", wish.reason)
    if not undoing.begins(course, Ending(Event.CANCELLED, soon), beside=beside):
        course.commit([event], {"sentence": sentence}, point="step", extra=beside)
