"""Keeps tasks from calling a system that is known to be down: they go on up their ladder, and one of them tries it when due."""

from collections.abc import Iterable

from contracts.failed import Failed
from contracts.vocabulary import FailureCase, FailureClass
from engine import pausing
from engine.course import Course
from storage import circuits


def let(course: Course) -> bool:
    """Whether the step may call what it needs; if not, the ladder's next move is made without trying, and committed."""
    needed = sorted(_needed(course) & set(course.bench.down))
    if not needed or course.tactic:  # a tactic is there to do without
        return True
    runtime = course.bench.claimant.runtime
    with course.bench.connection.transaction() as unit:
        course.bench.down = circuits.down(unit, runtime)
        closed = [system for system in needed if system in course.bench.down]
        course.probing = bool(closed) and all(circuits.may_probe(unit, system, runtime) for system in closed)
    if not closed or course.probing:
        return True
    sentence = course.bench.down[closed[0]]
    failure = Failed(FailureClass.TRANSIENT, closed[0], sentence, case=FailureCase.PROVIDER_DOWN, system=closed[0])
    pausing.after_failure(course, failure, down=True)
    return False


def _needed(course: Course) -> set[str]:
    worker = course.lane.lane.workers[course.worker]
    return _systems((*worker.reads, *worker.writes))


def _systems(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}
