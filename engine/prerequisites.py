"""Looks, before a task is run, whether all is there that its lane can't do without; what is missing is a gate."""

from dataclasses import replace
from datetime import timedelta

from contracts.failed import Failed
from contracts.prerequisite import Prerequisite
from engine import circuits, gates, pausing
from engine.course import Course
from engine.failures import classify
from engine.gates import Missing
from engine.strangers import call
from storage.directory import members, person

KEPT = timedelta(seconds=10)
"""How long it holds for all of a shift that something was there."""


def met(course: Course) -> bool:
    """Whether the run may begin; if not the task waits at a gate, and that is committed."""
    for one in course.lane.lane.prerequisites:
        if _seen_lately(course, one):
            continue
        missing = _missing(course, one)
        if missing is not None:
            gates.shut(course, missing)
            return False
        course.bench.there[_key(course, one)] = course.bench.now()
    course.passed |= {one.cause for one in course.lane.lane.prerequisites}
    return True


def _key(course: Course, one: Prerequisite) -> tuple[str, str]:
    return course.lane.hash, one.name


def _seen_lately(course: Course, one: Prerequisite) -> bool:
    seen = course.bench.there.get(_key(course, one))
    return seen is not None and course.bench.now() - seen < KEPT


def _missing(course: Course, one: Prerequisite) -> Missing | None:
    """The gate at which the task waits because it is not there; None when it is."""
    if one.answers is not None:
        return _unanswered(course, one, one.answers)
    is_there = _is_set(course, one.setting) if one.setting is not None else _is_there(course, one)
    return None if is_there else _gate(course, one, one.because)


def _is_set(course: Course, setting: str) -> bool:
    system, _, name = setting.partition(".")
    given = course.bench.business.company.systems[system].settings.get(name)
    return given is not None and bool(str(given).strip())


def _is_there(course: Course, one: Prerequisite) -> bool:
    with course.bench.connection.transaction() as unit:
        if one.group is not None:
            return bool(members(unit, one.group))
        found = person(unit, one.person or "")
    return found is not None and found.active


def _unanswered(course: Course, one: Prerequisite, read: str) -> Missing | None:
    """A system that is known to be down is not asked but by the task that tries it, and is looked for when one may."""
    system = read.partition(".")[0]
    when = circuits.probe_due(course, system)
    if when is not None:
        return replace(_gate(course, one, _because(one, course.bench.down[system])), until=when)
    failure = _asked(course, one, read)
    if failure is None:
        course.answered.add(system)
        return None
    return replace(_gate(course, one, _because(one, failure.sentence)), beside=pausing.counting(course, failure))


def _asked(course: Course, one: Prerequisite, read: str) -> Failed | None:
    system, _, name = read.partition(".")
    tool = course.bench.systems[system]
    operation = getattr(type(tool), name).__chargehand_operation__
    course.used.calls += 1
    try:
        with course.bench.watch.over(course.task.number, seconds=operation.timeout_s):
            call(getattr(tool, name), **one.given)
    except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: whatever it raises, it has not answered
        return classify(error, system=system)
    return None


def _because(one: Prerequisite, sentence: str) -> str:
    return f"{one.because.rstrip('.')}: {sentence}"


def _gate(course: Course, one: Prerequisite, why: str) -> Missing:
    lane = course.lane.lane
    pause = timedelta(seconds=one.look_again or lane.retries.look_again)
    return Missing(one.cause, one.owner or lane.owner, why, one.action, course.bench.now() + pause)
