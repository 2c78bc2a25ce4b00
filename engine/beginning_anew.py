"""What becomes of a task whose request was changed: it begins at its first step, and nothing of before is carried over."""

from datetime import datetime
from typing import Any

from contracts.lifecycle import Event
from contracts.vocabulary import Message, Rung
from engine.course import LISTS
from escalation.approvals import lapse, unused
from escalation.approvers import named
from escalation.revising import REASONS
from escalation.unanswered import Withdrawal
from escalation.wishes import CHANGED, CHANGES, NewRequest, changes_of
from escalation.withdrawing import withdraw
from storage import outbox
from storage.claims import NO_LEASE
from storage.database import Unit
from storage.outbox import Letter
from storage.tasks import Task, rewrite
from storage.transitions import Happening


def begun_anew(unit: Unit, task: Task, new: NewRequest, *, version: int) -> tuple[Happening, dict[str, Any]]:
    """The event, and the columns that change beside the request itself; `version` is the task's with that event.

    What deciders have wanted otherwise before stays: changing a request takes nobody's words back.
    """
    content = {
        "by": new.by,
        "via": new.via,
        "reason": new.reason,
        "was": dict(new.was),
        "now": dict(new.now),
        "differences": list(new.differences),
        "waited_for": task.waiting_for,
    }
    kept = {LISTS: task.way[LISTS]} if LISTS in task.way else {}
    changes = {"times": changes_of(task.way).times + 1, "version": version, "at": unit.now.isoformat()}
    reasons = {REASONS: task.told[REASONS]} if task.told.get(REASONS) else {}
    differences = "; ".join(new.differences)
    columns = {
        **NO_LEASE,
        **new.place,
        "rung": Rung.SELF,
        "tries": 0,
        "due_at": unit.now,
        "holds_subject": False,
        "facts": {},
        "told": {**new.told, **reasons, CHANGED: differences},
        "way": {**kept, CHANGES: changes},
        "sentence": f"{named(unit, new.by)} changed the request. {differences}.",
    }
    return Happening(Event.REQUEST_CHANGED, content), columns


def let_go(unit: Unit, task: Task, new: NewRequest) -> None:
    """Put the new request in its place, and let go what people were asked and have approved of the task as it was before."""
    deadline = datetime.fromisoformat(new.deadline) if new.deadline is not None else None
    rewrite(unit, task.number, request=new.request, subject=new.subject, deadline=deadline)
    why = f"{named(unit, new.by)} changed the request. {'; '.join(new.differences)}."
    for one in unused(unit, task.number):
        details = {"sentence": f"{task.name} was approved, but not carried out: {why}"}
        dedupe = f"not-carried-out:{one.number}"
        outbox.put(unit, Letter(Message.NOTICE, dedupe, person=one.person, task=task.number, details=details))
    lapse(unit, task.number)
    withdraw(unit, task, Withdrawal(new.by, "; ".join(new.differences), overtaken=True))
