"""Stops a task where it can stop, because somebody wants it cancelled, or its request changed, while it is at work."""

from contracts.lifecycle import Event
from contracts.wording import reasoned
from engine import undoing
from engine.beginning_anew import begun_anew, let_go
from engine.course import Course
from engine.writes import Extra
from escalation.approvers import named
from escalation.cancelling import ending
from escalation.undoing import Ending
from escalation.wishes import NEW_REQUEST, WISH, new_request_of, wish_of
from storage.tasks import Task
from storage.undos import to_take_back


def is_wanted(course: Course) -> bool:
    """Whether the task is to be cancelled, as far as this runner knows; no commit passes a wish unheard."""
    return WISH in course.way and not undoing.is_ending(course)


def stops(course: Course) -> bool:
    """Whether the task, which has no effect under way, goes no further: it is cancelled, or begins anew."""
    if is_wanted(course):
        end(course)
    elif new_request_of(course.task) is not None:
        begin_anew(course)
    return bool({WISH, NEW_REQUEST} & course.way.keys()) or undoing.is_ending(course)


def is_wished(task: Task) -> bool:
    """Whether a wish stands on the row of a task that is taken up."""
    return bool({WISH, NEW_REQUEST} & task.way.keys())


def stops_at_once(course: Course) -> bool:
    """Heed a wish whatever the task's lane has become by now; False where something has to be taken back before."""
    if WISH in course.way:
        return _ends_at_once(course)
    begin_anew(course)
    return True


def _ends_at_once(course: Course) -> bool:
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


def begin_anew(course: Course) -> None:
    """Commit that the task begins anew with what its requester asks for now; what was done until then stays on record.

    No effect of it can be under way: the request of a task that may have changed something is not changed.
    """
    task, new = course.task, new_request_of(course.task)
    if new is None:
        raise LookupError(f"nobody wants {task.name} changed")
    with course.bench.connection.transaction() as unit:
        version = task.version + len(course.happenings) + 1
        happening, columns = begun_anew(unit, task, new, version=version)
    course.commit([happening], columns, point="step", extra=lambda unit: let_go(unit, task, new))
    course.bench.deployment.wakeups.wake(task.company, new.place["runtime"])
