"""Reads a request out of a letter: lines such as `order: 1234`, in the words of the lane's own request model. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.slack.fields import FormField, Input, amount_example, fields_of
from gateway.slack.mistakes import sentence_of
from gateway.slack.reading import Given, Unreadable, value_of

_FIELD = re.compile(r"^[\s>*_•·+-]{0,6}(?P<label>[^\s:*_][^:*]{0,60}?)[*_\s]*[:：][*_]*(?P<text>.*)$")
_YES = {"yes", "y", "true", "x", "on"}
MISSING = "Please fill this in."
TWICE = "This stands there twice, with two values. Write it once."


def found_in(model: type[BaseModel], text: str) -> dict[str, str]:
    """What the letter's lines say, by field name, as it is written; raises fields.NoInput.

    A line `label: …` begins a field when its label is the field's name or title in any case. A field of several lines
    goes on until the next one begins; what is written twice and differently is kept as two lines, and no field of one
    line takes that.
    """
    labels = called(model)
    found: dict[str, list[str]] = {}
    current: FormField | None = None
    for line in text.splitlines():
        begun = _FIELD.match(line)
        field = labels.get(_plain(begun["label"])) if begun else None
        if begun and field is not None:
            current = field
            _add(found, field, begun["text"].strip(" *_"))
        elif current is not None and _goes_on(current, found, line):
            found[current.name].append(line.strip())
    return {name: "\n".join(lines).strip() for name, lines in found.items() if "".join(lines).strip()}


def called(model: type[BaseModel]) -> dict[str, FormField]:
    """The fields of a model by what people call them, in small letters: label, its beginning, and name; raises fields.NoInput."""
    labels: dict[str, FormField] = {}
    for field in fields_of(model):
        for label in (field.label, field.label.partition(" (")[0], field.name):
            labels[_plain(label)] = field
    return labels


def _plain(label: str) -> str:
    return re.sub(r"[\s_-]+", " ", label).strip().casefold()


def _add(found: dict[str, list[str]], field: FormField, text: str) -> None:
    before = found.setdefault(field.name, [])
    if text and text not in before:
        before.append(text)


def _goes_on(field: FormField, found: Mapping[str, list[str]], line: str) -> bool:
    """A text of several lines takes the next one; so does a field whose line was left empty, once."""
    return field.multiline or (bool(line.strip()) and not found[field.name])


def read_request(model: type[BaseModel], texts: Mapping[str, str]) -> BaseModel | dict[str, str]:
    """The request that the texts make, or a sentence by field name for each that is missing or wrong."""
    fields = {field.name: field for field in fields_of(model)}
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, text in texts.items():
        if name in fields:
            try:
                values |= value_in(fields[name], text)
            except Unreadable as error:
                wrong[name] = str(error)
    try:
        request = model.model_validate(values)
    except ValidationError as error:
        return sentences_of(error, fields) | wrong
    return wrong or request


def value_in(field: FormField, text: str) -> dict[str, Any]:
    """The field's value as somebody wrote it, by its name, {} for an empty text; raises Unreadable."""
    if "\n" in text and not field.multiline:
        raise Unreadable(TWICE)
    return value_of(field, _given(field, text))


def _given(field: FormField, text: str) -> Given:
    """The text as the input that stands for the field would hand it on."""
    if field.input is Input.CHOICE:
        chosen = next((value for value in field.choices if value.casefold() == text.casefold()), text)
        return {"selected_option": {"value": chosen}}
    if field.input is Input.TICK:
        return {"selected_options": [text] if text.casefold() in _YES else []}
    if field.input is Input.DATE:
        return {"selected_date": text}
    if field.input is Input.MOMENT:
        return {"selected_date_time": _moment(text)}
    return {"value": text}


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("Write a moment such as 2026-11-21T10:30+00:00.") from error
    if moment.tzinfo is None:
        raise Unreadable("Write the moment with its zone, such as 2026-11-21T10:30+00:00.")
    return int(moment.timestamp())


def sentences_of(error: ValidationError, fields: Mapping[str, FormField]) -> dict[str, str]:
    """What is wrong, by the name of the field that has to be mended."""
    first = next(iter(fields))
    sentences: dict[str, str] = {}
    for detail in error.errors():
        name = str(detail["loc"][0]) if detail["loc"] else first
        place = name if name in fields else first
        said = MISSING if detail["type"] == "missing" else sentence_of(detail, fields[place])
        sentences.setdefault(place, said)
    return sentences


def question_for(model: type[BaseModel], wrong: Mapping[str, str], *, title: str) -> str:
    """One text that asks for everything that is missing or wrong, with lines to fill in."""
    asked = [field for field in fields_of(model) if field.name in wrong]
    head = f"{title}: I need {'this' if len(asked) == 1 else 'these'} before I can begin."
    told = "\n\n".join(_told(field, wrong[field.name]) for field in asked)
    lines = "\n".join(f"{field.name}: {example_of(field)}" for field in asked)
    return f"{head}\n\n{told}\n\nAnswer this mail with:\n\n{lines}"


def _told(field: FormField, sentence: str) -> str:
    hint = f" {field.hint}" if field.hint and field.hint not in sentence else ""
    return f"{field.label}: {sentence}{hint}"


def example_of(field: FormField) -> str:
    """What could stand there."""
    if field.currency:
        return field.placeholder or amount_example(field.currency)
    if field.choices:
        return " | ".join(field.choices)
    return (field.placeholder or "…").splitlines()[0]
