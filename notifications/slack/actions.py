"""The names and values of the buttons that messages carry, so that renderer and receiver can't disagree."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

APPROVE = "decision.approve"
CHANGE = "decision.change"
REJECT = "decision.reject"
REVISE = "decision.revise"
ASK = "decision.ask"
HAND_OVER = "decision.hand_over"
SNOOZE = "decision.snooze"
MORE = "decision.more"
ANSWER = "question.answer"
WHY = "task.why"
CANCEL = "task.cancel"
CHANGE_REQUEST = "task.change"
WRONG = "task.wrong"
CLOSE = "incident.close"
OPEN = "request.open"
TOGETHER = "decision.together"

ALL = (APPROVE, CHANGE, REJECT, REVISE, ASK, HAND_OVER, SNOOZE, MORE, ANSWER, WHY, CANCEL, CHANGE_REQUEST, WRONG, CLOSE)

DIGEST_SHOWN = 16

_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Number = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Pressed(BaseModel):
    """What a button's value says: ids only, never rights; everything is looked up and authorised again.

    `saw` is the beginning of the digest of the proposal that the card showed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    decision: _Number | None = None
    lane: _Name | None = None
    edge: _Name | None = None
    saw: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{DIGEST_SHOWN}}}$")] | None = None
    task: _Number | None = None
    incident: _Number | None = None
    what: Annotated[str, Field(min_length=1, max_length=300)] | None = None


def of_decision(number: int, proposal_digest: str) -> str:
    """The value of a button on a card: `{"decision": 12, "saw": "7f3a…"}`."""
    return _written(Pressed(decision=number, saw=proposal_digest[:DIGEST_SHOWN]))


def of_task(number: int) -> str:
    """The value of a button about a task: `{"task": 1042}`."""
    return _written(Pressed(task=number))


def change_button(task: int) -> dict[str, str]:
    """The button of a notice that opens what was asked, to be changed."""
    return {"label": "Change", "action": CHANGE_REQUEST, "value": of_task(task)}


def of_incident(number: int) -> str:
    """The value of a button about an incident: `{"incident": 7}`."""
    return _written(Pressed(incident=number))


def of_what(words: str) -> str:
    """The value of a button about whatever has a Why page: `{"what": "decision 7"}`."""
    return _written(Pressed(what=words))


def of_lane(lane: str) -> str:
    """The value of a button that asks for a lane's form."""
    return _written(Pressed(lane=lane))


def of_edge(lane: str, edge: str) -> str:
    """The value of a button about all that waits at one edge of a lane."""
    return _written(Pressed(lane=lane, edge=edge))


def pressed(value: str | None) -> Pressed | None:
    """What a value says; None when nobody of ours wrote it (a crafted one)."""
    try:
        return Pressed.model_validate_json(value or "")
    except ValidationError:
        return None


def _written(said: Pressed) -> str:
    return said.model_dump_json(exclude_none=True)
