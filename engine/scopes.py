"""Which scopes of the memory pad belong to a task."""

from collections.abc import Mapping

from storage.memory import COMPANY
from storage.tasks import Task

SUBJECT, LANE = "subject", "lane"


def scopes_of(task: Task) -> Mapping[str, str]:
    """The scopes of the pad that a task's workers read, by the word for them."""
    return {SUBJECT: f"subject:{task.subject}", LANE: f"lane:{task.lane}", COMPANY: COMPANY}
