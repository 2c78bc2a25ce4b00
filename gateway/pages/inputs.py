"""A model's field as an input of an HTML form, and what was posted of it in the shape in which forms are read here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from annotated_types import MaxLen

from gateway.slack.fields import FormField, Input, amount_text
from gateway.slack.forms import ACTION

_MOST_TEXT = 3000
_KINDS: Mapping[Input, str] = {Input.CHOICE: "select", Input.PERSON: "select", Input.TICK: "checkbox"}
_TYPES: Mapping[Input, str] = {Input.DATE: "date", Input.MOMENT: "datetime-local"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One input: `kind` is text, textarea, select or checkbox, `type` that of a text's input; `options` are (value, label).

    `mistake` is a sentence that stands beside it.
    """

    name: str
    label: str
    hint: str
    kind: str
    type: str
    mode: str
    value: str
    options: tuple[tuple[str, str], ...]
    required: bool
    longest: int
    mistake: str = ""


def shown(field: FormField, given: Mapping[str, str] | None, mistake: str, timezone: str) -> Shown:
    """The input with what was posted, else with what the field holds; instants stand in the reader's `timezone`."""
    longest = next((note.max_length for note in field.limits if isinstance(note, MaxLen)), _MOST_TEXT)
    value = given.get(field.name, "") if given is not None else _initial(field, timezone)
    text = "textarea" if field.multiline else "text"
    return Shown(
        name=field.name,
        label=field.label,
        hint=field.hint or "",
        kind=_KINDS.get(field.input, text),
        type=_TYPES.get(field.input, "text"),
        mode="decimal"
        if field.input in (Input.MONEY, Input.NUMBER)
        else "numeric"
        if field.input is Input.WHOLE
        else "",
        value=value,
        options=_options(field),
        required=not field.optional,
        longest=min(longest, _MOST_TEXT),
        mistake=mistake,
    )


def _initial(field: FormField, timezone: str) -> str:
    if field.initial is None:
        return ""
    if field.input is Input.MONEY and isinstance(field.initial, int):
        return amount_text(field.initial, field.currency or "")
    if field.input is Input.MOMENT and isinstance(field.initial, int):
        return datetime.fromtimestamp(field.initial, ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M")
    if field.input is Input.TICK:
        return "yes" if field.initial else ""
    return str(field.initial)


def _options(field: FormField) -> tuple[tuple[str, str], ...]:
    if field.input is Input.PERSON:
        return tuple((str(one), name) for name, one in field.choices.items())
    return tuple((text, text.replace("_", " ")) for text in field.choices)


def filled_in(fields: Sequence[FormField], given: Mapping[str, str], timezone: str) -> dict[str, Any]:
    """What was posted, as `gateway.slack.forms.parse` takes it; fields that were not asked for are left out."""
    return {
        field.name: {ACTION: _READ.get(field.input, _text)(given.get(field.name, ""), timezone)} for field in fields
    }


def _text(given: str, timezone: str) -> dict[str, Any]:
    return {"value": given}


def _choice(given: str, timezone: str) -> dict[str, Any]:
    return {"selected_option": {"value": given} if given else None}


def _tick(given: str, timezone: str) -> dict[str, Any]:
    return {"selected_options": ["yes"] if given else []}


def _date(given: str, timezone: str) -> dict[str, Any]:
    return {"selected_date": given}


def _moment(given: str, timezone: str) -> dict[str, Any]:
    try:
        local = datetime.strptime(given, "%Y-%m-%dT%H:%M").replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        return {}
    return {"selected_date_time": int(local.timestamp())}


_READ: Mapping[Input, Callable[[str, str], dict[str, Any]]] = {
    Input.CHOICE: _choice,
    Input.PERSON: _choice,
    Input.TICK: _tick,
    Input.DATE: _date,
    Input.MOMENT: _moment,
}
