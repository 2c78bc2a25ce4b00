"""Makes the Block Kit element of a form's field. https://docs.slack.dev/reference/block-kit/block-elements"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from annotated_types import Ge, Le, MaxLen
from slack_sdk.models.blocks import (
    CheckboxesElement,
    DatePickerElement,
    DateTimePickerElement,
    InputInteractiveElement,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)

from gateway.slack.fields import FormField, Input, amount_example, amount_text
from gateway.slack.wording import cut

MOST_TEXT = 3000


def element_of(field: FormField, action_id: str) -> InputInteractiveElement:
    """The Block Kit element that stands for a field."""
    return _ELEMENTS[field.input](field, action_id)


def _limit(field: FormField, kind: type[Any], attribute: str) -> Any:
    return next((getattr(note, attribute) for note in field.limits if isinstance(note, kind)), None)


def _faint(field: FormField, otherwise: str | None = None) -> PlainTextObject | None:
    text = field.placeholder or otherwise
    return PlainTextObject(text=cut(text, 150)) if text else None


def _text(field: FormField, action_id: str) -> InputInteractiveElement:
    longest = _limit(field, MaxLen, "max_length")
    return PlainTextInputElement(
        action_id=action_id,
        placeholder=_faint(field),
        multiline=field.multiline,
        initial_value=str(field.initial) if field.initial is not None else None,
        max_length=min(longest, MOST_TEXT) if longest else None,
    )


def _money(field: FormField, action_id: str) -> InputInteractiveElement:
    currency = field.currency or ""
    initial = amount_text(field.initial, currency) if isinstance(field.initial, int) else None
    return PlainTextInputElement(
        action_id=action_id, placeholder=_faint(field, amount_example(currency)), initial_value=initial
    )


def _number(field: FormField, action_id: str) -> InputInteractiveElement:
    lowest, highest = _limit(field, Ge, "ge"), _limit(field, Le, "le")
    return NumberInputElement(
        action_id=action_id,
        placeholder=_faint(field),
        is_decimal_allowed=field.input is Input.NUMBER,
        initial_value=str(field.initial) if field.initial is not None else None,
        min_value=str(lowest) if lowest is not None else None,
        max_value=str(highest) if highest is not None else None,
    )


def _tick(field: FormField, action_id: str) -> InputInteractiveElement:
    yes = Option(value="yes", text=PlainTextObject(text="Yes"))
    return CheckboxesElement(action_id=action_id, options=[yes], initial_options=[yes] if field.initial else None)


def _choice(field: FormField, action_id: str) -> InputInteractiveElement:
    options = {text: _option(text) for text in list(field.choices)[:100]}
    initial = next((text for text, value in field.choices.items() if value == field.initial), None)
    return StaticSelectElement(
        action_id=action_id,
        placeholder=_faint(field, "Choose one"),
        options=list(options.values()),
        initial_option=options.get(initial) if initial is not None else None,
    )


def _option(text: str) -> Option:
    return Option(value=cut(text, 150), text=PlainTextObject(text=cut(text.replace("_", " "), 75)))


def _person(field: FormField, action_id: str) -> InputInteractiveElement:
    """The names of `choices`, each with a person's id."""
    options = [
        Option(value=str(one), text=PlainTextObject(text=cut(name, 75)))
        for name, one in list(field.choices.items())[:100]
    ]
    return StaticSelectElement(action_id=action_id, placeholder=_faint(field, "Choose somebody"), options=options)


def _date(field: FormField, action_id: str) -> InputInteractiveElement:
    initial = field.initial.isoformat() if isinstance(field.initial, date) else None
    return DatePickerElement(action_id=action_id, initial_date=initial, placeholder=_faint(field, "Choose a day"))


def _moment(field: FormField, action_id: str) -> InputInteractiveElement:
    initial = field.initial if isinstance(field.initial, int) else None
    return DateTimePickerElement(action_id=action_id, initial_date_time=initial)


_ELEMENTS: Mapping[Input, Callable[[FormField, str], InputInteractiveElement]] = {
    Input.TEXT: _text,
    Input.MONEY: _money,
    Input.WHOLE: _number,
    Input.NUMBER: _number,
    Input.TICK: _tick,
    Input.CHOICE: _choice,
    Input.DATE: _date,
    Input.MOMENT: _moment,
    Input.PERSON: _person,
}
