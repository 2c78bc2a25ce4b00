"""Looks things up before rules are asked: each probe is a read at the desk of the step's worker, dated and kept."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from contracts.failed import Failed
from contracts.grounds import EFFECT, PROBE, about_a_proposal
from contracts.observing import Probe
from contracts.vocabulary import FailureClass
from contracts.wording import value_at
from engine import circuits, standing
from engine.course import Course
from engine.desk import WorkerDesk
from engine.failing import understood
from engine.purse import meter
from engine.records import Attempt, denials
from engine.strangers import call

_ANSWERS: dict[str, type] = {"boolean": bool, "integer": int, "text": str}


def look_up(course: Course, names: Iterable[str], facts: dict[str, Any]) -> Failed | None:
    """Make the probes that were not made of these facts in this shift yet, and put what they found into `facts`.

    A probe that fails is a failure of the step; those after it are not made, and none while its system is down.
    """
    lane = course.lane.lane
    probes = {name: lane.probes[name] for name in names}
    probes = {name: one for name, one in probes.items() if EFFECT in facts or not about_a_proposal(lane, one)}
    ready = {name: one for name, one in probes.items() if course.probed.get(name, (None,))[0] != _given(one, facts)}
    if not ready:
        return None
    failure = _held_off(course, ready) or _made(course, ready, facts)
    facts[PROBE] = course.probes()
    course.derive_into(facts)
    return failure


def _held_off(course: Course, probes: dict[str, Probe]) -> Failed | None:
    """Why a system is not asked: it is known to be down. Of an item that was asked before the list was begun."""
    return circuits.what_is_down(course, [one.read for one in probes.values()]) if course.item is None else None


def _made(course: Course, probes: dict[str, Probe], facts: dict[str, Any]) -> Failed | None:
    rights, clock = standing.rights(course, course.worker), course.bench.now
    spending = meter(course.bench.business.company, rights.worker, clock)
    desk = WorkerDesk(rights, course.bench.systems, step=course.step_name, clock=clock, meter=spending)
    started, failure = course.bench.now(), None
    for name, probe in probes.items():
        failure = _one(course, desk, name, probe, facts)
        if failure is not None:
            break
    outcome, sentence = ("failed", failure.sentence) if failure else ("probed", f"Looked up {', '.join(probes)}.")
    kind, cause = (failure.kind, failure.cause) if failure else (None, None)
    ended, calls = course.bench.now(), desk.left.calls
    course.used.add(started, ended, calls, by=course.worker)
    _note(course, Attempt(course.step_name, course.worker, started, ended, outcome, sentence, kind, cause, calls))
    course.happenings.extend(denials(course.worker, course.step_name, desk.left))
    course.keep(course.step_name, {}, desk.left)
    return failure


def _one(course: Course, desk: WorkerDesk, name: str, probe: Probe, facts: dict[str, Any]) -> Failed | None:
    system, _, operation = probe.read.partition(".")
    given = _given(probe, facts)
    try:
        with course.bench.watch.over(course.task.number, seconds=course.step.deadline):
            found = call(desk.call, system, operation, given)
    except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: whatever it raises is a failure of the step
        return understood(course, error, system=system)
    if type(found) is not _ANSWERS[probe.gives]:
        sentence = f"{probe.read} gave no {probe.gives}, which the probe {name} promises."
        return Failed(FailureClass.DETERMINISTIC, "contract", sentence)
    course.probed[name] = (given, {"value": found, "at": int(course.bench.now().timestamp())})
    return None


def _given(probe: Probe, facts: dict[str, Any]) -> dict[str, Any]:
    return {argument: value_at(facts, path) for argument, path in probe.given.items()}


def _note(course: Course, attempt: Attempt) -> None:
    """One row for what was looked up in a row: each rule is asked in its turn, so probes are made a few at a time."""
    last = course.attempts[-1] if course.attempts else None
    if last is not None and (last.step, last.outcome) == (attempt.step, "probed"):
        calls = last.calls + attempt.calls
        course.attempts[-1] = replace(attempt, started_at=last.started_at, calls=calls)
        return
    course.attempts.append(attempt)
