"""The form of a change: filled with what was asked, read back from the view alone, and shown once more before it is meant."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from unittest.mock import Mock

import pytest
from pydantic import BaseModel, Field

from contracts.authoring import Instant, Money
from contracts.loaded import Business
from engine.request_changes import ToChange, seen_as
from gateway.slack import change_forms
from gateway.slack.bodies import Malformed
from gateway.slack.change_forms import NOTHING, NoForm, asked_in, change_form, errors_of, meant_form
from gateway.slack.notes import ChangeNote, MeantNote, read


class Size(StrEnum):
    """How large."""

    SMALL = "small"
    LARGE = "large"


class Wish(BaseModel, frozen=True, extra="forbid", strict=True):
    """One field of every kind that a form has."""

    order: str = Field(pattern=r"^[0-9]+$", title="Order number")
    amount: Annotated[int, Money("USD")]
    count: int = 1
    share: float = 0.5
    urgent: bool = False
    size: Size = Size.SMALL
    kind: Literal["a", "b"] | None = None
    day: date | None = None
    at: Annotated[int, Instant()] | None = None
    words: str | None = Field(default=None, json_schema_extra={"multiline": True})


ASKED: dict[str, Any] = {
    "order": "1002",
    "amount": 4200,
    "count": 3,
    "share": 0.25,
    "urgent": True,
    "size": "large",
    "kind": "b",
    "day": "2026-11-29",
    "at": 1793491200,
    "words": "The parcel\nwas lost.",
}


def business(model: type[BaseModel] = Wish) -> Business:
    """A company with one lane."""
    lane = Mock(request_model=model)
    lane.lane.title = "Wishes"
    lane.schema.at.side_effect = lambda path: Mock(unit="USD", personal=False) if path == "request.amount" else None
    return Mock(lanes={"wishes": lane})


def form(of: Business, request: dict[str, Any] = ASKED) -> dict[str, Any]:
    """The form as Slack shows it."""
    task = Mock(number=1042, lane="wishes")
    task.name = "T-1042"
    return change_form(of, ToChange(task, of.lanes["wishes"], Mock(), request), "C1")


def sent(view: dict[str, Any], **changed: dict[str, Any]) -> dict[str, Any]:
    """The form as it comes back, with what stood there unless it was changed."""
    values = change_forms._filled(view["blocks"])
    values |= {name: {"value": given} for name, given in changed.items()}
    return {**view, "state": {"values": values}}


@pytest.mark.parametrize("request_", [ASKED, {"order": "1002", "amount": 4200}])
def test_a_form_that_is_sent_back_as_it_came_says_that_nothing_is_changed(request_: dict[str, Any]) -> None:
    company = business()

    view = sent(form(company, request_))

    assert errors_of(company, view) == {"order": NOTHING}
    assert asked_in(company, view) == Wish.model_validate(request_, strict=False).model_dump(mode="json")


def test_it_says_which_request_it_was_filled_with() -> None:
    note = read(ChangeNote, form(business())["private_metadata"])

    assert note == ChangeNote(task=1042, lane="wishes", saw=seen_as(ASKED), channel="C1")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"order": {"value": "x"}}, {"order": "This is not written as expected."}),
        ({"amount": {"value": "a lot"}}, {"amount": "Write the amount like 42.00."}),
        ({"order": {"value": None}}, {"order": "Please fill this in."}),
    ],
)
def test_mistakes_stand_beside_their_fields(changed: dict[str, Any], said: dict[str, str]) -> None:
    company = business()

    assert errors_of(company, sent(form(company), **changed)) == said


def test_what_differs_is_shown_before_it_is_meant_and_leads_back_to_the_kept_form() -> None:
    company = business()
    view = sent(form(company), amount={"value": "30.00"}, urgent={"selected_options": []}, words={"value": None})

    shown = meant_form(company, view, "slack:view:1")

    text = shown["blocks"][0]["text"]["text"]
    assert text.splitlines()[:3] == [
        "Amount: 42.00 USD → 30.00 USD",
        "Urgent: yes → no",
        ["Words: The parcel", "was lost. → nothing"][0],
    ]
    assert read(MeantNote, shown["private_metadata"]) == MeantNote(task=1042, form="slack:view:1", channel="C1")
    assert errors_of(company, view) == {}


def test_a_form_that_was_not_filled_by_us_is_malformed() -> None:
    company = business()

    with pytest.raises(Malformed):
        errors_of(company, {**sent(form(company)), "blocks": []})
    with pytest.raises(Malformed):
        errors_of(business(), {**sent(form(company)), "private_metadata": "{}"})


def test_a_form_that_has_changed_since_is_not_offered() -> None:
    class Other(Wish, frozen=True):
        """With one field more."""

        colour: str = "red"

    company, asked = business(Other), business()
    task = Mock(number=1042, lane="wishes")
    task.name = "T-1042"

    with pytest.raises(NoForm, match="The form of “Wishes” has changed since you asked"):
        change_form(company, ToChange(task, asked.lanes["wishes"], Mock(), ASKED), None)


def test_what_is_too_long_for_a_form_is_not_cut() -> None:
    with pytest.raises(NoForm, match="too long"):
        form(business(), {**ASKED, "words": "x" * 3001})
