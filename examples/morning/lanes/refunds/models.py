"""What staff ask for when an order is refunded, and what each step hands on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chargehand import Instant, Money, Personal

USD = Annotated[int, Money("USD")]
Moment = Annotated[int, Instant()]


class Refund(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a member of staff asks for."""

    order: str = Field(
        title="Order number",
        description="The number on the customer's receipt, 3 to 10 digits.",
        pattern=r"^[0-9]{3,10}$",
        examples=["1234"],
    )
    amount: USD = Field(
        title="Amount to pay back",
        description="In US dollars, at most what the customer paid.",
        gt=0,
        examples=[4200],
    )
    reason: str = Field(
        title="Why",
        description="What went wrong, in a sentence that finance understands.",
        min_length=5,
        max_length=500,
        examples=["The parcel was lost by the carrier (claim accepted 21 Nov)."],
        json_schema_extra={"multiline": True},
    )


class Checked(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the shop knew of the order when it was read; without the order, amounts are 0 and texts are empty."""

    found: bool
    number: str
    customer: Annotated[str, Personal()]
    status: Literal["paid", "unpaid", "missing"]
    paid: USD
    paid_at: Moment
    refunded: USD


class Paid(BaseModel, frozen=True, extra="forbid", strict=True):
    """The refund as the shop shows it when it is read back."""

    reference: str
    amount: USD
    at: Moment
