"""Forms are built from models, and what people fill in comes back as a model or as sentences that help."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, model_validator

from contracts.authoring import Instant, Money
from gateway.slack.fields import NoInput
from gateway.slack.forms import Modal, modal, parse

AROUND = Modal("Refund an order for somebody", "Ask", "request.form", "{}", intro="Pays a customer back.")


class Size(Enum):
    """An enumeration with values that are no text."""

    SMALL = 1
    LARGE = 2


class Everything(BaseModel, frozen=True, extra="forbid", strict=True):
    """One field of each kind."""

    order: str = Field(
        title="Order", description="3 to 10 digits.", pattern=r"^[0-9]{3,10}$", examples=["1234"], max_length=10
    )
    amount: Annotated[int, Money("USD")] = Field(title="Amount", gt=0, le=100_000, examples=[4200])
    pieces: int = Field(ge=1, le=9, examples=[3])
    weight: float = Field(lt=10)
    speed: Literal["slow", "very_fast"]
    size: Size
    day: date
    at: Annotated[int, Instant()]
    gift: bool
    note: str | None = None
    yen: Annotated[int, Money("JPY")] | None = None
    reason: str = Field(default="None given", min_length=5, json_schema_extra={"multiline": True})


def _text(value: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": value}}


def _chosen(value: str) -> dict[str, Any]:
    return {"value": {"type": "static_select", "selected_option": {"value": value}}}


FILLED: dict[str, Any] = {
    "order": _text(" 1234 "),
    "amount": _text("42.00"),
    "pieces": _text("3"),
    "weight": _text("2.5"),
    "speed": _chosen("very_fast"),
    "size": _chosen("2"),
    "day": {"value": {"type": "datepicker", "selected_date": "2026-11-22"}},
    "at": {"value": {"type": "datetimepicker", "selected_date_time": 1763800000}},
    "gift": {"value": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}},
    "note": {"value": {"type": "plain_text_input", "value": None}},
    "yen": _text(""),
    "reason": _text("The parcel was lost."),
}


def _element(name: str) -> dict[str, Any]:
    blocks = modal(Everything, AROUND)["blocks"]
    found: dict[str, Any] = next(block for block in blocks if block.get("block_id") == name)["element"]
    return found


def test_every_kind_of_field_has_its_input() -> None:
    blocks = modal(Everything, AROUND)["blocks"]

    assert {block["block_id"]: block["element"]["type"] for block in blocks[1:]} == {
        "order": "plain_text_input",
        "amount": "plain_text_input",
        "pieces": "number_input",
        "weight": "number_input",
        "speed": "static_select",
        "size": "static_select",
        "day": "datepicker",
        "at": "datetimepicker",
        "gift": "checkboxes",
        "note": "plain_text_input",
        "yen": "plain_text_input",
        "reason": "plain_text_input",
    }
    assert blocks[0]["text"] == {"type": "plain_text", "text": "Pays a customer back.", "emoji": False}


def test_titles_hints_examples_and_limits_come_from_the_model() -> None:
    view = modal(Everything, AROUND)
    order, amount = view["blocks"][1], view["blocks"][2]

    assert len(view["title"]["text"]) == 24
    assert (order["label"]["text"], order["hint"]["text"], order["optional"]) == ("Order", "3 to 10 digits.", False)
    assert amount["label"]["text"] == "Amount (USD)"
    assert amount["element"]["placeholder"]["text"] == "42.00"
    assert _element("order")["max_length"] == 10
    assert (_element("pieces")["min_value"], _element("pieces")["max_value"]) == ("1", "9")
    assert _element("weight")["is_decimal_allowed"] is True
    assert _element("reason")["multiline"] is True
    assert _element("reason")["initial_value"] == "None given"
    assert _element("yen")["placeholder"]["text"] == "42"


def test_fields_that_may_be_empty_are_optional() -> None:
    blocks = modal(Everything, AROUND)["blocks"]

    assert {block["block_id"] for block in blocks[1:] if block["optional"]} == {"gift", "note", "yen", "reason"}


def test_a_filled_in_form_becomes_the_model() -> None:
    found = parse(Everything, FILLED)

    assert found == Everything(
        order="1234",
        amount=4200,
        pieces=3,
        weight=2.5,
        speed="very_fast",
        size=Size.LARGE,
        day=date(2026, 11, 22),
        at=1763800000,
        gift=True,
        note=None,
        yen=None,
        reason="The parcel was lost.",
    )


def test_an_unticked_box_is_a_no() -> None:
    found = parse(Everything, FILLED | {"gift": {"value": {"type": "checkboxes", "selected_options": []}}})

    assert isinstance(found, Everything)
    assert found.gift is False


@pytest.mark.parametrize(
    ("name", "filled", "sentence"),
    [
        ("order", _text("12a"), "Write it like 1234."),
        ("order", _text("   "), "Please fill this in."),
        ("order", {}, "Please fill this in."),
        ("order", {"value": "1234"}, "Please fill this in."),
        ("amount", _text("42,00"), "Write the amount like 42.00."),
        ("amount", _text("a lot"), "Write the amount like 42.00."),
        ("amount", _text("1.001"), "USD has at most 2 decimals. Write the amount like 42.00."),
        ("amount", _text("0"), "It has to be more than 0.00 USD."),
        ("amount", _text("-5"), "It has to be more than 0.00 USD."),
        ("amount", _text("1000.01"), "It has to be at most 1,000.00 USD."),
        ("amount", _text("9" * 400), "That amount is too large."),
        ("yen", _text("1.50"), "JPY has no decimals. Write the amount like 42."),
        ("pieces", _text("2.5"), "Write a whole number, such as 3."),
        ("pieces", _text("9" * 5000), "Write a whole number, such as 3."),
        ("pieces", _text("10"), "It has to be at most 9."),
        ("weight", _text("heavy"), "Write a number, such as 3.5."),
        ("weight", _text("nan"), "Write a number, such as 3.5."),
        ("weight", _text("inf"), "Write a number, such as 3.5."),
        ("weight", _text("10"), "It has to be less than 10.0."),
        ("speed", _chosen("warp"), "Choose one of the list."),
        ("size", _chosen("3"), "Choose one of the list."),
        ("size", {"value": {"selected_option": "2"}}, "Please fill this in."),
        ("day", {"value": {"selected_date": "2026-02-30"}}, "Choose a day."),
        ("day", {"value": {"selected_date": 20260230}}, "Please fill this in."),
        ("at", {"value": {"selected_date_time": "soon"}}, "Please fill this in."),
        ("reason", _text("no"), "At least 5 characters."),
    ],
)
def test_a_mistake_is_told_beside_its_field_in_a_sentence(name: str, filled: dict[str, Any], sentence: str) -> None:
    assert parse(Everything, FILLED | {name: filled}) == {name: sentence}


def test_all_mistakes_are_told_at_once() -> None:
    found = parse(Everything, FILLED | {"order": _text("x"), "amount": _text("y"), "reason": _text("z")})

    assert isinstance(found, dict)
    assert set(found) == {"order", "amount", "reason"}


def test_values_for_fields_that_the_model_lacks_are_not_passed_on() -> None:
    assert isinstance(parse(Everything, FILLED | {"is_admin": _text("yes")}), Everything)


class Range(BaseModel, frozen=True, extra="forbid", strict=True):
    """A model whose fields must fit each other."""

    first: int
    last: int

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if self.first > self.last:
            raise ValueError("The first has to come before the last.")
        return self


def test_what_is_wrong_with_the_whole_is_told_at_the_first_field() -> None:
    assert parse(Range, {"first": _text("2"), "last": _text("1")}) == {
        "first": "The first has to come before the last."
    }


class Nested(BaseModel):
    """A field that no input stands for."""

    inner: Range


def test_a_model_that_no_form_can_stand_for_is_refused_by_the_name_of_its_field() -> None:
    with pytest.raises(NoInput, match="inner"):
        modal(Nested, AROUND)
