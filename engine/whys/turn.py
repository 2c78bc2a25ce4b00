"""Says why a task that waits for a runner stands where it does."""

from contracts.priority import HEAD_START_S, priority, turn, urgency
from contracts.vocabulary import ENDED
from storage.database import Unit
from storage.tasks import Task
from storage.worths import worth_of


def turn_line(unit: Unit, task: Task) -> list[str]:
    """One sentence; none of a task that is over, that nobody looks at by a time, or that a runner has."""
    if task.state in ENDED or task.due_at is None or task.lease_runner is not None:
        return []
    worth = worth_of(unit, task.lane)
    value = worth.value if worth is not None else 0.0
    ahead = (task.due_at - turn(task.due_at, priority(value, urgency(task.due_at, task.deadline)))).total_seconds()
    because = worth.because if worth is not None else "its lane has not been weighed yet"
    wanted = f"; it is wanted by {task.deadline:%-d %b %Y %H:%M:%S UTC}" if task.deadline is not None else ""
    return [f"{ahead / 60:.0f} of at most {HEAD_START_S / 60:.0f} min ahead of its due time: {because}{wanted}"]
