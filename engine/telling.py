"""What the requester is told about a task, in words that every surface shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.vocabulary import ENDED, Message, TaskState, WaitingFor
from engine.incidents import ending
from escalation.approvers import named
from escalation.cancelling import has_changed_something
from escalation.reading import decision_line
from escalation.undoing import ENDING
from escalation.wishes import CHANGED, changes_of, new_request_of, wish_of
from storage.artifacts import of_task
from storage.database import Unit
from storage.incidents import Incident
from storage.incidents import of_task as of_result
from storage.outbox import Letter
from storage.tasks import Task, load


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its requester sees it; every text is plain text (no markup).

    `headline` such as "Done: 42.00 USD refunded for order 1234"; `lines` the two or three sentences below it;
    `evidence` the names of saved artifacts and records. With `stopping` somebody wants it cancelled and it goes on to
    where it can stop; with `changeable` nothing of it was done yet, so that its requester can ask for something else.
    """

    number: int
    name: str
    state: TaskState
    headline: str
    lines: tuple[str, ...]
    evidence: tuple[str, ...]
    requester: str
    stopping: bool = False
    changeable: bool = False


def task_view(unit: Unit, task: int) -> TaskView:
    """The task as it stands; raises storage.tasks.TaskNotFound."""
    row = load(unit, task)
    return _view(unit, row, row.state)


def accepted_view(unit: Unit, task: int) -> TaskView:
    """The task as it was accepted, whatever has happened since; raises storage.tasks.TaskNotFound."""
    return _view(unit, load(unit, task), TaskState.ACCEPTED)


def _view(unit: Unit, row: Task, state: TaskState) -> TaskView:
    headline, lines = _TELL[state](unit, row)
    lines = [*lines, *_changed(row, state), _wanted(unit, row, state), *(_wrong(unit, row) if state in ENDED else ())]
    stopping = (wish_of(row) is not None or ENDING in row.way) and state not in ENDED
    after = changes_of(row.way).at
    return TaskView(
        number=row.number,
        name=row.name,
        state=state,
        headline=headline,
        lines=tuple(line for line in lines if line),
        evidence=tuple(name for name, _ in of_task(unit, row.number, after=after)) if state in ENDED else (),
        requester=named(unit, row.requester),
        stopping=stopping,
        changeable=row.state not in ENDED and not stopping and not has_changed_something(unit, row),
    )


def _changed(task: Task, state: TaskState) -> list[str]:
    """What its requester has changed, and what they want changed while it is at work."""
    pending = new_request_of(task)
    if state in ENDED:
        return []
    told = [f"Changed. {task.told[CHANGED]}."] if CHANGED in task.told else []
    soon = "It begins anew with that before the next step that changes anything."
    return [*told, *([f"Changed. {'; '.join(pending.differences)}. {soon}"] if pending is not None else [])]


def _wrong(unit: Unit, task: Task) -> list[str]:
    """What was said of the result: the newest word of it."""
    return [_said(one) for one in of_result(unit, task.number)[-1:]]


def _said(incident: Incident) -> str:
    if incident.closed_at is None:
        return f"Said to be wrong: incident {incident.number} is open."
    if incident.withdrawn:
        return f"Said to be wrong by mistake: incident {incident.number} was withdrawn."
    return f"This was wrong: {ending(incident)} (incident {incident.number})."


def _wanted(unit: Unit, task: Task, state: TaskState) -> str:
    """That somebody wants it cancelled while it is at work, and what comes or came of that."""
    wish = wish_of(task)
    if wish is None or state is TaskState.CANCELLED or ENDING in task.way:
        return ""
    who = named(unit, wish.by)
    if state in ENDED:
        return f"{who} wanted to cancel it; that came too late."
    return f"{who} wants to cancel it: it stops before the next step that changes anything."


_Told = tuple[str, list[str]]


def _accepted(unit: Unit, task: Task) -> _Told:
    return f"Accepted: {task.told['summary']}", [f"{task.told['owner']} owns it. {task.told['promise']}"]


def _working(unit: Unit, task: Task) -> _Told:
    if ENDING in task.way:
        return f"Taking back: {task.told['summary']}", [task.sentence, task.told.get("progress", "")]
    line = task.told.get("progress") or f"{task.told['owner']} owns it. {task.told['promise']}"
    return f"Working on it: {task.told['summary']}", [line, task.told.get("authority", "")]


def _waiting(unit: Unit, task: Task) -> _Told:
    word, lines = _WAITING[task.waiting_for or WaitingFor.TIME](unit, task)
    return f"{word}: {task.told['summary']}", lines


def _for_decision(unit: Unit, task: Task) -> _Told:
    return "Waiting for a decision", [task.sentence, decision_line(unit, task.number)]


def _for_time(unit: Unit, task: Task) -> _Told:
    used_up = (task.waiting_on or "").startswith(("cap ", "budget "))
    return "Waiting for room" if used_up else "Trying again soon", [task.sentence]


def _for_blocker(unit: Unit, task: Task) -> _Told:
    return "Blocked", [task.told.get("wait", task.sentence), "Nothing for you to do: it goes on by itself."]


_WAITING: Mapping[WaitingFor, Callable[[Unit, Task], _Told]] = {
    WaitingFor.DECISION: _for_decision,
    WaitingFor.TIME: _for_time,
    WaitingFor.BLOCKER: _for_blocker,
    WaitingFor.CAPABILITY: _for_blocker,
}


def _done(unit: Unit, task: Task) -> _Told:
    lines = [task.told.get("verified", ""), task.told.get("by", ""), task.told.get("authority", "")]
    return f"Done: {task.told.get('done') or task.told['summary']}", lines


def _refused(unit: Unit, task: Task) -> _Told:
    return f"Refused: {task.told['summary']}", [task.told.get("end") or decision_line(unit, task.number)]


def _failed(unit: Unit, task: Task) -> _Told:
    return f"Not done: {task.told['summary']}", [task.told.get("end", task.sentence)]


def _cancelled(unit: Unit, task: Task) -> _Told:
    return f"Cancelled: {task.told['summary']}", [task.sentence]


_TELL: Mapping[TaskState, Callable[[Unit, Task], _Told]] = {
    TaskState.DRAFTED: _accepted,
    TaskState.ACCEPTED: _accepted,
    TaskState.READY: _working,
    TaskState.RUNNING: _working,
    TaskState.VERIFYING: _working,
    TaskState.WAITING: _waiting,
    TaskState.DONE: _done,
    TaskState.REFUSED: _refused,
    TaskState.FAILED: _failed,
    TaskState.CANCELLED: _cancelled,
}


def standing_letters(task: Task) -> list[Letter]:
    """What is told whenever a runner has moved a task: the live message, and once it has ended the result."""
    live = Letter(Message.TASK, f"task:{task.number}", task=task.number)
    result = Letter(Message.RESULT, f"result:{task.number}", task=task.number)
    return [live, result, *_to_whom_wished(task)] if task.state in ENDED else [live]


def _to_whom_wished(task: Task) -> list[Letter]:
    """Somebody else than the requester wanted it cancelled while it was at work: they hear what came of that."""
    wish = wish_of(task)
    if wish is None or wish.by == task.requester:
        return []
    late = f"{task.name} was {task.state} before it could be cancelled."
    sentence = f"{task.name}: {task.sentence}" if task.state is TaskState.CANCELLED else late
    details = {"sentence": sentence}
    return [Letter(Message.NOTICE, f"cancel:{task.number}", person=wish.by, task=task.number, details=details)]
