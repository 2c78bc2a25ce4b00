"""The modals that people fill in: choosing a lane, a lane's form, and a word on a decision."""

from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from pydantic import BaseModel, Field
from slack_sdk.models.blocks import ActionsBlock, Option, PlainTextObject, RadioButtonsElement, StaticSelectElement
from slack_sdk.models.views import View

from contracts.loaded import LoadedLane
from escalation.card import Exchange
from gateway.slack.forms import Modal, modal
from gateway.slack.notes import DecisionNote, RequestNote, TaskNote
from gateway.slack.wording import cut, section
from notifications.slack import actions

REQUEST = "request.form"
CHOOSE = "request.lane"
OPEN = actions.OPEN
REJECTION = "decision.rejection"
QUESTION = "decision.question"
ANSWER = "question.answered"
CANCELLATION = "task.cancellation"

_MOST_RADIO = 10
_MOST_BLOCKS = 100


class Rejection(BaseModel, frozen=True, extra="forbid", strict=True):
    """Why somebody says no."""

    reason: str = Field(
        title="Why?",
        description="The requester reads this, and it stays on record.",
        min_length=3,
        max_length=1000,
        json_schema_extra={"multiline": True},
    )


class QuestionBack(BaseModel, frozen=True, extra="forbid", strict=True):
    """What an approver wants to know first."""

    question: str = Field(
        title="What do you want to know?",
        description="It goes to the requester. The clock stops until they answer.",
        min_length=3,
        max_length=1000,
        json_schema_extra={"multiline": True},
    )


class AnswerBack(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the requester answers."""

    answer: str = Field(
        title="Your answer",
        description="Everybody who is asked to decide reads it.",
        min_length=1,
        max_length=1000,
        json_schema_extra={"multiline": True},
    )


class Cancellation(BaseModel, frozen=True, extra="forbid", strict=True):
    """Why somebody wants a task to end, if they care to say."""

    reason: str | None = Field(
        default=None,
        title="Why?",
        description="It stays on record. What has been changed already stays, unless the lane takes it back.",
        max_length=1000,
        json_schema_extra={"multiline": True},
    )


def request_form(lane: LoadedLane, channel: str | None) -> dict[str, Any]:
    """The form of a lane, built from its request model."""
    note = RequestNote(lane=lane.lane.lane, channel=channel)
    around = Modal(lane.lane.title, "Ask", REQUEST, note.written(), intro=lane.lane.description)
    return modal(lane.request_model, around)


def lane_choice(lanes: Sequence[LoadedLane], channel: str | None) -> dict[str, Any]:
    """A modal that asks for what work; choosing one changes it into that lane's form."""
    options = [_option(lane) for lane in lanes[:_MOST_BLOCKS]]
    element = (
        RadioButtonsElement(action_id=CHOOSE, options=options)
        if len(options) <= _MOST_RADIO
        else StaticSelectElement(action_id=CHOOSE, options=options, placeholder="Choose")
    )
    view = View(
        type="modal",
        callback_id=CHOOSE,
        private_metadata=RequestNote(channel=channel).written(),
        title=PlainTextObject(text="Ask for work"),
        close=PlainTextObject(text="Cancel"),
        blocks=[section("What should be done?"), ActionsBlock(block_id="lane", elements=[element])],
    )
    return view.to_dict()


def _option(lane: LoadedLane) -> Option:
    return Option(
        value=lane.lane.lane,
        text=PlainTextObject(text=cut(lane.lane.title, 75)),
        description=PlainTextObject(text=shorten(lane.lane.description, 75, placeholder=" …")),
    )


def rejection(note: DecisionNote, about: str, label: str) -> dict[str, Any]:
    """Asks for the reason of a no to what it is `about`; it has the label of the button that was pressed."""
    return modal(Rejection, Modal(label, label, REJECTION, note.written(), intro=about))


def cancellation(note: TaskNote, about: str) -> dict[str, Any]:
    """Asks whether it is meant: nothing brings a cancelled task back."""
    around = Modal(f"Cancel T-{note.task}", "Cancel it", CANCELLATION, note.written(), intro=about, close="Keep it")
    return modal(Cancellation, around)


def question_back(note: DecisionNote, about: str) -> dict[str, Any]:
    """Asks what to ask the requester."""
    return modal(QuestionBack, Modal("Ask back", "Ask", QUESTION, note.written(), intro=about))


def answer_back(note: DecisionNote, about: str, asked: Exchange | None) -> dict[str, Any]:
    """Asks the requester for the answer to a question, which stands above it with who asks."""
    said = f"{asked.asked_by} asks: {asked.question}" if asked else ""
    intro = "\n".join(filter(None, (about, said)))
    return modal(AnswerBack, Modal("Answer", "Send", ANSWER, note.written(), intro=intro))
