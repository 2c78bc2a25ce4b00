"""Requests out of letters: what stands in lines, what is missing, and how it is asked for."""

from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from contracts.authoring import Money
from gateway.mail.requests import MISSING, TWICE, found_in, question_for, read_request
from gateway.mail.wording import own_words


class How(StrEnum):
    """A way to pay."""

    CARD = "card"
    CASH = "cash"


class Refund(BaseModel, frozen=True, extra="forbid", strict=True):
    """A request with a field of each usual kind."""

    order: str = Field(title="Order number", pattern=r"^[0-9]{3,10}$", description="3 to 10 digits.", examples=["1234"])
    amount: Annotated[int, Money("USD")] = Field(title="Amount to pay back", gt=0, examples=[4200])
    reason: str = Field(title="Why", min_length=5, json_schema_extra={"multiline": True})
    how: How = How.CARD
    urgent: bool = False


WHOLE = {"order": "1234", "amount": "42.00", "reason": "The parcel was lost."}


@pytest.mark.parametrize(
    "text",
    [
        "order: 1234\namount: 42.00\nreason: The parcel was lost.",
        "Hello,\n\nORDER : 1234\nAmount to pay back: 42.00\nWhy: The parcel was lost.\n\n-- \nAnna\norder: 9",
        "* order: 1234\n* *amount:* 42.00\n* reason: The parcel was lost.",
        "Order number:\n1234\n\nAmount to pay back (USD):\n42.00\n\nReason:\nThe parcel was lost.",
        "order: 1234\namount: 42.00\nreason: The parcel was lost.\n\n> order: 9999\n> amount: 1.00",
        "order： 1234\namount: 42.00\nreason: The parcel was lost.\n\nSent from my iPhone",
    ],
)
def test_the_same_request_is_read_however_it_is_laid_out(text: str) -> None:
    assert found_in(Refund, own_words(text)) == WHOLE


def test_a_reason_goes_on_over_lines_until_the_next_field() -> None:
    found = found_in(Refund, "reason: The parcel was lost.\nThe carrier said: sorry.\namount: 42.00")

    assert found == {"reason": "The parcel was lost.\nThe carrier said: sorry.", "amount": "42.00"}


def test_a_field_written_twice_with_two_values_is_asked_again() -> None:
    found = found_in(Refund, "order: 1234\norder: 4321\namount: 42.00\nreason: The parcel was lost.")

    assert read_request(Refund, found) == {"order": TWICE}


def test_what_is_complete_becomes_the_model_with_money_in_minor_units() -> None:
    request = read_request(Refund, {**WHOLE, "how": "Cash", "urgent": "yes"})

    assert request == Refund(order="1234", amount=4200, reason="The parcel was lost.", how=How.CASH, urgent=True)


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    wrong = read_request(Refund, {"amount": "42,00", "how": "barter"})

    assert isinstance(wrong, dict)
    assert wrong == {
        "order": MISSING,
        "amount": "Write the amount like 42.00.",
        "reason": MISSING,
        "how": "Choose one of the list.",
    }
    question = question_for(Refund, wrong, title="Refund an order")
    assert "order: 1234\namount: 42.00\nreason: …\nhow: card | cash" in question
    assert question.count("Please fill this in.") == 2


def test_lines_of_no_field_are_nothing() -> None:
    assert found_in(Refund, "Subject: order\nhttps://shop.example/order: 12\nnote: 1234") == {}
