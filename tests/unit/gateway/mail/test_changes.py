"""What a letter wants otherwise is put into the request by the types of its fields; what could be two things is asked."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from chargehand import Money
from escalation.change_words import Correction
from gateway.mail.changes import Unclear, amended, naming_of

USD = Annotated[int, Money("USD")]


class Booking(BaseModel, frozen=True, extra="forbid", strict=True):
    """A request with one field of each kind."""

    order: str = Field(title="Order number", pattern=r"^[0-9]{3,10}$")
    amount: USD = Field(title="Amount to pay back", gt=0)
    size: Literal["small", "large"] = "small"
    urgent: bool = False
    day: date
    note: str | None = Field(default=None, json_schema_extra={"multiline": True})


class Trip(BaseModel, frozen=True, extra="forbid", strict=True):
    """A request with two quantities."""

    nights: int = Field(gt=0)
    guests: int = Field(gt=0)


NOW: dict[str, Any] = {
    "order": "1001",
    "amount": 4200,
    "size": "small",
    "urgent": False,
    "day": "2026-11-22",
    "note": None,
}


def wanted(*corrections: tuple[str | None, str] | tuple[str | None, str, str]) -> Any:
    """The request with corrections of (name, value, what it was)."""
    found = [Correction(one[0], one[1], one[2] if len(one) > 2 else None, one[1]) for one in corrections]
    return amended(Booking, NOW, found)


@pytest.mark.parametrize(
    ("correction", "differs"),
    [
        (("amount", "30"), {"amount": 3000}),
        (("amount", "$30.50"), {"amount": 3050}),
        (("amount", "30 dollars"), {"amount": 3000}),
        (("amount", "30 USD", "42.00"), {"amount": 3000}),
        (("order", "1002", "1001"), {"order": "1002"}),
        (("size", "LARGE"), {"size": "large"}),
        (("urgent", "yes"), {"urgent": True}),
        (("day", "2026-12-01"), {"day": "2026-12-01"}),
        (("note", "By hand,\nplease."), {"note": "By hand,\nplease."}),
        ((None, "300"), {"amount": 30000}),
        ((None, "30.00"), {"amount": 3000}),
        ((None, "1002", "1001"), {"order": "1002"}),
    ],
)
def test_a_value_goes_into_the_field_that_is_meant(correction: Any, differs: dict[str, Any]) -> None:
    assert wanted(correction) == NOW | differs


def test_several_go_in_together() -> None:
    assert wanted(("amount", "30"), ("order", "1002")) == NOW | {"amount": 3000, "order": "1002"}


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        (("amount", "30 EUR"), "Write the amount like 42.00."),
        (("amount", "30,00"), "Write the amount like 42.00."),
        (("amount", "-5"), "Amount to pay back (USD)"),
        (("amount", ""), "write what it should be."),
        (("amount", "30", "41"), "that is not what is asked for now."),
        (("order", "12"), "Order number"),
        (("size", "middle"), "Choose one of the list."),
        (("urgent", "perhaps"), "write yes or no."),
        (("day", "tomorrow"), ""),
        ((None, "1002"), "say which of them it is"),
        ((None, "30", "41"), "say which of them it is"),
        ((None, "blue"), "say which of them it is"),
    ],
)
def test_what_is_no_value_or_could_be_two_is_doubted(correction: Any, why: str) -> None:
    found = wanted(correction)

    assert isinstance(found, Unclear)
    assert why in found.doubts[0]


def test_one_doubt_leaves_everything_as_it_is() -> None:
    assert isinstance(wanted(("amount", "30"), ("order", "12")), Unclear)


def test_of_two_quantities_a_number_alone_is_neither() -> None:
    found = amended(Trip, {"nights": 2, "guests": 4}, [Correction(None, "3", None, "make it 3")])

    assert found == Unclear(("“make it 3”: say which of them it is, and to what.",))
    assert amended(Trip, {"nights": 2, "guests": 4}, [Correction(None, "3", "2", "3 instead of 2")]) == {
        "nights": 3,
        "guests": 4,
    }


def test_a_field_is_called_by_its_label_its_beginning_or_its_name() -> None:
    naming = naming_of(Booking)

    assert {naming.names[one] for one in ("amount to pay back (usd)", "amount to pay back", "amount")} == {"amount"}
    assert naming.free == {"note"}
