"""Builds Slack modals from pydantic models and reads what was filled in back into them, with friendly sentences.

The block_id of a field is its name, the action_id of its input is always `value`.
https://docs.slack.dev/reference/block-kit/blocks/input-block
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from slack_sdk.models.blocks import InputBlock, PlainTextObject
from slack_sdk.models.views import View

from gateway.slack.elements import element_of
from gateway.slack.fields import FormField, Input, fields_of
from gateway.slack.mistakes import sentence_of
from gateway.slack.reading import Unreadable, value_of
from gateway.slack.wording import cut, plain

ACTION = "value"
_LONGEST_ERROR = 150

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Modal:
    """What stands around the fields: a title of at most 24 characters, and a note that Slack hands back (JSON text)."""

    title: str
    submit: str
    callback_id: str
    note: str
    intro: str | None = None
    close: str = "Cancel"
    people: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, Any] = field(default_factory=dict)


def modal(model: type[BaseModel], around: Modal) -> dict[str, Any]:
    """The view for a model; raises fields.NoInput for a field that no Slack input stands for.

    `around.people` are ids by name: whom its fields for a person offer; `around.filled` are values that stand there already.
    """
    intro = [{"type": "section", "text": plain(around.intro)}] if around.intro else []
    inputs = [_input(_prepared(one, around)) for one in fields_of(model)]
    view = View(
        type="modal",
        callback_id=around.callback_id,
        private_metadata=around.note,
        title=PlainTextObject(text=cut(around.title, 24)),
        submit=PlainTextObject(text=cut(around.submit, 24)),
        close=PlainTextObject(text=cut(around.close, 24)),
        blocks=[*intro, *inputs],
    )
    return view.to_dict()


def _prepared(one: FormField, around: Modal) -> FormField:
    choices = around.people if one.input is Input.PERSON else one.choices
    return replace(one, choices=choices, initial=around.filled.get(one.name, one.initial))


def _input(one: FormField) -> InputBlock:
    return InputBlock(
        block_id=one.name,
        label=cut(one.label, 2000),
        hint=cut(one.hint, 2000) if one.hint else None,
        element=element_of(one, ACTION),
        optional=one.optional,
    )


def parse(model: type[Model], values: Mapping[str, Any]) -> Model | dict[str, str]:
    """The model that `state.values` make, or a sentence by block_id for what is wrong with them."""
    fields = {field.name: field for field in fields_of(model)}
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, one in fields.items():
        try:
            found |= value_of(one, _given(values, name))
        except Unreadable as error:
            errors[name] = str(error)
    return _validated(model, found, errors, fields)


def _given(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = values.get(name, {}).get(ACTION)
    return given if isinstance(given, Mapping) else {}


def _validated(
    model: type[Model], found: dict[str, Any], errors: dict[str, str], fields: Mapping[str, FormField]
) -> Model | dict[str, str]:
    try:
        parsed = model.model_validate(found)
    except ValidationError as error:
        # What could not even be read has its sentence already; pydantic would only call it missing.
        errors = _sentences(error, fields) | errors
    else:
        if not errors:
            return parsed
    return {name: cut(sentence, _LONGEST_ERROR) for name, sentence in errors.items()}


def _sentences(error: ValidationError, fields: Mapping[str, FormField]) -> dict[str, str]:
    first = next(iter(fields))
    sentences: dict[str, str] = {}
    for detail in error.errors():
        name = str(detail["loc"][0]) if detail["loc"] else first
        place = name if name in fields else first
        sentences.setdefault(place, sentence_of(detail, fields[place]))
    return sentences
