"""Knows when each field of a task was read and where from, and which are too old for the step under way."""

from datetime import datetime
from typing import Any

from contracts.contract import Step
from contracts.failed import Failed
from contracts.loading.facts import KNOWN
from contracts.vocabulary import FailureClass
from contracts.wording import duration
from engine.course import Course
from engine.desk import Kept
from engine.trust import taken_fields


def mark(course: Course, step: Step, kept: Kept) -> None:
    """Note when what a step gave was read: the oldest of its reads, or of what it was made of when it read nothing."""
    if not course.lane.dates_fields:
        return
    had = course.way.get(KNOWN, {})
    dates = _read(kept) or [had[name] for name in sorted(taken_fields(course, step) & had.keys())]
    dates = dates or [{"at": int(course.bench.now().timestamp()), "source": step.worker}]
    sources = ", ".join(dict.fromkeys(one["source"] for one in dates))
    told = {"at": min(one["at"] for one in dates), "source": sources}
    course.way = {**course.way, KNOWN: {**had, step.writes: told}}


def confirm(course: Course, effect: str) -> None:
    """Note that what the step under way gave was read back from the world now, where its effect was seen."""
    if course.lane.dates_fields:
        told = {"at": int(course.bench.now().timestamp()), "source": effect}
        course.way = {**course.way, KNOWN: {**course.way.get(KNOWN, {}), course.step.writes: told}}


def _read(kept: Kept) -> list[dict[str, Any]]:
    times = [datetime.fromisoformat(one.get("as_of", one["at"])) for one in kept.reads]
    return [{"at": int(at.timestamp()), "source": one["what"]} for at, one in zip(times, kept.reads, strict=True)]


def readers(course: Course) -> tuple[Step, ...]:
    """The steps that write what has to be fresh for the step under way, in the order of the lane."""
    wanted = course.step.fresh
    return tuple(step for step in course.lane.lane.steps if step.writes in wanted) if wanted else ()


def too_old(course: Course) -> tuple[str, ...]:
    """The names of those among them whose fields are older now than the step wants; what was left out has no age."""
    there = [step for step in readers(course) if course.state.get(step.writes) is not None]
    return tuple(step.name for step in there if _age(course, step.writes) > course.step.fresh[step.writes])


def _age(course: Course, field: str) -> int:
    return int(course.bench.now().timestamp()) - int(course.dated(field)["at"])


def still_old(course: Course, name: str) -> Failed:
    """That a field is too old although it was read again just now: its source lags, and may have caught up later."""
    field = course.lane.lane.step(name).writes
    source = course.dated(field)["source"]
    sentence = (
        f"{field.replace('_', ' ').capitalize()} is {duration(_age(course, field))} old although it was just read again from "
        f"{source}, and {course.step_name} needs it at most {duration(course.step.fresh[field])} old."
    )
    return Failed(FailureClass.TRANSIENT, f"stale {field}", sentence)
