"""How an effect is taken back: by which other effect of its tool, and after which ends of its task."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from contracts.declared import Declared

REFERENCE = "reference"
"""The argument of an undo that is what the world called the effect, as a look has read it back."""


class UndoAfter(StrEnum):
    """The ends of a task after which what it has changed may be taken back."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    FAILED = "failed"


class Undo(Declared):
    """How the effect of a step is taken back when its task ends otherwise than well, as an effect of its own."""

    by: str
    """The effect of the same system that takes it back, as `system.operation`. It is given what the effect was given and
    `reference`, as far as it has arguments of these names. The worker's right to it goes no further than this."""
    after: tuple[UndoAfter, ...] = Field(default=(UndoAfter.CANCELLED,), min_length=1, strict=False)
    """After which ends of the task: `cancelled` by somebody, or `refused` or `failed` later on."""
    approval: bool = False
    """Whether the step's approval edges hold for taking back, too."""


def given_to(names: Mapping[str, Any], args: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """The arguments of an undo that has these names, out of its effect's."""
    known = {**args, REFERENCE: reference}
    return {name: known[name] for name in names if name in known}
