"""Lets a task wait for a blocker: one thing that is in the way, told once to one owner for all tasks that it stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import FailureClass, Rung, WaitingFor
from contracts.wording import duration
from engine import going_round
from engine.cost import cost_so_far
from engine.course import Course
from engine.outages import Outage
from engine.routing import people_asked
from engine.writes import Extra, both
from escalation import blockers
from escalation.blockers import Choice
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.outbox import Letter
from storage.transitions import Happening


@dataclass(frozen=True, slots=True)
class Hold:
    """What a blocked task keeps: its `subject`, its time to be looked at again, the effect (its key and tool) of which the
    owner has to find out whether it happened, what the owner is asked instead of whether to try again (`choice`), and the
    outage that it is a part of, which lanes share.
    """

    subject: bool = False
    looks_again: bool = True
    unknown_effect: tuple[str, str] | None = None
    choice: Choice | None = None
    outage: Outage | None = None


_LOOSE = Hold()


def block(
    course: Course,
    failure: Failed,
    reason: str,
    *,
    event: Event = Event.BLOCKED,
    action: str | None = None,
    hold: Hold = _LOOSE,
    beside: Extra | None = None,
    letters: Sequence[Letter] = (),
) -> None:
    """Let the task wait for a blocker that its owner is told of, once for all tasks with the same cause.

    It is its lane's own; that of an outage is shared with every lane whose trouble is put to the same people. One that
    is stopped at one place for ever another reason waits for a person in the end, on one blocker of its own.
    """
    if event is Event.BLOCKED and hold == _LOOSE:
        stop = going_round.stop(course, failure)
        beside = both(beside, _leaving(course, stop.before))
        if stop.is_last:
            failure, reason = stop.failure, stop.failure.sentence
            action, hold = "find out why its reason changes, then try again.", Hold(looks_again=False)
    _block(course, failure, reason, event=event, action=action, hold=hold, beside=beside, letters=letters)


def _leaving(course: Course, cause: str | None) -> Extra | None:
    """What ends the blocker that the task had waited on before, if nobody else waits on it."""
    if cause is None:
        return None
    return partial(blockers.leave, lane=course.task.lane, cause=cause, by=course.bench.actor)


def _block(
    course: Course,
    failure: Failed,
    reason: str,
    *,
    event: Event,
    action: str | None,
    hold: Hold,
    beside: Extra | None,
    letters: Sequence[Letter],
) -> None:
    lane, asked = course.lane.lane, hold.outage.asked if hold.outage is not None else people_asked(course)
    blocker = _blocker(course, failure, asked.owner, action, hold.outage)
    owner, cause = blocker.owner, blocker.cause
    again = lane.retries.look_again
    looked = f"Looked at again in {duration(again)}." if hold.looks_again else ""
    wait = f"{reason} {_owner(course, owner)} {looked}".strip()
    was_tried = [*course.told.get("tried", []), reason]
    course.told = {**course.told, "wait": wait}
    course.rung = Rung.HUMAN
    title = hold.outage.title if hold.outage is not None else lane.title
    left = f"wait: it is looked at again in {duration(again)}" if hold.looks_again else "nothing else"
    trouble = blockers.Trouble(title, was_tried, asked, left, cost_so_far, hold.unknown_effect, hold.choice)
    now = course.bench.now()
    identity = blockers.identity(blocker, now)
    columns = {
        **NO_LEASE,
        "waiting_for": WaitingFor.BLOCKER,
        "waiting_on": identity,
        "due_at": now + timedelta(seconds=again) if hold.looks_again else None,
        "tries": 0,
        "sentence": reason,
        "holds_subject": hold.subject,
    }
    happening = Happening(event, {"cause": cause, "owner": owner, "sentence": reason})

    def extra(unit: Unit) -> None:
        blockers.join(unit, blocker, identity, course.task, trouble)
        if beside is not None:
            beside(unit)

    course.commit([happening], columns, point="step", extra=extra, letters=letters)


def _blocker(
    course: Course, failure: Failed, owner: str, action: str | None, outage: Outage | None
) -> blockers.Blocker:
    cause = outage.system if outage is not None else failure.cause
    return blockers.Blocker(
        cause=cause,
        lane=course.task.lane,
        owner=owner,
        sentence=failure.sentence,
        action=action or f"mend {cause}, then try again.",
        system=outage.system if outage is not None else None,
        asks=outage.asks if outage is not None else None,
    )


def _owner(course: Course, owner: str) -> str:
    who = course.bench.requester(owner)
    return f"Owner: {who.name if who else owner}."


def cannot_take_back(course: Course, why: str, *, beside: Extra | None = None) -> None:
    """Have the lane's owner see to what could not be taken back: it is tried again only when they say so."""
    cause = f"undo of {course.task.name}"
    sentence = f"What {course.step_name} did for {course.task.name} could not be taken back. {why}"
    action = "take it back by hand and stop, or have it tried again."
    failure = Failed(FailureClass.JUDGMENT, cause, sentence)
    block(course, failure, sentence, action=action, hold=Hold(looks_again=False), beside=beside)
