"""What staff ask for when a ticket is to be answered, and what each step hands on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chargehand import Instant, Personal

Moment = Annotated[int, Instant()]


class Triage(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a member of staff asks for."""

    ticket: str = Field(
        title="Ticket number",
        description="The number in the helpdesk, 1 to 8 digits.",
        pattern=r"^[0-9]{1,8}$",
        examples=["501"],
    )


class Ticket(BaseModel, frozen=True, extra="forbid", strict=True):
    """The ticket as the helpdesk had it."""

    number: str
    customer: Annotated[str, Personal()]
    subject: str
    body: Annotated[str, Personal()]
    opened_at: Moment


class Waiting(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the ticket still waits for, such as a refund."""

    dependencies: list[str]


class Diagnosis(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the ticket is about, why it came to be, and how sure that is, in percent."""

    issue: Literal["delivery", "damage", "billing", "question", "unknown"]
    root_cause: str
    confidence: int = Field(ge=0, le=100)


class SecondOpinion(BaseModel, frozen=True, extra="forbid", strict=True):
    """How many tickets about the same were closed before as the same issue, and how sure that makes it, in percent."""

    alike: int
    confidence: int = Field(ge=0, le=100)


class Answer(BaseModel, frozen=True, extra="forbid", strict=True):
    """The draft of the message to the customer, as it was saved; empty when there is none."""

    message: Annotated[str, Personal()]


class Closed(BaseModel, frozen=True, extra="forbid", strict=True):
    """The closing as the helpdesk shows it when it is read back."""

    reference: str
    ticket: str
    at: Moment
