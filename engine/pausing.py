"""How a task stops for a while or for good: retry, blocker, refusal, failure; each with an owner and a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.canonical import canonical
from contracts.failed import Failed
from contracts.lifecycle import Event
from contracts.vocabulary import Message, Rung, WaitingFor
from contracts.wording import duration
from engine import branching
from engine.cost import cost_so_far
from engine.course import Course, Extra
from escalation import blockers
from escalation.ladder import MoveKind, next_move
from escalation.packet import Packet
from storage.artifacts import Artifact
from storage.database import Unit
from storage.outbox import Letter
from storage.transitions import Happening

_REST: Mapping[str, Any] = {"lease_runner": None, "lease_alone": False, "deaths": 0}


@dataclass(frozen=True, slots=True)
class Hold:
    """What a blocked task keeps: its `subject`, its time to be looked at again, and the effect (its key) of which the
    owner has to find out whether it happened.
    """

    subject: bool = False
    looks_again: bool = True
    unknown_effect: str | None = None


_LOOSE = Hold()


def after_failure(course: Course, failure: Failed, *, holds_subject: bool = False, not_before_s: float = 0.0) -> None:
    """Make the ladder's next move after a failed try and commit it; with an open effect the subject stays held."""
    tries = course.task.tries + 1
    chance = course.bench.chance()
    move = next_move(course.lane.lane.retries, failure, tries=tries, chance=chance, peer=_untried_peer(course))
    waits = move.kind in (MoveKind.RETRY, MoveKind.BLOCK) and not holds_subject
    if waits and branching.goes_on_elsewhere(course, move.reason, tries=tries):
        return
    if move.kind is MoveKind.FAIL:
        fail(course, failure, move.reason)
    elif move.kind is MoveKind.RETRY:
        wait = max(move.wait_s or 0.0, not_before_s)
        _retry(course, failure, move.reason, wait, tries=tries, holds_subject=holds_subject)
    elif move.kind is MoveKind.PEER:
        delegate(course, failure, move.reason, tries=tries, holds_subject=holds_subject)
    else:
        block(course, failure, move.reason, hold=Hold(subject=holds_subject))


def _untried_peer(course: Course) -> str | None:
    step = course.step
    if course.rung is not Rung.SELF or step.peer is None:
        return None
    return f"{course.lane.lane.workers[step.peer].job} on {course.lane.lane.workers[step.peer].runtime}"


def delegate(course: Course, failure: Failed, reason: str, *, tries: int, holds_subject: bool) -> None:
    """Route the step to its peer with a packet that has everything; the originator still owns the outcome."""
    packet = _packet(course, failure, reason)
    originator, course.rung = course.worker, Rung.PEER
    kept = Artifact(
        f"packet-{course.step_name}.json", "application/json", canonical(packet.document()), course.step_name
    )
    course.told = {**course.told, "wait": reason, "tried": [*course.told.get("tried", []), reason]}
    content = {"from": originator, "to": course.worker, "cause": failure.cause, "packet": kept.digest, "tries": tries}
    columns = {**_REST, "due_at": course.bench.now(), "tries": 0, "sentence": reason, "holds_subject": holds_subject}
    course.papers.append(kept)
    course.commit([Happening(Event.DELEGATED, content)], columns, point="step")
    course.bench.deployment.wakeups.wake(course.task.company, course.task.runtime)


def _packet(course: Course, failure: Failed, reason: str) -> Packet:
    lane, step = course.lane.lane, course.step
    worker = lane.workers[step.worker]
    known = ", ".join(sorted(course.state)) or "nothing yet"
    return Packet(
        subproblem=f"{step.name} of {course.task.name}: {course.task.told['summary']}",
        context=f"Subject {course.task.subject}; known so far: {known}. {failure.sentence}",
        tried=reason,
        desired_output=step.gives.partition(":")[2],
        success_condition=f"{worker.outcome}. {lane.tell.promise}",
        rights=f"reads {', '.join(worker.reads) or 'nothing'}; changes {', '.join(worker.writes) or 'nothing'}",
        originator=worker.job,
    )


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


def defer(course: Course, cause: str, sentence: str, until: datetime) -> None:
    """Let the task wait until there is room again for what it needs; nobody is asked, and it is tried again by itself."""
    content = {"cause": cause, "sentence": sentence, "until": until.isoformat()}
    course.told = {**course.told, "wait": sentence}
    columns = {
        **_REST,
        "waiting_for": WaitingFor.TIME,
        "waiting_on": cause,
        "due_at": until,
        "sentence": sentence,
        "holds_subject": False,
    }
    course.commit([Happening(Event.DEFERRED, content)], columns, point="step")


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
    """Let the task wait for a blocker that its lane owner is told of, once for all tasks with the same cause."""
    lane = course.lane.lane
    blocker = blockers.Blocker(
        cause=failure.cause,
        lane=course.task.lane,
        owner=lane.owner,
        sentence=failure.sentence,
        action=action or f"mend {failure.cause}, then try again.",
    )
    again = lane.retries.look_again
    looked = f"Looked at again in {duration(again)}." if hold.looks_again else ""
    wait = f"{reason} {_owner(course, lane.owner)} {looked}".strip()
    tried = [*course.told.get("tried", []), reason]
    course.told = {**course.told, "wait": wait}
    course.rung = Rung.HUMAN
    last_resort = course.bench.business.company.last_resort
    trouble = blockers.Trouble(
        lane.title, tried, last_resort, looked or "nothing else", cost_so_far, hold.unknown_effect
    )
    now = course.bench.now()
    identity = blockers.identity(blocker, now)
    columns = {
        **_REST,
        "waiting_for": WaitingFor.BLOCKER,
        "waiting_on": identity,
        "due_at": now + timedelta(seconds=again) if hold.looks_again else None,
        "tries": 0,
        "sentence": reason,
        "holds_subject": hold.subject,
    }
    happening = Happening(event, {"cause": failure.cause, "owner": lane.owner, "sentence": reason})

    def extra(unit: Unit) -> None:
        blockers.join(unit, blocker, identity, course.task, trouble)
        if beside is not None:
            beside(unit)

    course.commit([happening], columns, point="step", extra=extra, letters=letters)


def _owner(course: Course, owner: str) -> str:
    who = course.bench.requester(owner)
    return f"Owner: {who.name if who else owner}."


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
        details={"sentence": f"{course.task.name} failed: {reason}"},
    )
    course.commit(
        [Happening(Event.FAILED, content)], {"sentence": reason}, point="step", extra=beside, letters=[notice]
    )
