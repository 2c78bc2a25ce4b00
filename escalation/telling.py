"""Has the requester told what has become of their task."""

from contracts.vocabulary import Message
from storage import outbox
from storage.database import Unit
from storage.outbox import Letter


def tell(unit: Unit, task: int, *, ended: bool) -> None:
    """Have the requester's live message show what is true now, and send the result once when the task has ended."""
    outbox.put(unit, Letter(Message.TASK, f"task:{task}", task=task))
    if ended:
        outbox.put(unit, Letter(Message.RESULT, f"result:{task}", task=task))
