"""What the requester is told about a task, in words that every surface shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.vocabulary import ENDED, TaskState, WaitingFor
from engine.incidents import ending
from escalation.approvers import named
from escalation.reading import decision_line
from storage.artifacts import of_task
from storage.database import Unit
from storage.incidents import Incident
from storage.incidents import of_task as of_result
from storage.tasks import Task, load


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its requester sees it; every text is plain text (no markup).

    `headline` such as "Done: 42.00 USD refunded for order 1234"; `lines` the two or three sentences below it;
    `evidence` the names of saved artifacts and records.
    """

    number: int
    name: str
    state: TaskState
    headline: str
    lines: tuple[str, ...]
    evidence: tuple[str, ...]
    requester: str


def task_view(unit: Unit, task: int) -> TaskView:
    """The task as it stands; raises storage.tasks.TaskNotFound."""
    row = load(unit, task)
    return _view(unit, row, row.state)


def accepted_view(unit: Unit, task: int) -> TaskView:
    """The task as it was accepted, whatever has happened since; raises storage.tasks.TaskNotFound."""
    return _view(unit, load(unit, task), TaskState.ACCEPTED)


def _view(unit: Unit, row: Task, state: TaskState) -> TaskView:
    headline, lines = _TELL[state](unit, row)
    lines = [*lines, *_wrong(unit, row)] if state in ENDED else lines
    return TaskView(
        number=row.number,
        name=row.name,
        state=state,
        headline=headline,
        lines=tuple(line for line in lines if line),
        evidence=tuple(name for name, _ in of_task(unit, row.number)) if state in ENDED else (),
        requester=named(unit, row.requester),
    )


def _wrong(unit: Unit, task: Task) -> list[str]:
    """What was said of the result: the newest word of it."""
    return [_said(one) for one in of_result(unit, task.number)[-1:]]


def _said(incident: Incident) -> str:
    if incident.closed_at is None:
        return f"Said to be wrong: incident {incident.number} is open."
    return f"This was wrong: {ending(incident)} (incident {incident.number})."


_Told = tuple[str, list[str]]


def _accepted(unit: Unit, task: Task) -> _Told:
    return f"Accepted: {task.told['summary']}", [f"{task.told['owner']} owns it. {task.told['promise']}"]


def _working(unit: Unit, task: Task) -> _Told:
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
