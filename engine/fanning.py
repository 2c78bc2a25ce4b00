"""Keeps what becomes of the items of a step that is done for each of a list: done, refused, failed, or still to be tried."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.canonical import digest
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import FailureCase, FailureClass, ItemState
from contracts.wording import fill
from engine.course import Course
from engine.desk import Kept
from engine.fan_out import FanOut
from engine.writes import Extra
from storage.items import Item
from storage.transitions import Happening

OUTAGE = 3
"""So many failures of one cause in a row, each of which may pass by itself, are an outage: the list is not gone through."""


def the(course: Course) -> FanOut:
    """The items of the step under way; LookupError where it is done once."""
    if course.fan_out is None:
        raise LookupError(f"{course.step_name} is not done for each of a list")
    return course.fan_out


def _at_work(course: Course) -> Item:
    if course.item is None:
        raise LookupError(f"no item of {course.step_name} is at work")
    return course.item


def change(course: Course, item: Item) -> None:
    """Hold what has become of an item until the next commit."""
    fan_out = the(course)
    fan_out.items[item.ordinal] = fan_out.changed[item.ordinal] = item


def take_in(course: Course, output: dict[str, Any]) -> None:
    """The item at work came out well."""
    change(course, replace(_at_work(course), state=ItemState.DONE, output=output, sentence=""))
    the(course).ends(course.ordinal)
    progress(course)


def put_down(course: Course) -> None:
    """No item is at work any more."""
    the(course).at_work = None


def item_done(course: Course, output: Mapping[str, Any], kept: Kept | None = None) -> Happening:
    """The event of an item that came out well; as with a step, the trail keeps its output's digest."""
    evidence = {artifact.name: artifact.digest for artifact in kept.artifacts} if kept else {}
    reads = kept.reads if kept else []
    content = {"step": course.step_name, "item": course.ordinal, "output": digest(dict(output))}
    return Happening(Event.ITEM_DONE, {**content, "reads": reads, "evidence": evidence})


def leave(
    course: Course,
    state: ItemState,
    sentence: str,
    *,
    rule: str = "",
    reads: Mapping[str, Any] | None = None,
    beside: Extra | None = None,
) -> None:
    """Commit that the item at work is refused or failed, and let the list go on."""
    item = _at_work(course)
    change(course, replace(item, state=state, rule=rule, sentence=sentence))
    the(course).ends(item.ordinal)
    progress(course)
    content = {"step": course.step_name, "item": item.ordinal, "outcome": state, "rule": rule, "sentence": sentence}
    left = Happening(Event.ITEM_LEFT, {**content, "reads": dict(reads or {})})
    course.commit([left], {"tries": 0}, point="step", extra=beside)
    put_down(course)
    course.turned = True


def after_failure(course: Course, failure: Failed, *, beside: Extra | None) -> None:
    """An item that may come out well later waits for the next pass over the list; any other is left over."""
    item = _at_work(course)
    if failure.kind is not FailureClass.TRANSIENT:
        leave(course, ItemState.FAILED, failure.sentence, beside=beside)
        return
    change(course, replace(item, sentence=failure.sentence, tries=item.tries + 1))
    the(course).fails(item.ordinal, failure)
    put_down(course)
    course.turned = True


def ends_pass(fan_out: FanOut) -> bool:
    """Whether no other item is tried for now: something is down, or the other side asks to be left alone for a while."""
    return is_outage(fan_out) or any(map(_asks_for_rest, fan_out.failures[-1:]))


def _asks_for_rest(failure: Failed) -> bool:
    return failure.case == FailureCase.RATE_LIMIT or bool(failure.retry_after_s)


def is_outage(fan_out: FanOut) -> bool:
    """Whether the latest failures look like one thing that is down, and not like items that are hard."""
    latest = [failure.cause for failure in fan_out.failures[-OUTAGE:]]
    return len(latest) == OUTAGE and len(set(latest)) == 1


def progress(course: Course) -> None:
    """Tell how far the list has come, such as “Checking prospects: 41 of 68 checked.”"""
    states = [item.state for item in the(course).items.values()]
    done, left = states.count(ItemState.DONE), sum(s in (ItemState.REFUSED, ItemState.FAILED) for s in states)
    told = fill(course.step.progress, course.facts(course.task.accepted_at), course.lane.schemas[course.step_name])
    beside = f", {left} left over" if left else ""
    line = f"{told.rstrip('.')}: {done} of {len(states)} {course.step.counted}{beside}."
    course.told = {**course.told, "progress": line}
