"""Ends a task that can't be done, refused or failed, once what it changed was taken back as far as its contract says."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import ItemState, Message
from engine import fanning, undoing
from engine.course import Course
from engine.writes import Extra
from escalation.undoing import Ending
from storage.outbox import Letter
from storage.transitions import Happening


def refuse(
    course: Course,
    rule: str,
    sentence: str,
    reads: Mapping[str, Any],
    *,
    letters: Sequence[Letter] = (),
    beside: Extra | None = None,
) -> None:
    """End the task because a requirement does not hold; what it would have changed next was not changed."""
    if course.item is not None:
        fanning.leave(course, ItemState.REFUSED, sentence, rule=rule, reads=reads, beside=beside)
        return
    ends = Ending(Event.REFUSED, sentence, {"rule": rule, "sentence": sentence, "reads": dict(reads)})
    if not undoing.begins(course, ends, beside=beside, letters=letters):
        end(course, ends, beside=beside, letters=letters)


def fail(course: Course, failure: Failed, reason: str, *, beside: Extra | None = None) -> None:
    """End the task because the same attempt would fail again; the lane's owner is told."""
    if course.item is not None:
        fanning.leave(course, ItemState.FAILED, reason, beside=beside)
        return
    ends = Ending(Event.FAILED, reason, {"class": failure.kind, "cause": failure.cause, "sentence": reason})
    if not undoing.begins(course, ends, beside=beside):
        end(course, ends, beside=beside)


def end(course: Course, ends: Ending, *, beside: Extra | None = None, letters: Sequence[Letter] = ()) -> None:
    """Commit that the task has ended so; of a failure the lane's owner is told."""
    course.told = {**course.told, "end": ends.sentence}
    notices = [*letters, *([_notice(course, ends)] if ends.event is Event.FAILED else [])]
    happening = Happening(ends.event, ends.content)
    course.commit([happening], {"sentence": ends.sentence}, point="step", extra=beside, letters=notices)


def _notice(course: Course, ends: Ending) -> Letter:
    number = course.task.number
    details = {"sentence": f"{course.task.name} failed: {ends.sentence}"}
    return Letter(Message.NOTICE, f"failed:{number}", person=course.lane.lane.owner, task=number, details=details)
