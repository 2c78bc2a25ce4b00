"""Numbers that are counted up."""

from pydantic import BaseModel


class Count(BaseModel, frozen=True, extra="forbid", strict=True):
    """Where counting starts."""

    number: int


class First(BaseModel, frozen=True, extra="forbid", strict=True):
    """After one step."""

    number: int


class Second(BaseModel, frozen=True, extra="forbid", strict=True):
    """After two steps."""

    number: int


class Third(BaseModel, frozen=True, extra="forbid", strict=True):
    """After three steps."""

    number: int
