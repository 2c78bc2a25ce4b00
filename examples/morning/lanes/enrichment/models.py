"""What is asked for when a prospect is to be looked up, and what each step hands on."""

from typing import Annotated

from pydantic import BaseModel, Field

from chargehand import Instant, Personal

Moment = Annotated[int, Instant()]


class Enrich(BaseModel, frozen=True, extra="forbid", strict=True):
    """Whom to look up."""

    prospect: str = Field(
        title="Prospect",
        description="The number in the customer database, such as P-17.",
        pattern=r"^P-[0-9]{1,6}$",
        examples=["P-17"],
    )


class Lead(BaseModel, frozen=True, extra="forbid", strict=True):
    """The prospect as the customer database had it."""

    id: str
    name: Annotated[str, Personal()]
    opted_out: bool
    profile: str
    company: str
    email: Annotated[str, Personal()]
    version: int
    corrected: list[str]


class Found(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the search found; what it did not find is empty, and never guessed."""

    profile: str
    company: str
    email: Annotated[str, Personal()]


class Recorded(BaseModel, frozen=True, extra="forbid", strict=True):
    """The finding as the customer database shows it when it is read back."""

    reference: str
    prospect: str
    at: Moment
