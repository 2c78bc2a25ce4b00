"""What people said of a task's result, and how it was settled."""

from engine.incidents import ending
from engine.whys.lines import moment
from escalation.approvers import named
from storage.database import Unit
from storage.incidents import Incident, of_task
from storage.tasks import Task


def wrong_lines(unit: Unit, task: Task) -> list[str]:
    """A line for each incident."""
    return [_line(unit, one) for one in of_task(unit, task.number)]


def _line(unit: Unit, one: Incident) -> str:
    said = f"incident {one.number}, {named(unit, one.reported_by)} at {moment(one.reported_at)}: “{one.sentence}”"
    if one.closed_at is None:
        return f"{said}, open"
    because = f" “{one.because}”" if one.because else ""
    if one.withdrawn:
        return f"{said}, withdrawn by {named(unit, one.closed_by)}:{because}"
    return f"{said}, closed by {named(unit, one.closed_by)}: {ending(one)}{because}"
