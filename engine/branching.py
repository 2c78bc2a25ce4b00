"""Chooses which step a task takes next, and lets other branches go first when one has to wait."""

from typing import Any

from contracts.graph import takeable
from contracts.lifecycle import Event
from contracts.vocabulary import Rung
from engine.course import Course
from storage.transitions import Happening

PUT_OFF = "put_off"


def advance(course: Course) -> bool:
    """Go on to the next step after one was finished; False when none is left, so that the task can be completed.

    Steps that were put off come last, with the tries that they have had.
    """
    put_off = _without(course, course.step_name)
    open_ones = takeable(course.lane.lane, course.state)
    if not open_ones:
        return False
    step = next((one for one in open_ones if one.name not in put_off), open_ones[0])
    had = put_off.get(step.name, {})
    course.turn_to(
        step.name,
        tries=had.get("tries", 0),
        rung=Rung(had.get("rung", Rung.SELF)),
        peer=had.get("peer"),
        again=bool(had),
    )
    return True


def goes_on_elsewhere(course: Course, sentence: str, *, tries: int) -> bool:
    """Whether another branch is taken instead of waiting; the step that can't go on is then put off.

    A step is put off once: when its turn comes again and it still can't go on, the task waits for it.
    """
    put_off = course.way.get(PUT_OFF, {})
    if course.stays or course.stand_in:
        return False
    left = {course.step_name, *put_off}
    others = [one for one in takeable(course.lane.lane, course.state) if one.name not in left]
    if not others:
        return False
    content = {"step": course.step_name, "sentence": sentence, "meanwhile": others[0].name}
    course.happenings.append(Happening(Event.PUT_OFF, content))
    had = {"tries": tries, "rung": course.rung, "peer": course.peer}
    course.way = {**course.way, PUT_OFF: {**put_off, course.step_name: had}}
    course.turn_to(others[0].name)
    course.turned = True
    return True


def has_turned(course: Course) -> bool:
    """Whether the course has turned to another branch since this was asked last."""
    turned, course.turned = course.turned, False
    return turned


def _without(course: Course, step: str) -> dict[str, Any]:
    """The steps that are put off, this one no longer among them."""
    put_off: dict[str, Any] = course.way.get(PUT_OFF, {})
    if step in put_off:
        put_off = {name: had for name, had in put_off.items() if name != step}
        course.way = {**course.way, PUT_OFF: put_off}
    return put_off
