"""Keeps tasks from calling a system that is known to be down: they go on up their ladder, and one of them tries it when due."""

from collections.abc import Collection, Iterable
from datetime import datetime

from contracts.failed import Failed
from contracts.vocabulary import FailureCase, FailureClass
from engine import pausing
from engine.course import Course
from storage import circuits


def let(course: Course) -> bool:
    """Whether the step may call what it needs; if not, the ladder's next move is made without trying, and committed."""
    if not course.bench.down or course.tactic:  # a tactic is there to do without
        return True
    return _let(course, _needed(course))


def lets_carry_out(course: Course, effect: str, again: Collection[str]) -> bool:
    """Whether an effect that was approved may be carried out once these steps were read again; if not, as above.

    What its worker read to propose it is not needed any more, but for what is probed anew.
    """
    lane, own = course.lane.lane, course.lane.lane.workers[course.worker]
    read = [name for step in lane.steps if step.name in again for name in lane.workers[step.worker].reads]
    probed = [probe.read for probe in lane.probes.values() if probe.read in own.reads]
    return _let(course, _systems((effect, *read, *probed)))


def lets_take_back(course: Course, effect: str, *, looks_up: bool) -> bool:
    """Whether an effect may be taken back by this one, and what its edges read be looked up; if not, as above."""
    return lets_carry_out(course, effect, ()) if looks_up else _let(course, _systems((effect,)))


def what_is_down(course: Course, reads: Collection[str]) -> Failed | None:
    """Why these reads are not to be tried, as a failure of the step; None when they may be."""
    closed = _closed(course, _systems(reads))
    return _known_to_be_down(course, closed[0]) if closed else None


def probe_due(course: Course, system: str) -> datetime | None:
    """When a system that is known to be down may be tried; None when this task may call it now."""
    if not _closed(course, {system}):
        return None
    with course.bench.connection.transaction() as unit:
        return circuits.probe_at(unit, system, course.bench.claimant.runtime)


def _let(course: Course, needed: set[str]) -> bool:
    closed = _closed(course, needed)
    if closed:
        pausing.after_failure(course, _known_to_be_down(course, closed[0]), down=True)
    return not closed


def _known_to_be_down(course: Course, system: str) -> Failed:
    sentence = course.bench.down[system]
    return Failed(FailureClass.TRANSIENT, system, sentence, case=FailureCase.PROVIDER_DOWN, system=system)


def _closed(course: Course, needed: set[str]) -> list[str]:
    """Those of the systems that are known to be down; none when this task is the one that tries them."""
    known = sorted(needed & set(course.bench.down))
    if not known:
        return []
    runtime = course.bench.claimant.runtime
    with course.bench.connection.transaction() as unit:
        course.bench.down = circuits.down(unit, runtime)
        course.probing.intersection_update(course.bench.down)
        closed = [one for one in known if one in course.bench.down and one not in course.probing]
        if all(circuits.may_probe(unit, system, runtime) for system in closed):
            course.probing.update(closed)
            return []
    return closed


def _needed(course: Course) -> set[str]:
    worker = course.lane.lane.workers[course.worker]
    return _systems((*worker.reads, *worker.writes))


def _systems(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}
