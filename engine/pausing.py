"""How a task stops for a while or for good: retry, blocker, refusal, failure; each with an owner and a sentence."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import Message, WaitingFor
from contracts.wording import duration
from engine import blockers
from engine.course import Course, Extra
from escalation.ladder import MoveKind, next_move
from storage.database import Unit
from storage.outbox import Letter
from storage.transitions import Happening

_REST: Mapping[str, Any] = {"lease_runner": None, "lease_alone": False, "deaths": 0}


def after_failure(course: Course, failure: Failed, *, holds_subject: bool = False, not_before_s: float = 0.0) -> None:
    """Make the ladder's next move after a failed try and commit it; with an open effect the subject stays held."""
    tries = course.task.tries + 1
    chance = course.bench.chance()
    move = next_move(course.lane.lane.retries, failure, tries=tries, chance=chance)
    if move.kind is MoveKind.FAIL:
        fail(course, failure, move.reason)
    elif move.kind is MoveKind.RETRY:
        wait = max(move.wait_s or 0.0, not_before_s)
        _retry(course, failure, move.reason, wait, tries=tries, holds_subject=holds_subject)
    else:
        block(course, failure, move.reason, holds_subject=holds_subject)


def _retry(course: Course, failure: Failed, reason: str, wait_s: float, *, tries: int, holds_subject: bool) -> None:
    content = {"class": failure.kind, "cause": failure.cause, "sentence": reason, "try": tries, "wait_s": wait_s}
    course.told = {**course.told, "wait": reason}
    columns = {
        **_REST,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": failure.cause,
        "due_at": course.bench.now() + timedelta(seconds=wait_s),
        "tries": tries,
        "sentence": reason,
        "holds_subject": holds_subject,
    }
    course.commit([Happening(Event.RETRY_SET, content)], columns, point="step")


def block(
    course: Course,
    failure: Failed,
    reason: str,
    *,
    event: Event = Event.BLOCKED,
    holds_subject: bool = False,
    looks_again: bool = True,
    beside: Extra | None = None,
    letters: Sequence[Letter] = (),
) -> None:
    """Let the task wait for a blocker that its lane owner is told of, once for all tasks with the same cause."""
    lane = course.lane.lane
    blocker = blockers.Blocker(
        cause=failure.cause,
        lane=course.task.lane,
        owner=lane.owner,
        sentence=failure.sentence,
        action=f"Mend {failure.cause}, then press “Try again”.",
    )
    again = lane.retries.look_again
    wait = f"{reason} {blockers.owner_words(course.bench, lane.owner)}"
    wait += f" Looked at again in {duration(again)}." if looks_again else ""
    course.told = {**course.told, "wait": wait}
    now = course.bench.now()
    identity = blockers.identity(blocker, now)
    columns = {
        **_REST,
        "waiting_for": WaitingFor.BLOCKER,
        "waiting_on": identity,
        "due_at": now + timedelta(seconds=again) if looks_again else None,
        "tries": 0,
        "sentence": reason,
        "holds_subject": holds_subject,
    }
    happening = Happening(event, {"cause": failure.cause, "owner": lane.owner, "sentence": reason})

    def extra(unit: Unit) -> None:
        blockers.join(unit, blocker, identity, course.task.number)
        if beside is not None:
            beside(unit)

    course.commit([happening], columns, point="step", extra=extra, letters=letters)


def refuse(
    course: Course, rule: str, sentence: str, reads: Mapping[str, Any], *, letters: Sequence[Letter] = ()
) -> None:
    """End the task because a requirement does not hold; nothing was changed."""
    content = {"rule": rule, "sentence": sentence, "reads": dict(reads)}
    course.told = {**course.told, "end": sentence}
    course.commit([Happening(Event.REFUSED, content)], {"sentence": sentence}, point="step", letters=letters)


def fail(course: Course, failure: Failed, reason: str, *, beside: Extra | None = None) -> None:
    """End the task because the same attempt would fail again; the lane's owner is told."""
    content = {"class": failure.kind, "cause": failure.cause, "sentence": reason}
    course.told = {**course.told, "end": reason}
    owner = course.lane.lane.owner
    notice = Letter(
        Message.NOTICE,
        f"failed:{course.task.number}",
        person=owner,
        task=course.task.number,
        details={"sentence": f"{course.task.name} failed: {reason}", "action": None},
    )
    course.commit(
        [Happening(Event.FAILED, content)], {"sentence": reason}, point="step", extra=beside, letters=[notice]
    )
