"""The one door by which a request becomes a task, exactly once."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from contracts.contract import OBSERVE
from contracts.keepable import unkeepable
from contracts.lifecycle import Event
from contracts.loaded import LoadedLane
from contracts.priority import deadline_of
from contracts.vocabulary import Became, Message, Rung, TaskState
from contracts.wording import fill
from engine.deployment import Deployment
from engine.door import Passed
from engine.failures import plain
from escalation.missing import in_vain
from storage import deliveries, outbox
from storage.at_the_door import Asking, ChatUser, Newcomer, newcomers
from storage.database import Trips, Unit
from storage.directory import Person
from storage.failpoints import passing
from storage.outbox import Letter
from storage.tasks import Task
from storage.transitions import Beginning, Happening, begin

LOCKS_MS = 500
"""So long a round waits for somebody else's row: then each waits for itself, and one copy of a form holds nobody else up."""
_OBSERVES = "“{title}” only observes now: nobody can ask for it. {owner} decides when that changes."


log = structlog.get_logger()


class NotAccepted(ValueError):
    """This request can't become a task; the message says why and what would change it."""


class NotKnown(NotAccepted):
    """The record knows no active person behind that chat user; nothing was written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A confirmed request: `request` is the lane's request model as JSON, `form_key` is the same for every copy of it.

    `requester` is the id of a person, or the chat user of one: whoever asks there is looked up with all the rest.
    `origin` says where it was asked ({"surface", "team", "channel", "user"}), `delivery` is the key of the row that
    brought it, and `answer` what a notice to its requester needs besides its sentence.
    """

    lane: str
    requester: str | ChatUser
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
    """Another task on the same subject waits for a decision; its `requester`, if they asked by a delivery, gets a notice."""

    task: int
    sentence: str
    requester: str


def accept(deployment: Deployment, company: str, draft: Draft) -> Accepted | AlreadyAsked:
    """Make the task with its trail and its first message in one transaction, then wake a runner.

    Requests that come in at the same time share the transaction; no one's outcome depends on another's. Raises
    NotAccepted when the request does not fit its model, or the requester or the lane is unknown or the lane is not
    theirs to use; NotKnown when it is a chat user whom nobody knows.
    """
    lane = deployment.businesses[company].lanes.get(draft.lane)
    if lane is None:
        _no_such_lane(deployment, company, draft)
        raise NotAccepted(f"There is no lane {draft.lane}.")
    asked = _Asked(replace(draft, request=checked(lane, draft.request)), lane)
    together = partial(_accept_together, deployment, company)
    passed: Passed[_Asked, _Outcome] = deployment.door(company).enter(draft.form_key, asked, together)
    outcome, made = passed.outcome, passed.led
    if outcome is None:
        outcome = _accept_alone(deployment, company, asked)
        made = [(asked, outcome)]
    _wake(deployment, company, made)
    if isinstance(outcome, Exception):
        raise outcome
    if draft.delivery is not None and not (isinstance(outcome, Accepted) and outcome.new):
        _settle(deployment, company, draft.delivery, asked.draft, outcome)
    return outcome


