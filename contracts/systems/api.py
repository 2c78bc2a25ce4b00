"""An HTTP API as company.yaml declares it: operations by method, path and JSON body, and where their answers hold what."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.declared import Declared, FieldName
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, listed, suggestion
from contracts.systems.building import Made, fields_of, made_effect, made_read, read_mistakes
from contracts.systems.operations import (
    KEY,
    REFERENCE,
    DeclaredEffect,
    DeclaredRead,
    effect_operation,
    read_operation,
)
from contracts.systems.templates import PLACE, places, unfilled, unsent
from contracts.systems.words import Variable
from contracts.vocabulary import EffectClass

IDEMPOTENCY = "Idempotency-Key"
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"})

Path = Annotated[str, Field(min_length=1, max_length=1000)]
"""A path below the address; `{name}` stands for an argument."""


class Answered(Declared):
    """Where an answer holds what."""

    records: str | None = Field(default=None, alias="list")
    """Where in the answer the list of records lies, such as data.items; unsaid the answer itself is the record, or the list."""
    at: dict[FieldName, str] = {}
    """Where in a record a field lies, such as amount.total; unsaid it lies there under its own name."""


class HttpRead(DeclaredRead, Answered):
    """A GET. What is not found is null."""

    get: Path
    """The path."""
    query: dict[str, str] = {}
    """The query, by name."""


class HttpLook(Answered):
    """A GET that finds an effect again."""

    get: Path
    """The path."""
    query: dict[str, str] = {}
    """The query, by name; `{key}` stands for the key."""


class HttpPages(Declared):
    """How a list goes on after its first page: by exactly one of `next`, `last` and `counts`."""

    query: str = Field(min_length=1)
    """The part of the query that asks for a page."""
    next: str | None = None
    """Where in an answer stands what asks for the next page, such as meta.next_cursor; the list ends where nothing stands there."""
    last: str | None = None
    """Where in a record stands what asks for those after it, such as id; an empty page ends the list."""
    counts: Literal["pages", "records"] | None = None
    """What is counted to ask for the next page; an empty page, or a 404 after the first, ends the list."""
    first: int | None = Field(default=None, ge=0, le=1)
    """The number of the first page, where pages are counted; unsaid 1."""


class HttpKeys(Answered):
    """A GET that lists all that an effect has ever done; after a restore `chargehand reconcile` compares it."""

    get: Path
    """The path."""
    query: dict[str, str] = {}
    """The query, by name."""
    pages: HttpPages | None = None
    """How the list goes on; unsaid, one answer holds all of it."""


class HttpEffect(DeclaredEffect):
    """A call that changes something."""

    kind: EffectClass = Field(alias="class", strict=False)
    """`keyed` where the API takes the key of `key_header` only once; `readable` where a look finds it; else `neither`."""
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    """How it is called."""
    path: Path
    """The path."""
    query: dict[str, str] = {}
    """The query, by name."""
    headers: dict[str, str] = {}
    """More headers, such as If-Match: "{version}"."""
    body: dict[str, Any] | None = None
    """The JSON that is sent; a text that is one `{name}` becomes the argument with its type."""
    key_header: str | None = IDEMPOTENCY
    """The header that carries the key; null for none."""
    look: HttpLook | None = None
    """How it is found again: `at` says where `reference`, each argument, `at` and perhaps `key` lie in a record."""
    keys: HttpKeys | None = None
    """How the keys of all that it has ever done are listed: `at` says where `key` lies in a record."""
    version: FieldName | None = None
    """The argument that is the version which was read: a 412 says that somebody was faster."""


class HttpSystem(Declared):
    """An API that speaks JSON."""

    url: Variable
    """The environment variable with the address that paths begin at, such as https://api.shop.example/v1."""
    token: Variable | None = None
    """The environment variable with the secret that is sent with each call."""
    header: str = "Authorization"
    """The header that carries the secret."""
    scheme: str = "Bearer"
    """What stands before the secret there; empty for nothing."""
    longest: int = Field(default=1_000_000, ge=1, le=50_000_000)
    """The most bytes that an answer may have."""
    reads: dict[FieldName, HttpRead] = {}
    """Reads, by the name that rights give them."""
    effects: dict[FieldName, HttpEffect] = {}
    """Changes, by the name that rights give them."""


def made_of(declared: HttpSystem) -> list[Made]:
    """The operations of an API."""
    reads = [made_read(read_operation(name, one), one) for name, one in declared.reads.items()]
    effects = [
        made_effect(effect_operation(name, one, one.kind, version=one.version), one, lists=one.keys is not None)
        for name, one in declared.effects.items()
    ]
    return [*reads, *effects]


