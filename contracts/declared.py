"""What every declaration in a file is made of: frozen models, names, sentences and durations."""

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")
_DIGITS = 5
_LIKE = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>\d+)(?P<rest>[.,]\d+)?\s*"
    r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)",
    re.IGNORECASE,
)


class Unfit(ValueError):
    """A value that does not fit its field: `message` says why, `hint` what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}. {hint}")
        self.message = message
        self.hint = hint


def as_duration(text: Any) -> int:
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        written = text if isinstance(text, str) else json.dumps(text)
        raise Unfit(f"{'nothing' if text in (None, '') else written} is no duration", _meant(written))
    return int(found[1]) * _UNITS[found[2]]


def _meant(written: str) -> str:
    """What to write instead of something like 4 hours, -4h or 1.5h."""
    found = _LIKE.fullmatch(written.strip())
    if found is None:
        return "Write a whole number and s, m, h or d, such as 4h."
    if found["rest"]:
        return "Write a whole number of a smaller unit, such as 90m for 1.5h."
    if len(found["whole"]) > _DIGITS:
        return f"It has at most {_DIGITS} digits, with s, m, h or d after them."
    return f"Write {found['whole']}{found['unit'][0].lower()}{', without a sign' * bool(found['sign'])}."


_AsWritten = Annotated[str, Field(pattern=f"^{_DURATION.pattern}$")]

DurationS = Annotated[int, BeforeValidator(as_duration, json_schema_input_type=_AsWritten)]
"""Seconds, written in files as `30s`, `15m`, `4h` or `2d`."""


def _whole(given: Any) -> Any:
    # Python holds true and 3.0 for equal to 1 and 3, and a literal would take them.
    if type(given) is not int:
        raise PydanticKnownError("literal_error", {"expected": "1, 2, 3 or 4"})
    return given


OneToFour = Annotated[Literal[1, 2, 3, 4], BeforeValidator(_whole)]
"""A stage or a tier."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
"""A name that ids, keys and addresses are made of."""

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that is part of a fact's path."""

LONGEST_LINE = 300
Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]
"""One sentence that people read; `{request.order}` stands for a fact."""

Amount = Annotated[Decimal, Field(ge=0, max_digits=24, decimal_places=12, strict=False)]
"""An amount of money that is kept exactly as it was written, in quotes or not."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

JsonLogic = Any


class Declared(BaseModel):
    """What is written in a file: nothing unknown, nothing changed later; the text below a field is its documentation."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Examples(Declared):
    """Facts that a rule must accept and facts that it must refuse, as path → value."""

    accepted: tuple[dict[str, Any], ...] = Field(min_length=1, strict=False)
    """What the rule holds for; of an edge, what is asked about."""
    refused: tuple[dict[str, Any], ...] = Field(min_length=1, strict=False)
    """What the rule does not hold for."""
