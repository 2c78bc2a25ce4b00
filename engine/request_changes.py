"""Lets the requester change what they have asked for, while nothing of it has been done: checked, recorded, begun anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts.answers import OutcomeKind
from contracts.canonical import digest
from contracts.contract import OBSERVE
from contracts.lifecycle import Event, Mover
from contracts.loaded import LoadedLane
from contracts.vocabulary import ENDED, TaskState
from contracts.wording import shown
from engine.beginning_anew import begun_anew, let_go
from engine.deployment import Deployment
from engine.intake import NotAccepted, as_asked, checked, may_ask, not_open
from engine.versions import LaneMissing, lane_of
from escalation.approvals import rival
from escalation.approvers import named
from escalation.cancelling import happened, has_changed_something, unsettled
from escalation.decisions import Outcome
from escalation.missing import in_vain
from escalation.telling import tell
from escalation.undoing import ENDING
from escalation.wishes import NEW_REQUEST, NewRequest, new_request_of, wish_of
from escalation.withdrawing import lock_around
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person, person
from storage.tables.standing import standings
from storage.tasks import Task, TaskNotFound, load
from storage.transitions import Change, Happening, move

SEEN = 16
"""How much of a request's digest says which request somebody has looked at."""


class NotToChange(ValueError):
    """What this task was asked for can't be changed now; `str()` says why, and what can be done instead."""

    def __init__(self, kind: OutcomeKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a task's request to be: the whole of it, as JSON.

    `saw` is `seen_as` of the request that they had before them: what was changed meanwhile is not overwritten.
    """

    task: int
    person: str
    via: str
    request: Mapping[str, Any]
    saw: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ToChange:
    """What can be changed: the request as it stands, in the version of its lane that the task runs under."""

    task: Task
    lane: LoadedLane
    requester: Person
    request: Mapping[str, Any]


def seen_as(request: Mapping[str, Any]) -> str:
    """Which request somebody has looked at: the beginning of its digest."""
    return digest(request)[:SEEN]


def differences(lane: LoadedLane, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two requests of a lane, as people read it: "Amount: 42.00 USD → 30.00 USD"."""
    fields = lane.request_model.model_fields
    return [
        f"{fields[name].title or name.replace('_', ' ').capitalize()}: {shown_in(lane, name, before)} → {shown_in(lane, name, after)}"
        for name in fields
        if before.get(name) != after.get(name)
    ]


def shown_in(lane: LoadedLane, name: str, request: Mapping[str, Any]) -> str:
    """A value in a few words; what is personal is told whole or not at all, so that erasing finds it again."""
    value, kind = request.get(name), lane.schema.at(f"request.{name}")
    if value is None or value == "":
        return "nothing"
    if isinstance(value, list | dict):
        return f"{len(value)} entries"
    told = shown(value, kind)
    cut = kind is not None and kind.personal and told.endswith("…") and told != value
    return f"{len(str(value))} characters" if cut else told


def offer(deployment: Deployment, unit: Unit, task: int, person_id: str) -> ToChange | Outcome:
    """What this person can change of a task now, or why not; that they tried stays on record then."""
    try:
        return _to_change(deployment, unit, task, person_id)
    except NotToChange as refusal:
        return _refused(unit, task, person_id, refusal)


def _refused(unit: Unit, task: int, person_id: str, refusal: NotToChange) -> Outcome:
    content = {"task": f"T-{task}", "why": refusal.kind}
    note(unit, f"person:{person_id}", Said("change_refused", f"person:{person_id}", content))
    return Outcome(refusal.kind, str(refusal))


def _to_change(deployment: Deployment, unit: Unit, task: int, person_id: str) -> ToChange:
    try:
        lock_around(unit, load(unit, task))
        row = load(unit, task, lock=True)
    except TaskNotFound as missing:
        in_vain(unit, person_id, f"task T-{task}")
        raise NotToChange(OutcomeKind.UNKNOWN, f"There is no task T-{task}.") from missing
    who = _entitled(unit, row, person_id)
    _still_open(unit, row)
    lane = _lane(deployment, unit, row, who)
    pending = new_request_of(row)
    return ToChange(row, lane, who, pending.request if pending is not None else row.request)


def _entitled(unit: Unit, task: Task, person_id: str) -> Person:
    """Only who asked: anybody else would ask in their name, and might be the one who approves it."""
    who = person(unit, person_id)
    if who is None or not who.active:
        raise NotToChange(OutcomeKind.INACTIVE, "Your account is not active here, so you can't change this.")
    if person_id != task.requester:
        sentence = f"Only {named(unit, task.requester)} can change what {task.name} asks for; your try is on record."
        raise NotToChange(OutcomeKind.NOT_ENTITLED, sentence)
    return who


def _still_open(unit: Unit, task: Task) -> None:
    if task.state in ENDED:
        told = task.told.get("done") or task.sentence or task.told["summary"]
        wrong = " If it was done wrongly, press “Something is wrong” there." if task.state is TaskState.DONE else ""
        sentence = f"{task.name} has ended already: {told.rstrip('.')}. Ask anew for what you want now.{wrong}"
        raise NotToChange(OutcomeKind.ALREADY, sentence)
    if wish_of(task) is not None or ENDING in task.way:
        raise NotToChange(OutcomeKind.ALREADY, f"{task.name} is being cancelled. Ask anew for what you want now.")
    tool = unsettled(unit, task)
    if tool is not None:
        raise NotToChange(OutcomeKind.NOT_OFFERED, _under_way(task, tool))
    if has_changed_something(unit, task):
        way_out = "Cancel it, which says what becomes of that, and ask anew for what you want now."
        sentence = f"It is too late to change {task.name}. {happened(unit, task)} {way_out}"
        raise NotToChange(OutcomeKind.NOT_OFFERED, sentence)


def _under_way(task: Task, tool: str) -> str:
    if task.state is TaskState.VERIFYING:
        return f"It is too late to change {task.name}: {tool} is under way. What comes of that is looked up and told."
    seen = f"Nobody has seen yet whether {tool} happened for {task.name}, so it can't be changed."
    return f"{seen} Cancel it, and ask anew once that is known."


def _lane(deployment: Deployment, unit: Unit, task: Task, who: Person) -> LoadedLane:
    """The lane in the task's version, if its requester may ask there today."""
    try:
        lane = lane_of(deployment, unit, task.lane, task.lane_hash)
    except LaneMissing as missing:
        raise NotToChange(OutcomeKind.NOT_OFFERED, f"{missing} Cancel {task.name}, and ask anew.") from missing
    today = deployment.businesses[unit.company].lanes.get(task.lane, lane)
    mine = (standings.c.company == unit.company) & (standings.c.unit == f"lane:{task.lane}")
    stage = unit.connection.execute(select(standings.c.stage).where(mine)).scalar_one_or_none()
    if stage == OBSERVE or not may_ask(today, who):
        raise NotToChange(OutcomeKind.NOT_ENTITLED, not_open(today))
    return lane


def change_request(deployment: Deployment, unit: Unit, wanted: Wanted) -> Outcome:
    """Change what a task was asked for, inside the caller's transaction, and have it begin anew with that.

    While a runner works on it the new request is kept: its runner reads it before it writes anything more.
    """
    try:
        found = _to_change(deployment, unit, wanted.task, wanted.person)
        new = _new(unit, found, wanted)
    except NotToChange as refusal:
        return _refused(unit, wanted.task, wanted.person, refusal)
    if found.task.state is TaskState.RUNNING:
        return _ask(unit, found.task, new)
    return _begin_anew(unit, found.task, new)


def _new(unit: Unit, found: ToChange, wanted: Wanted) -> NewRequest:
    task, lane = found.task, found.lane
    if seen_as(found.request) != wanted.saw:
        sentence = f"What {task.name} asks for was changed while you looked at it. Look again, and change that."
        raise NotToChange(OutcomeKind.CHANGED, sentence)
    try:
        request = checked(lane, wanted.request)
    except NotAccepted as refusal:
        raise NotToChange(OutcomeKind.INCOMPLETE, str(refusal)) from refusal
    if request == found.request:
        raise NotToChange(OutcomeKind.INCOMPLETE, f"Nothing is changed there: {task.name} asks for just that.")
    asked = as_asked(lane, request, found.requester, since=task.accepted_at)
    waiting = rival(unit, subject=asked.subject, task=task.number)
    if waiting is not None:
        sentence = f"Already asked: {asked.subject} waits for a decision in T-{waiting}."
        raise NotToChange(OutcomeKind.ALREADY, sentence)
    first = lane.lane.steps[0]
    return NewRequest(
        by=wanted.person,
        via=wanted.via,
        reason=wanted.reason,
        request=request,
        was={name: value for name, value in task.request.items() if request.get(name) != value},
        now={name: value for name, value in request.items() if task.request.get(name) != value},
        differences=differences(lane, task.request, request),
        subject=asked.subject,
        deadline=_written(asked.deadline),
        told=asked.told,
        place={"step": first.name, "worker": first.worker, "runtime": lane.lane.workers[first.worker].runtime},
    )


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _ask(unit: Unit, task: Task, new: NewRequest) -> Outcome:
    """Keep the new request as a move of the task: what its runner writes next without knowing of it is refused."""
    content = {"by": new.by, "via": new.via, "reason": new.reason, "was": new.was, "now": new.now}
    change = Change(task, [Happening(Event.CHANGE_ASKED, content)], {"way": {**task.way, NEW_REQUEST: new.kept()}})
    move(unit, change, mover=Mover.PERSON, actor=f"person:{new.by}")
    tell(unit, task.number, ended=False)
    soon = f"{task.name} is being worked on. It begins anew with that before the next step that changes anything."
    return Outcome(OutcomeKind.CHANGING, f"{'; '.join(new.differences)}. {soon}")


def _begin_anew(unit: Unit, task: Task, new: NewRequest) -> Outcome:
    happening, columns = begun_anew(unit, task, new, version=task.version + 1)
    moved = move(unit, Change(task, [happening], columns), mover=Mover.PERSON, actor=f"person:{new.by}")
    let_go(unit, task, new)
    tell(unit, task.number, ended=False)
    sentence = f"{'; '.join(new.differences)}. {task.name} begins anew with that."
    return Outcome(OutcomeKind.CHANGED_IT, sentence, moved.runtime)
