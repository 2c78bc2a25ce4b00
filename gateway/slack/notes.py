"""What a modal carries to find its way back: ids only, in private_metadata, looked up again when it is submitted."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.slack.bodies import Malformed

Note = TypeVar("Note", bound="_Note")

_Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Id = Annotated[str, Field(min_length=1, max_length=80)]


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def written(self) -> str:
        """As JSON text."""
        return self.model_dump_json(exclude_none=True)


class RequestNote(_Note):
    """A form for work: which lane, and the Slack channel where it was asked for."""

    lane: _Id | None = None
    channel: _Id | None = None


class DecisionNote(_Note):
    """A word on a decision: its number, the digest that the card showed, and the channel of that card.

    A form of changes names the lane and the effect whose arguments it holds.
    """

    decision: _Number
    saw: Annotated[str, Field(max_length=64)] | None = None
    channel: _Id | None = None
    lane: _Id | None = None
    effect: _Id | None = None


class TaskNote(_Note):
    """A word on a task: its number, and the channel where it was said."""

    task: _Number
    channel: _Id | None = None


class ChangeNote(_Note):
    """A form of what is asked for otherwise: its task, lane, `seen_as` of what it was filled with, and the channel of the task."""

    task: _Number
    lane: _Id
    saw: Annotated[str, Field(max_length=64)]
    channel: _Id | None = None


class MeantNote(_Note):
    """Whether a change is meant: its task, the channel, and the key of the delivery that holds the form."""

    task: _Number
    form: Annotated[str, Field(min_length=1, max_length=300)]
    channel: _Id | None = None


class IncidentNote(_Note):
    """A word on an incident: its number, and the channel where it was said."""

    incident: _Number
    channel: _Id | None = None


def read(kind: type[Note], text: str) -> Note:
    """The note that stands in `private_metadata` or in a button's value; raises Malformed."""
    try:
        return kind.model_validate_json(text or "{}")
    except ValidationError as error:
        raise Malformed("a note that is not ours") from error
