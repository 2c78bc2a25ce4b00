"""An entry in a ledger."""

from pydantic import BaseModel


class Count(BaseModel, frozen=True, extra="forbid", strict=True):
    """What is entered."""

    number: int


class Known(BaseModel, frozen=True, extra="forbid", strict=True):
    """What the ledger held before."""

    size: int


class Entered(BaseModel, frozen=True, extra="forbid", strict=True):
    """The entry as it was read back."""

    reference: str
    amount: int
