"""The one door by which a request becomes a task, exactly once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rfc8785 import CanonicalizationError
from sqlalchemy.exc import IntegrityError

from contracts.canonical import canonical
from contracts.contract import OBSERVE
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.priority import deadline_of
from contracts.vocabulary import Became, Message, Rung, TaskState
from contracts.wording import fill
from engine.deployment import Deployment
from escalation.missing import in_vain
from storage import deliveries, outbox
from storage.at_the_door import Newcomer, newcomer
from storage.database import Unit
from storage.directory import Person
from storage.failpoints import passing
from storage.outbox import Letter
from storage.tasks import Task
from storage.transitions import Happening, begin

_OBSERVES = "“{title}” only observes now: nobody can ask for it. {owner} decides when that changes."


class NotAccepted(ValueError):
    """This request can't become a task; the message says why and what would change it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A confirmed request: `request` is the lane's request model as JSON, `form_key` is the same for every copy of it.

    `origin` says where it was asked ({"surface", "team", "channel", "user"}), `delivery` is the key of the row that
    brought it, and `answer` what a notice to its requester needs besides its sentence.
    """

    lane: str
    requester: str
    request: Mapping[str, Any]
    origin: Mapping[str, Any]
    form_key: str
    delivery: str | None
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The task that the request became; `new` is False when it already was one."""

    task: int
    new: bool


@dataclass(frozen=True, slots=True)
class AlreadyAsked:
    """Another task on the same subject waits for a decision; who asked by a delivery is told so by a notice."""

    task: int
    sentence: str


def accept(deployment: Deployment, company: str, draft: Draft) -> Accepted | AlreadyAsked:
    """Make the task with its trail and its first message in one transaction, then wake a runner.

    Raises NotAccepted when the request does not fit its model, or the requester or the lane is unknown or the lane is
    not theirs to use.
    """
    lane = deployment.businesses[company].lanes.get(draft.lane)
    if lane is None:
        with deployment.database.transaction(company) as unit:
            in_vain(unit, draft.requester, f"lane {draft.lane}")
        raise NotAccepted(f"There is no lane {draft.lane}.")
    draft = replace(draft, request=checked(lane, draft.request))
    accepted = _in_one_transaction(deployment, company, draft, lane)
    passing("intake.after_commit")
    if isinstance(accepted, Accepted) and accepted.new:
        deployment.wakeups.wake_both(company, lane.lane.workers[lane.lane.steps[0].worker].runtime)
    else:
        deployment.wakeups.courier()
    return accepted


def _in_one_transaction(
    deployment: Deployment, company: str, draft: Draft, lane: LoadedLane
) -> Accepted | AlreadyAsked:
    try:
        with deployment.database.transaction(company) as unit:
            return _accept(unit, draft, lane)
    except IntegrityError:
        # The same form was accepted by another process between our look and our insert.
        with deployment.database.transaction(company) as unit:
            found = _newcomer(unit, draft)
            if found.before is None:
                raise
            return _accepted_before(unit, draft, found.before)


def _accept(unit: Unit, draft: Draft, lane: LoadedLane) -> Accepted | AlreadyAsked:
    found = _newcomer(unit, draft)
    if found.before is not None:
        return _accepted_before(unit, draft, found.before)
    if found.requester is None or not may_ask(lane, found.requester):
        raise NotAccepted(not_open(lane))
    if found.stage == OBSERVE:
        raise NotAccepted(_OBSERVES.format(title=lane.lane.title, owner=lane.lane.owner))
    task = _draft(unit, draft, lane, found.requester, number=found.number)
    awaited = _begin(unit, task, draft, lane)
    if awaited is not None:
        return _already_asked(unit, draft, awaited, task.subject)
    passing("intake.before_commit")
    return Accepted(task.number, True)


def _newcomer(unit: Unit, draft: Draft) -> Newcomer:
    return newcomer(unit, form_key=draft.form_key, requester=draft.requester, lane=draft.lane)


def _already_asked(unit: Unit, draft: Draft, waiting: int, subject: str) -> AlreadyAsked:
    """Told in the transaction that settles the delivery: whoever looks at it again would not tell it any more."""
    sentence = f"Already asked: {subject} waits for a decision in T-{waiting}."
    _handled(unit, draft, f"T-{waiting}", "already asked")
    if draft.delivery is not None:
        details = {"sentence": sentence, **draft.answer}
        told = Letter(Message.NOTICE, f"answer:{draft.delivery}", person=draft.requester, details=details)
        outbox.put(unit, told)
    return AlreadyAsked(waiting, sentence)


