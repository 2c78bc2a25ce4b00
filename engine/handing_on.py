"""Lets a runner of another kind of machine take the step that a task has come to."""

from contracts.lifecycle import Event
from engine import steps
from engine.course import Course
from storage.claims import NO_LEASE
from storage.transitions import Happening


def runs_elsewhere(course: Course) -> bool:
    """Whether the step needs another runtime than this runner's; then the task is handed on, and that is committed."""
    if course.runtime == course.bench.claimant.runtime:
        return False
    happening = Happening(Event.HANDED_BACK, {"why": f"{course.step_name} needs the runtime {course.runtime}"})
    columns = {**NO_LEASE, "due_at": course.bench.now()}
    course.commit([happening], columns, point="step", extra=steps.lifting(course))
    course.bench.deployment.wakeups.wake(course.task.company, course.runtime)
    return True