def _no_such_lane(deployment: Deployment, company: str, draft: Draft) -> None:
    """Note who asked for it; raises NotKnown while nobody can say."""
    if isinstance(draft.requester, ChatUser):
        raise NotKnown
    with deployment.database.transaction(company) as unit:
        in_vain(unit, draft.requester, f"lane {draft.lane}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that fits its model, and its lane."""

    draft: Draft
    lane: LoadedLane

    @property
    def asking(self) -> Asking:
        return Asking(self.draft.form_key, self.draft.requester, self.draft.lane)

    @property
    def runtime(self) -> str:
        """Where its first step is worked."""
        lane = self.lane.lane
        return lane.workers[lane.steps[0].worker].runtime


_Outcome = Accepted | AlreadyAsked | Exception
"""What an asker is told; an exception is raised to them."""


def _accept_together(deployment: Deployment, company: str, asked: Sequence[_Asked]) -> Sequence[_Outcome | None]:
    """In one transaction; None for those who are to be accepted alone, since it did not come about."""
    if len(asked) == 1:
        return [_accept_alone(deployment, company, asked[0])]
    is_writing = False
    try:
        with deployment.database.trips(company, locks_ms=LOCKS_MS) as trips:
            unit, drafted = _drafts(trips, asked)
            is_writing = True
            return _begun(trips, unit, drafted)
    except Exception as error:  # noqa: BLE001 - one that can't be accepted spares the others
        log.warning("requests.not_together", company=company, count=len(asked), error=type(error).__name__)
        is_everybodys = isinstance(error, NoConnection) or (is_writing and _lost_the_connection(error))
        return [copy(error) if is_everybodys else None for _ in asked]


def _lost_the_connection(error: Exception) -> bool:
    """While it is written, nobody knows then whether it was: whoever asks once more is told of their task."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _accept_alone(deployment: Deployment, company: str, asked: _Asked) -> _Outcome:
    with deployment.database.trips(company) as trips:
        unit, drafted = _drafts(trips, [asked])
        try:
            return _begun(trips, unit, drafted)[0]
        except IntegrityError:
            # The same form was accepted by another process between our look and our insert.
            _, (found,) = newcomers(trips, [asked.asking])
            if found.before is None:
                raise
            return Accepted(found.before, False)


def _settle(
    deployment: Deployment, company: str, delivery: str, draft: Draft, outcome: Accepted | AlreadyAsked
) -> None:
    """Say that a delivery became nothing new, and tell of it: once, whoever comes to one that is handled tells nothing."""
    with deployment.database.transaction(company) as unit:
        if not deliveries.begin_handling(unit, delivery):
            return
        why = "already asked" if isinstance(outcome, AlreadyAsked) else "the same form was accepted before"
        deliveries.handled(unit, delivery, became=Became.TASK, reference=f"T-{outcome.task}", why=why)
        if isinstance(outcome, AlreadyAsked):
            details = {"sentence": outcome.sentence, **draft.answer}
            outbox.put(unit, Letter(Message.NOTICE, f"answer:{delivery}", person=outcome.requester, details=details))
    deployment.wakeups.courier()


def _wake(deployment: Deployment, company: str, made: Sequence[tuple[_Asked, _Outcome | None]]) -> None:
    """Call runners for the tasks that there are now, and the courier for what their askers are told."""
    new = [asked for asked, outcome in made if isinstance(outcome, Accepted) and outcome.new]
    if new:
        passing("intake.after_commit")
    for runtime, tasks in Counter(asked.runtime for asked in new).items():
        deployment.wakeups.wake_both(company, runtime, tasks)


def _drafts(trips: Trips, asked: Sequence[_Asked]) -> tuple[Unit, list[tuple[_Asked, Task | _Outcome]]]:
    """What is to be made of requests of different forms at one moment: a task, or nothing and what the asker is told."""
    unit, found = newcomers(trips, [one.asking for one in asked])
    return unit, [(one, _drafted(unit, one, newcomer)) for one, newcomer in zip(asked, found, strict=True)]


def _begun(trips: Trips, unit: Unit, drafted: Sequence[tuple[_Asked, Task | _Outcome]]) -> list[_Outcome]:
    """What came of each; nothing is written for those that can't become tasks."""
    # In one order everywhere: two processes that have the same forms would else wait for each other crosswise.
    in_order = sorted(drafted, key=lambda pair: pair[0].draft.form_key)
    beginnings = [_beginning(one, task) for one, task in in_order if isinstance(task, Task)]
    awaited: Mapping[int, int] = {}
    if beginnings:
        passing("intake.before_commit")
        awaited = begin(trips, unit, beginnings)
    return [_made(task, awaited) if isinstance(task, Task) else task for _, task in drafted]


def _drafted(unit: Unit, asked: _Asked, found: Newcomer) -> Task | _Outcome:
    """The task to be made of a request, or what its asker is told without one."""
    draft, lane = asked.draft, asked.lane
    if found.before is not None:
        return Accepted(found.before, False)
    if isinstance(draft.requester, ChatUser) and not (found.requester and found.requester.active):
        return NotKnown()
    if found.requester is None or not may_ask(lane, found.requester):
        return NotAccepted(not_open(lane))
    if found.stage == OBSERVE:
        return NotAccepted(_OBSERVES.format(title=lane.lane.title, owner=lane.lane.owner))
    return _draft(unit, draft, lane, found.requester, number=found.number)


def _made(task: Task, awaited: Mapping[int, int]) -> Accepted | AlreadyAsked:
    waiting = awaited.get(task.number)
    if waiting is None:
        return Accepted(task.number, True)
    sentence = f"Already asked: {task.subject} waits for a decision in T-{waiting}."
    return AlreadyAsked(waiting, sentence, task.requester)


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


def _beginning(asked: _Asked, task: Task) -> Beginning:
    draft, lane = asked.draft, asked.lane
    accepted = {
        "request": dict(draft.request),
        "requester": task.requester,
        "lane": lane.lane.lane,
        "contract": lane.hash,
        "delivery": draft.delivery,
    }
    released = {"step": task.step, "owner": lane.lane.owner, "worker": task.worker}
    happenings = [Happening(Event.ACCEPTED, accepted), Happening(Event.RELEASED, released)]
    told = Letter(Message.TASK, f"task:{task.number}", task=task.number)
    return Beginning(task, happenings, f"person:{task.requester}", told, draft.delivery)


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
        requester=requester.id,
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
    except ValidationError as error:
        raise NotAccepted(f"The request is not valid: {plain(_mistake(request, error))}.") from error
    unkept = unkeepable(document)
    if unkept is not None:
        raise NotAccepted(f"The request is not valid: {plain(unkept)}.")
    return document


def _mistake(request: Mapping[str, Any], error: ValidationError) -> str:
    """What is wrong first, and where; half a character can't be read, and then the model does not know its field."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else unkeepable(request) or first["msg"]


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