def may_ask(lane: LoadedLane, who: Person) -> bool:
    """Whether a person may use a lane that does more than observe: `everyone`, `group:x` or `person:x`."""
    rights = {"everyone", f"person:{who.id}", *(f"group:{group}" for group in who.groups)}
    return who.active and not lane.only_observes and bool(rights & set(lane.lane.may_ask))


def not_open(lane: LoadedLane, owner: str | None = None) -> str:
    """What whoever may not ask is told; `owner` is the lane owner's name, where it is at hand."""
    title, owner = lane.lane.title, owner or lane.lane.owner
    if lane.only_observes:
        return f"“{title}” only observes so far: nobody can ask for it yet. {owner} decides when that changes."
    return f"“{title}” is not open to you. Ask {owner} for access."


def _accepted_before(unit: Unit, draft: Draft, number: int) -> Accepted:
    _handled(unit, draft, f"T-{number}", "the same form was accepted before")
    return Accepted(number, False)


def _handled(unit: Unit, draft: Draft, reference: str, why: str) -> None:
    if draft.delivery is not None:
        deliveries.handled(unit, draft.delivery, became=Became.TASK, reference=reference, why=why)


def _begin(unit: Unit, task: Task, draft: Draft, lane: LoadedLane) -> int | None:
    asked = {
        "request": dict(draft.request),
        "requester": draft.requester,
        "lane": lane.lane.lane,
        "contract": lane.hash,
        "delivery": draft.delivery,
    }
    released = {"step": task.step, "owner": lane.lane.owner, "worker": task.worker}
    happenings = [Happening(Event.ACCEPTED, asked), Happening(Event.RELEASED, released)]
    told = Letter(Message.TASK, f"task:{task.number}", task=task.number)
    return begin(unit, task, happenings, actor=f"person:{draft.requester}", told=told, delivery=draft.delivery)


def _draft(unit: Unit, draft: Draft, lane: LoadedLane, requester: Person, *, number: int) -> Task:
    step, asked = lane.lane.steps[0], as_asked(lane, draft.request, requester, since=unit.now)
    worker = lane.lane.workers[step.worker]
    return Task(
        company=unit.company,
        number=number,
        lane=lane.lane.lane,
        lane_hash=lane.hash,
        worker=step.worker,
        step=step.name,
        runtime=worker.runtime,
        state=TaskState.DRAFTED,
        version=0,
        rung=Rung.SELF,
        waiting_for=None,
        waiting_on=None,
        sentence="",
        told=asked.told,
        due_at=unit.now,
        lease_runner=None,
        lease_alone=False,
        fence=0,
        deaths=0,
        tries=0,
        deadline=asked.deadline,
        subject=asked.subject,
        holds_subject=False,
        requester=draft.requester,
        request=dict(draft.request),
        facts={},
        way={},
        origin=dict(draft.origin),
        form_key=draft.form_key,
        accepted_at=unit.now,
        ended_at=None,
        trail_seq=0,
        trail_hash="",
    )


def checked(lane: LoadedLane, request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as its model has it, and as the record can keep it (RFC 8785 numbers; PostgreSQL keeps no NUL).

    Raises NotAccepted.
    """
    try:
        document = lane.request_model.model_validate_json(json.dumps(dict(request))).model_dump(mode="json")
        if b"\\u0000" in canonical(document).replace(b"\\\\", b""):
            raise NotAccepted("The request holds a character that can't be kept.")
    except ValidationError as error:
        first = error.errors()[0]
        raise NotAccepted(f"The request is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except CanonicalizationError as error:
        raise NotAccepted("The request holds a number or a character that can't be kept.") from error
    return document


@dataclass(frozen=True, slots=True)
class AsAsked:
    """What follows for a task from its request alone: whom or what it is about, what is told of it, until when."""

    subject: str
    told: dict[str, Any]
    deadline: datetime | None


def as_asked(lane: LoadedLane, request: Mapping[str, Any], requester: Person, *, since: datetime) -> AsAsked:
    """What a request means in its lane; `since` is when the task was accepted."""
    facts = {"request": request, "person": {"id": requester.id, "name": requester.name, "role": requester.role}}
    told = {
        "summary": fill(lane.lane.tell.accepted, facts, lane.schema),
        "promise": lane.lane.tell.promise,
        "owner": lane.lane.workers[lane.lane.steps[-1].worker].job,
    }
    return AsAsked(fill(lane.lane.subject, facts, lane.schema), told, deadline_of(lane.lane, request, since))
