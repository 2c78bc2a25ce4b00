"""The forms about a result that is wrong: saying so, and closing the incident with its cause."""

from typing import Any

from pydantic import BaseModel, Field

from contracts.vocabulary import CauseClass
from engine.incident_view import IncidentView
from engine.incidents import LONGEST, MOST_MINUTES
from gateway.slack.forms import Modal, modal
from gateway.slack.notes import IncidentNote, TaskNote

WRONG = "task.said_wrong"
CLOSING = "incident.closing"
_LONG: dict[str, Any] = {"multiline": True}


class _Form(BaseModel, frozen=True, extra="forbid", strict=True):
    pass


class SaidWrong(_Form):
    """What is wrong with a result."""

    wrong: str = Field(
        title="What is wrong?",
        description="Whoever answers for this work reads it, and it stays on record.",
        min_length=3,
        max_length=LONGEST,
        json_schema_extra=_LONG,
    )
    cause: CauseClass | None = Field(default=None, title="Why, if you know")
    minutes: int | None = Field(
        default=None,
        title="Minutes it took to put right",
        description="Leave it empty if nobody has begun.",
        ge=0,
        le=MOST_MINUTES,
    )


class Ended(_Form):
    """Why it was wrong, and what it took."""

    cause: CauseClass = Field(title="Why was it wrong?")
    minutes: int = Field(
        title="Minutes it took to put right",
        description="Of everybody together; 0 if there was nothing to do.",
        ge=0,
        le=MOST_MINUTES,
    )
    because: str | None = Field(
        default=None, title="What else should be known?", max_length=LONGEST, json_schema_extra=_LONG
    )


def saying(note: TaskNote, result: str) -> dict[str, Any]:
    """Asks what is wrong with a result, which is told above the fields."""
    around = Modal("Something is wrong", "Send", WRONG, note.written(), intro=f"T-{note.task}  {result}")
    return modal(SaidWrong, around)


def closing(note: IncidentNote, view: IncidentView) -> dict[str, Any]:
    """Asks for cause and minutes; what is known of them already stands in the fields."""
    intro = f"{view.said_by} on {view.name}: “{view.words}”"
    known = {name: value for name, value in (("cause", view.cause), ("minutes", view.minutes)) if value is not None}
    around = Modal(f"Close incident {view.number}", "Close it", CLOSING, note.written(), intro=intro, filled=known)
    return modal(Ended, around)
