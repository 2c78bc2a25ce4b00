"""Messages in Slack as company.yaml declares them: each to one channel or person, and found again by its metadata."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from contracts.declared import Declared, DurationS, FieldName, Unfit
from contracts.loading.pages import Page
from contracts.misdeclared import LONGEST_CALL_S, LONGEST_LAG_S
from contracts.mistakes import Mistake, Pointer, suggestion
from contracts.systems.building import Made, dated_mistakes, fields_of, made_effect
from contracts.systems.operations import REFERENCE, DeclaredEffect, effect_operation
from contracts.systems.templates import unfilled, unsent
from contracts.systems.words import Variable
from contracts.vocabulary import EffectClass

_PLACE_ID = re.compile(r"[CGDUW][A-Z0-9]{2,20}")


def _channel(given: Any) -> Any:
    if isinstance(given, str) and _PLACE_ID.fullmatch(given):
        return given
    hint = "Write the id of a channel or a person, such as C0123ABCD; Slack shows it at the end of their details."
    raise Unfit(f"{given} is no id of a channel", hint)


ChannelId = Annotated[str, BeforeValidator(_channel, json_schema_input_type=str)]
"""The id of a channel, or of a person for their direct message."""


class SlackEffect(DeclaredEffect):
    """A message in one channel, or to one person."""

    channel: ChannelId
    """Where it is posted, by id: C… for a channel, U… for a person."""
    text: str = Field(min_length=1, max_length=4000)
    """What it says; `{name}` stands for an argument, which can neither format nor mention."""
    timeout_s: DurationS = Field(default=10, alias="timeout", gt=0, le=int(LONGEST_CALL_S))
    """How long it may take to post it, or to look for it."""
    lag_s: DurationS = Field(default=10, alias="lag", le=int(LONGEST_LAG_S))
    """The longest that a message may take to show; it is not posted a second time before."""


class SlackDelete(Declared):
    """Takes a message back; it is an effect that takes the message's `reference`, as the `undo` of a step gives it."""

    of: FieldName
    """The effect whose messages it deletes."""


class SlackSystem(Declared):
    """A Slack team with an app that may post there. Its messages are `readable`."""

    token: Variable
    """The environment variable with the app's bot token; it needs chat:write, and channels:history (or groups:, im:) for looks."""
    effects: dict[FieldName, SlackEffect] = Field(min_length=1)
    """Messages, by the name that rights give them."""
    deletes: dict[FieldName, SlackDelete] = {}
    """What takes them back, by the name that rights and `undo` give it."""


def made_of(declared: SlackSystem) -> list[Made]:
    """The messages of a Slack team, and what takes them back."""
    deletes = {name: _deleting(declared.effects[one.of]) for name, one in declared.deletes.items()}
    return [
        made_effect(effect_operation(name, one, EffectClass.READABLE, dated=True), one, lists=name in declared.effects)
        for name, one in {**declared.effects, **deletes}.items()
    ]


def _deleting(effect: SlackEffect) -> SlackEffect:
    """It touches whom the message touched, and shows as soon."""
    unsaid: dict[str, Any] = {"defaults": {}, "personal": (), "amount": None, "records": 1, "recipients": None}
    return effect.model_copy(update={"takes": {REFERENCE: "text"}, **unsaid})


def mistakes_of(declared: SlackSystem, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Messages that say what is not taken, or leave out what is."""
    for name, effect in declared.effects.items():
        place = (*at, "effects", name)
        yield from unfilled(page, place, {"text": effect.text}, [*effect.takes])
        yield from unsent(page, place, {"text": effect.text}, [*effect.takes])
        yield from fields_of(effect, page, place)
        yield from dated_mistakes(effect, page, place)
    for name, one in declared.deletes.items():
        if one.of not in declared.effects:
            hint = suggestion(one.of, [*declared.effects])
            yield page.mistake((*at, "deletes", name, "of"), f"there is no effect {one.of}", hint)
        if name in declared.effects:
            yield page.mistake(
                (*at, "deletes", name), f"{name} is the name of an effect", "Name it otherwise.", key=True
            )
