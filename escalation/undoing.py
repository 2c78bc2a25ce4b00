"""Has a runner take back what a task has changed before the task ends otherwise than well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.lifecycle import Event
from escalation.wishes import WISH
from storage.database import Unit
from storage.tasks import Task
from storage.transitions import Happening
from storage.undos import to_take_back

ENDING = "ending"
"""Where a task's way keeps how it ends once what it changed was taken back."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task ends: the event, its sentence and what the trail keeps of it; `stopped` once a person has said that
    nothing more is taken back.
    """

    event: Event
    sentence: str
    content: Mapping[str, Any] = field(default_factory=dict)
    stopped: bool = False

    def kept(self) -> dict[str, Any]:
        """As a task's way keeps it."""
        return {
            "event": str(self.event),
            "sentence": self.sentence,
            "content": dict(self.content),
            "stopped": self.stopped,
        }


def ending_of(task: Task) -> Ending | None:
    """How a task ends whose changes are being taken back."""
    kept = task.way.get(ENDING)
    return Ending(Event(kept["event"]), kept["sentence"], kept["content"], kept["stopped"]) if kept else None


def undoing(ending: Ending, keys: list[str]) -> Happening:
    """The event that effects (by key) are taken back, the first of them first, before a task ends so."""
    told = {"ends": str(ending.event), "sentence": ending.sentence, "stopped": ending.stopped}
    return Happening(Event.UNDOING, {**told, "effects": keys})


def after_a_no(unit: Unit, task: Task, rejected: Happening, sentence: str) -> tuple[Happening, dict[str, Any]]:
    """What a no to a waiting task comes to, and the columns that change: it ends, but for what has to be taken back first.

    A no to taking something back ends that: nothing more is taken back, and the task ends as it was about to.
    """
    before = ending_of(task)
    if before is not None:
        stopped = Ending(before.event, before.sentence, before.content, stopped=True)
        return undoing(stopped, []), _ready(unit, task, stopped, sentence)
    event = Event.CANCELLED if WISH in task.way else Event.REFUSED
    keys = to_take_back(unit, task.number, event)
    if not keys:
        return rejected, {"sentence": sentence}
    ending = Ending(event, sentence, rejected.content)
    return undoing(ending, keys), _ready(unit, task, ending, sentence)


def _ready(unit: Unit, task: Task, ending: Ending, sentence: str) -> dict[str, Any]:
    way = {**task.way, ENDING: ending.kept()}
    return {"way": way, "due_at": unit.now, "deaths": 0, "sentence": sentence, "holds_subject": False}
