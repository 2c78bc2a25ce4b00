"""What must be there before a task of a lane is run at all; without it the task waits at a gate."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from contracts.declared import Declared, DurationS, FieldName, Line, Slug, Unfit

KINDS = ("setting", "answers", "person", "group")


def _simple(given: Any) -> Any:
    # Told before the union would tell of each of its members.
    if type(given) not in {str, int, bool}:
        raise Unfit("a read is given text, a whole number, true or false", "Put anything else in quotes.")
    return given


_Given = Annotated[str | int | bool, BeforeValidator(_simple)]


class Prerequisite(Declared):
    """One thing that must be there, who sees to it, and how; exactly one of `setting`, `answers`, `person`, `group`."""

    name: Line
    """What it is called."""
    setting: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z_][a-z0-9_]*$")] | None = None
    """A setting of a system that company.yaml has to give, such as a key, as `system.setting`."""
    answers: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z_][a-z0-9_]*$")] | None = None
    """A read that has to be answered, whatever it says, as `system.operation`."""
    given: dict[FieldName, _Given] = {}
    """What that read is given."""
    person: Slug | None = None
    """Somebody who has to be active."""
    group: Slug | None = None
    """A group in which somebody has to be active."""
    because: Line
    """What people read while it is missing."""
    action: Line
    """What its owner has to do."""
    owner: Slug | None = None
    """Who sees to it; without it, the lane's owner."""
    look_again: DurationS | None = None
    """How often it is looked for while it is missing; without it, as the lane looks again."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Prerequisite":
        named = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(named) != 1:
            raise ValueError(f"name one of {', '.join(KINDS)}")
        if self.given and self.answers is None:
            raise ValueError("only a read that has to be answered is given something")
        return self

    @property
    def cause(self) -> str:
        """Its name in the record."""
        return f"prerequisite {self.name}"
