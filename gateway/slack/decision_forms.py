"""The forms that go with an answer: a reason, a question, changed values, a person, a time."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from contracts.answers import WORD
from contracts.loaded import Business
from contracts.vocabulary import Answer
from gateway.slack.fields import NoInput, OfPerson, fields_of
from gateway.slack.forms import Modal, modal
from gateway.slack.notes import DecisionNote

CHANGES = "decision.changes"
REVISION = "decision.revision"
HANDING_OVER = "decision.handing_over"
SNOOZING = "decision.snoozing"

_NEW = "new_"
BECAUSE = "because"
_LONG: dict[str, Any] = {"multiline": True}
PAUSES: Mapping[str, int] = {"30 minutes": 1800, "1 hour": 3600, "3 hours": 10800, "6 hours": 21600, "1 day": 86400}
"""How long somebody can put a decision aside; what would pass the deadline is refused."""


class _Form(BaseModel, frozen=True, extra="forbid", strict=True):
    pass


class Revision(_Form):
    """What the worker should do otherwise."""

    reason: str = Field(
        title="What should be otherwise?",
        description="The worker starts from your words; what it then proposes is asked anew.",
        min_length=3,
        max_length=1000,
        json_schema_extra=_LONG,
    )


class HandingOver(_Form):
    """Who decides in somebody's place."""

    to: Annotated[str, OfPerson()] = Field(title="Who decides in your place?", max_length=80)
    reason: str | None = Field(default=None, title="Why?", max_length=1000, json_schema_extra=_LONG)


class Snoozing(_Form):
    """When somebody wants to be reminded."""

    pause: Literal["30 minutes", "1 hour", "3 hours", "6 hours", "1 day"] = Field(
        title="Remind me in", description="The deadline stays where it is."
    )


class _Because(_Form):
    because: str | None = Field(
        default=None,
        title="Why?",
        description="It stays on record with your changes.",
        max_length=1000,
        json_schema_extra=_LONG,
    )


def changes_model(business: Business, note: DecisionNote) -> type[BaseModel] | None:
    """The form of the arguments that may be changed, built from the effect's own model; None when it is not there."""
    lane = business.lanes.get(note.lane or "")
    spec = lane.effects.get(note.effect or "") if lane is not None else None
    return _changes_model(spec.args_model) if spec is not None else None


@cache
def _changes_model(args: type[BaseModel]) -> type[BaseModel]:
    """Every argument that has an input, none of them required: what is left out stays as it is."""
    fields: dict[str, Any] = {}
    for name, info in args.model_fields.items():
        try:
            fields_of(create_model("_One", **{name: (info.annotation, info)}))  # type: ignore[call-overload]
        except NoInput:
            continue
        annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        label = info.title or name.replace("_", " ").capitalize()
        fields[f"{_NEW}{name}"] = (annotated | None, Field(default=None, title=label, description=info.description))
    strict = ConfigDict(frozen=True, extra="forbid", strict=True)
    base = create_model("_Changes", __config__=strict, **fields)
    return create_model("Changes", __base__=(base, _Because))


def changes_form(
    business: Business, note: DecisionNote, about: str, values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The form with the values as they are now, for those that may be changed in what it is `about`."""
    model = changes_model(business, note)
    if model is None:
        return None
    kept = {name: value for name, value in as_fields(values).items() if name in model.model_fields}
    asked = [*(name for name in model.model_fields if name in kept), BECAUSE]
    shown: dict[str, Any] = {
        name: (model.model_fields[name].annotation, _filled(model.model_fields[name], kept.get(name))) for name in asked
    }
    around = Modal(WORD[Answer.CHANGE].label, "Approve changed", CHANGES, note.written(), intro=about)
    return modal(create_model("Shown", **shown), around)


def _filled(info: Any, value: Any) -> Any:
    copied = Field(
        default=value, title=info.title, description=info.description, json_schema_extra=info.json_schema_extra
    )
    copied.metadata = list(info.metadata)
    return copied


def as_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments under the names that their fields have in the form."""
    return {f"{_NEW}{name}": value for name, value in values.items()}


def changes_in(said: BaseModel) -> dict[str, Any]:
    """The arguments that were filled in, by name."""
    given = said.model_dump(mode="json", exclude_none=True)
    return {name.removeprefix(_NEW): value for name, value in given.items() if name.startswith(_NEW)}


def revision(note: DecisionNote, about: str) -> dict[str, Any]:
    """Asks what should be otherwise."""
    return modal(Revision, Modal(WORD[Answer.REVISE].label, "Send back", REVISION, note.written(), intro=about))


def handing_over(note: DecisionNote, about: str, people: Mapping[str, str]) -> dict[str, Any]:
    """Asks who decides instead, among `people`: ids by name."""
    label = WORD[Answer.HAND_OVER].label
    around = Modal(label, "Hand over", HANDING_OVER, note.written(), intro=about, people=people)
    return modal(HandingOver, around)


def snoozing(note: DecisionNote, about: str, deadline: str) -> dict[str, Any]:
    """Asks until when; `deadline` is a sentence, or empty."""
    intro = "\n".join(filter(None, (about, deadline)))
    return modal(Snoozing, Modal(WORD[Answer.SNOOZE].label, "Remind me", SNOOZING, note.written(), intro=intro))
