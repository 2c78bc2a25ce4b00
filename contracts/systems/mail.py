"""Letters as company.yaml declares them: who writes, to whom they may go, what they say, and where their copies are kept."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from contracts.authoring import Operation
from contracts.declared import Declared, DurationS, FieldName, Unfit
from contracts.loading.pages import Page
from contracts.misdeclared import LONGEST_CALL_S
from contracts.mistakes import Mistake, Pointer
from contracts.systems.building import Made, dated_mistakes, fields_of, made_effect
from contracts.systems.operations import DeclaredEffect, effect_operation
from contracts.systems.templates import PLACE, unfilled, unsent
from contracts.systems.words import Variable
from contracts.vocabulary import EffectClass

ANYWHERE = "*"
_LOCAL, _HOST = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}",
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+",
)
_ADDRESS = re.compile(f"(?P<local>{_LOCAL})@(?P<domain>{_HOST})", re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>[^<>\x00-\x1f\x7f]{0,60}?) *<(?P<address>[^<>]+)>")
_LONGEST_ADDRESS = 254


def domain_of(address: str) -> str | None:
    """The domain of a bare address, in small letters; None for what is no address that mail takes."""
    found = _ADDRESS.fullmatch(address) if len(address) <= _LONGEST_ADDRESS else None
    dotted = found is not None and (".." in f".{found['local']}.")
    return None if found is None or dotted else found["domain"].lower()


def sender_of(sender: str) -> tuple[str, str]:
    """The name, which may be empty, and the bare address of a declared sender."""
    named = _NAMED.fullmatch(sender)
    return (named["name"], named["address"]) if named else ("", sender)


def _address(given: Any) -> Any:
    if isinstance(given, str) and domain_of(given) is not None:
        return given
    raise Unfit(f"{given} is no address", "Write it bare, such as care@shop.example.")


def _sender(given: Any) -> Any:
    if isinstance(given, str) and domain_of(sender_of(given)[1]) is not None:
        return given
    raise Unfit(f"{given} is no sender", "Write an address, or a name with it, such as The shop <care@shop.example>.")


def _domain(given: Any) -> Any:
    if isinstance(given, str) and (given == ANYWHERE or re.fullmatch(_HOST, given)):
        return given
    hint = 'Write what stands behind the @, in small letters, such as shop.example; "*" lets letters go anywhere.'
    raise Unfit(f"{given} is no domain", hint)


Address = Annotated[str, BeforeValidator(_address, json_schema_input_type=str)]
"""A bare address, such as care@shop.example."""
Sender = Annotated[str, BeforeValidator(_sender, json_schema_input_type=str)]
"""An address, with a name or without."""
Domain = Annotated[str, BeforeValidator(_domain, json_schema_input_type=str)]
"""What stands behind the @ of an address."""


class MailEffect(DeclaredEffect):
    """A letter of plain text to one reader."""

    to: str = Field(min_length=1)
    """Whom it goes to: an address, or the `{argument}` that is one."""
    domains: tuple[Domain, ...] = Field(default=(), strict=False)
    """The domains that an argument's address may have; `"*"` for any."""
    subject: str = Field(min_length=1, max_length=200)
    """Its subject; `{name}` stands for an argument."""
    body: str = Field(min_length=1, max_length=20_000)
    """Its text; `{name}` stands for an argument."""
    recipients: int | FieldName | None = None
    """How many people it counts as reaching, for caps; unsaid one, whatever it touches."""
    reply_to: Address | None = None
    """Where answers go, if not to the sender."""
    timeout_s: DurationS = Field(default=20, alias="timeout", gt=0, le=int(LONGEST_CALL_S))
    """How long it may take to hand it over, or to look for it."""


class Copies(Declared):
    """The mailbox in which each letter is found again."""

    url: Variable
    """The environment variable with the mailbox, such as imaps://user:password@host/Sent."""
    to: Address | None = None
    """Where a blind copy of each letter goes; unsaid, the mail server itself keeps what it sends in that mailbox."""


class MailSystem(Declared):
    """A mail server that takes our letters. They are `readable` where their copies are kept, else `neither`."""

    url: Variable
    """The environment variable with the server, such as smtp://user:password@host:587?tls=starttls."""
    sender: Sender
    """Who writes, such as The shop <care@shop.example>."""
    copies: Copies | None = None
    """Where letters are found again by their Message-ID; without it nobody can look whether one has gone out."""
    longest: int = Field(default=100_000, ge=1, le=1_000_000)
    """The most characters that a letter's text may have."""
    effects: dict[FieldName, MailEffect] = Field(min_length=1)
    """Letters, by the name that rights give them."""


def made_of(declared: MailSystem) -> list[Made]:
    """The letters of a mail server."""
    found = declared.copies is not None
    kind = EffectClass.READABLE if found else EffectClass.NEITHER
    operations = [(effect_operation(name, one, kind, dated=True), one) for name, one in declared.effects.items()]
    return [made_effect(_to_one(operation, one), one, lists=found) for operation, one in operations]


def _to_one(operation: Operation, declared: MailEffect) -> Operation:
    """A letter reaches somebody whatever it touches."""
    return replace(operation, recipients=1) if declared.recipients is None else operation


def mistakes_of(declared: MailSystem, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Letters that could go anywhere, say what is not taken, or lag where nobody looks."""
    for name, effect in declared.effects.items():
        place = (*at, "effects", name)
        said = {"to": effect.to, "subject": effect.subject, "body": effect.body}
        yield from unfilled(page, place, said, [*effect.takes])
        yield from unsent(page, place, said, [*effect.takes])
        yield from _reader_mistakes(effect, page, place)
        yield from fields_of(effect, page, place)
        yield from dated_mistakes(effect, page, place)
        if not effect.subject.isprintable():
            yield page.mistake((*place, "subject"), "a subject is one line", None)
        if declared.copies is None and "lag_s" in effect.model_fields_set:
            hint = "Say under `copies` where letters are found again."
            yield page.mistake((*place, "lag"), "nobody looks, so nothing lags", hint, key=True)


def _reader_mistakes(effect: MailEffect, page: Page, at: Pointer) -> Iterator[Mistake]:
    argument = PLACE.fullmatch(effect.to)
    if argument is None:
        if domain_of(effect.to) is None:
            hint = "Write one address, or one argument that is an address, such as {customer}."
            yield page.mistake((*at, "to"), f"{effect.to} is no address", hint)
        elif effect.domains:
            yield page.mistake((*at, "domains"), "it goes to one address only", "Leave the domains out.", key=True)
        return
    if effect.takes.get(argument[1], "text") != "text":
        yield page.mistake((*at, "takes", argument[1]), "an address is a text", "Type it so: text.")
    if not effect.domains:
        hint = 'Name the domains that it may go to (domains: [shop.example]); ["*"] lets it go anywhere.'
        yield page.mistake((*at, "to"), "it could go to anybody", hint)