def mistakes_of(declared: HttpSystem, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Paths that lead elsewhere, places that nothing fills, arguments that are not sent, and looks that prove nothing."""
    for name, read in declared.reads.items():
        place = (*at, "reads", name)
        yield from _path_mistakes(page, (*place, "get"), read.get)
        asked = {"get": read.get, "query": read.query}
        yield from unfilled(page, place, asked, [*read.takes])
        yield from unsent(page, place, asked, [*read.takes])
        yield from _nowhere(page, place, read.at, [*read.gives])
        yield from read_mistakes(read, page, place)
    for name, effect in declared.effects.items():
        yield from _effect_mistakes(effect, page, (*at, "effects", name))


def _effect_mistakes(effect: HttpEffect, page: Page, at: Pointer) -> Iterator[Mistake]:
    takes = [*effect.takes]
    sent = {"path": effect.path, "query": effect.query, "headers": effect.headers, "body": effect.body}
    yield from _path_mistakes(page, (*at, "path"), effect.path)
    yield from unfilled(page, at, sent, [*takes, KEY])
    yield from unsent(page, at, sent, takes)
    yield from fields_of(effect, page, at)
    for header in effect.headers:
        if header.lower() in _OURS:
            yield page.mistake((*at, "headers", header), f"{header} is set by Chargehand", None, key=True)
    if effect.version is not None and effect.version not in takes:
        yield page.mistake((*at, "version"), f"it takes no {effect.version}", suggestion(effect.version, takes))
    if effect.kind is EffectClass.KEYED and effect.key_header is None:
        hint = f"Name the header, such as {IDEMPOTENCY}, or call it readable."
        yield page.mistake((*at, "key_header"), "a keyed call sends its key in a header", hint)
    if effect.look is not None:
        yield from _look_mistakes(effect, effect.look, page, (*at, "look"))
    elif effect.kind is not EffectClass.NEITHER:
        yield page.mistake(at, f"a {effect.kind} effect says its look", "It is a GET that finds it by {key}.", key=True)
    if effect.keys is not None:
        yield from _keys_mistakes(
            effect.keys, page, (*at, "keys"), is_sent=KEY in places(sent) or bool(effect.key_header)
        )


def _look_mistakes(effect: HttpEffect, look: HttpLook, page: Page, at: Pointer) -> Iterator[Mistake]:
    takes = [*effect.takes]
    yield from _path_mistakes(page, (*at, "get"), look.get)
    yield from unfilled(page, at, {"get": look.get, "query": look.query}, [*takes, KEY])
    yield from _nowhere(page, at, look.at, [REFERENCE, *takes, "at", KEY])
    if REFERENCE not in look.at and REFERENCE not in takes:
        yield page.mistake((*at, "at"), "it does not say where the reference lies", "Such as reference: id.", key=True)
    if not asks_by_key(look) and effect.method != "PUT":
        hint = "Ask for {key}, or say at which place of a record the key lies (at: {key: …}). Only a PUT is proven by what it put."
        yield page.mistake(at, "the look does not find it by its key", hint, key=True)


def _keys_mistakes(keys: HttpKeys, page: Page, at: Pointer, *, is_sent: bool) -> Iterator[Mistake]:
    if not is_sent:
        hint = 'Send it, such as body: {metadata: {key: "{key}"}}.'
        yield page.mistake(at, "the call sends no {key}, so no list can show it", hint, key=True)
    yield from _path_mistakes(page, (*at, "get"), keys.get)
    yield from unfilled(page, at, {"get": keys.get, "query": keys.query}, [])
    yield from _nowhere(page, at, keys.at, [KEY])
    if keys.pages is not None:
        yield from _pages_mistakes(keys.pages, keys.query, page, at)


def _pages_mistakes(pages: HttpPages, query: Mapping[str, str], page: Page, at: Pointer) -> Iterator[Mistake]:
    place = (*at, "pages")
    said = [name for name in ("next", "last", "counts") if getattr(pages, name) is not None]
    if len(said) != 1:
        told = f"pages go on by {listed(said) if said else 'nothing'}"
        yield page.mistake(place, told, "Give one of next, last and counts.", key=True)
    if pages.first is not None and pages.counts != "pages":
        yield page.mistake((*place, "first"), "no pages are counted", "Leave `first` out.", key=True)
    if pages.query in query:
        hint = f"Leave {pages.query} out of the query."
        yield page.mistake((*at, "query", pages.query), f"pages ask with {pages.query}", hint, key=True)


def asks_by_key(look: HttpLook) -> bool:
    """Whether what a look finds carries the key."""
    return KEY in look.at or KEY in places({"get": look.get, "query": look.query})


def _path_mistakes(page: Page, at: Pointer, path: str) -> Iterator[Mistake]:
    bare = PLACE.sub("x", path)
    if not bare.startswith("/") or any(step in ("", ".", "..") for step in bare.split("/")[1:-1]):
        yield page.mistake(at, "a path begins with / and leads down", "The address stands in the variable of url.")
    if re.search(r"[?#\\\s]", bare):
        yield page.mistake(at, "a path holds no question", "Write what follows the ? under query.")


def _nowhere(page: Page, at: Pointer, where: Mapping[str, str], known: list[str]) -> Iterator[Mistake]:
    for name in where:
        if name not in known:
            yield page.mistake((*at, "at", name), f"there is no {name}", suggestion(name, known), key=True)
