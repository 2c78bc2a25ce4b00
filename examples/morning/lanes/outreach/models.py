"""What is asked for when a prospect is to be written to, and what each step hands on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chargehand import Instant, Personal

Moment = Annotated[int, Instant()]


class Outreach(BaseModel, frozen=True, extra="forbid", strict=True):
    """Whom to write to, and about which offer."""

    prospect: str = Field(
        title="Prospect",
        description="The number in the customer database, such as P-17.",
        pattern=r"^P-[0-9]{1,6}$",
        examples=["P-17"],
    )
    offer: Literal["assessment", "workshop"] = Field(title="Offer", description="What they are offered.")


class Lead(BaseModel, frozen=True, extra="forbid", strict=True):
    """The prospect as the customer database had it; no contact yet is null."""

    id: str
    name: Annotated[str, Personal()]
    company: str
    email: Annotated[str, Personal()]
    email_status: Literal["verified", "unverified", "missing"]
    stage: Literal["new", "warm", "customer", "lost"]
    tier: int
    opted_out: bool
    last_contact_at: Moment | None


class Letter(BaseModel, frozen=True, extra="forbid", strict=True):
    """The message as it would be sent, with the template and the offer that it was made of."""

    template: str
    offer: str
    offer_approved: bool
    calls_to_action: list[str]
    text: Annotated[str, Personal()]


class Sent(BaseModel, frozen=True, extra="forbid", strict=True):
    """The message as the customer database shows it when it is read back."""

    reference: str
    prospect: str
    template: str
    at: Moment
