"""A database as company.yaml declares it: named statements with bound parameters, each with what it takes and gives."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

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
from contracts.systems.words import Variable
from contracts.vocabulary import EffectClass

Statement = Annotated[str, Field(min_length=1, max_length=8000)]
"""One SQL statement; `:name` stands for a bound parameter."""

_APART = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAMETER = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)")
_READS = ("select", "with", "values")
_HOLES = re.compile(r"%\(\w+\)s|\{\w*\}|\$\d+")


class SqlRead(DeclaredRead):
    """A query that is made in a transaction which can only read."""

    statement: Statement
    """The query; its columns are named as `gives` names them."""


class SqlEffect(DeclaredEffect):
    """A change in one transaction, found again by its key."""

    kind: EffectClass = Field(alias="class", strict=False)
    """`keyed` where a unique column holds the key, so that the database refuses it twice; `readable` where a look finds it."""
    statements: tuple[Statement, ...] = Field(min_length=1, strict=False)
    """What is changed, in order, all or nothing; each of them changes a row, or the whole is refused. One of them keeps `:key`."""
    look: Statement | None = None
    """A query by `:key` for what was done: `reference`, a column for each argument, and `at` if it is known."""
    keys: Statement | None = None
    """A query for the keys of all that it has ever done, as `key`; after a restore `chargehand reconcile` compares them."""
    version: FieldName | None = None
    """The argument that is the version which was read: when the first statement changes no row, somebody was faster."""


class SqlSystem(Declared):
    """A database: PostgreSQL, or SQLite."""

    url: Variable
    """The environment variable with the address, such as postgresql+psycopg://user:password@host/name."""
    reads: dict[FieldName, SqlRead] = {}
    """Queries, by the name that rights give them."""
    effects: dict[FieldName, SqlEffect] = {}
    """Changes, by the name that rights give them."""


def made_of(declared: SqlSystem) -> list[Made]:
    """The operations of a database."""
    reads = [made_read(read_operation(name, one), one) for name, one in declared.reads.items()]
    effects = [
        made_effect(effect_operation(name, one, one.kind, version=one.version), one, lists=one.keys is not None)
        for name, one in declared.effects.items()
    ]
    return [*reads, *effects]


def mistakes_of(declared: SqlSystem, page: Page, at: Pointer) -> Iterator[Mistake]:
    """Statements that bind something else than what is taken, that are several, or that read what they should change."""
    for name, read in declared.reads.items():
        place = (*at, "reads", name)
        yield from _of_query(page, (*place, "statement"), read.statement, [*read.takes])
        yield from _unused(page, place, [*read.takes], [read.statement])
        yield from read_mistakes(read, page, place)
    for name, effect in declared.effects.items():
        yield from _of_effect(effect, page, (*at, "effects", name))


def _of_effect(effect: SqlEffect, page: Page, at: Pointer) -> Iterator[Mistake]:
    known = [*effect.takes, KEY]
    for index, statement in enumerate(effect.statements):
        yield from _of_statement(page, (*at, "statements", index), statement, known)
    yield from _unused(page, at, [*effect.takes], effect.statements)
    if effect.kind is not EffectClass.NEITHER and not any(KEY in parameters(one) for one in effect.statements):
        yield page.mistake(
            (*at, "statements"), "no statement keeps :key", "Write it to a column; the look finds it there."
        )
    if effect.look is None and effect.kind is not EffectClass.NEITHER:
        yield page.mistake(at, f"a {effect.kind} effect says its look", "It is a query by :key.", key=True)
    if effect.look is not None:
        yield from _of_look(page, (*at, "look"), effect.look, [*effect.takes])
    if effect.keys is not None:
        yield from _of_query(page, (*at, "keys"), effect.keys, [])
    yield from fields_of(effect, page, at)
    if effect.version is not None and effect.version not in effect.takes:
        hint = suggestion(effect.version, [*effect.takes])
        yield page.mistake((*at, "version"), f"it takes no {effect.version}", hint)


def _of_look(page: Page, at: Pointer, look: str, takes: list[str]) -> Iterator[Mistake]:
    yield from _of_query(page, at, look, [*takes, KEY])
    if KEY not in parameters(look):
        yield page.mistake(at, "the look does not ask for :key", "Only what carries the key proves the effect.")
    for column in (REFERENCE, *takes):
        if not re.search(rf"\b{column}\b", look):
            yield page.mistake(at, f"the look gives no {column}", f"Name a column so: … as {column}.")


def _of_query(page: Page, at: Pointer, statement: str, known: list[str]) -> Iterator[Mistake]:
    first = _bare(statement).split(maxsplit=1)
    if first and first[0].lower() not in _READS:
        yield page.mistake(at, f"a query begins with {listed(list(_READS), last='or')}", None)
    yield from _of_statement(page, at, statement, known)


def _of_statement(page: Page, at: Pointer, statement: str, known: list[str]) -> Iterator[Mistake]:
    bare = _bare(statement)
    if ";" in bare.rstrip().removesuffix(";"):
        yield page.mistake(at, "this is more than one statement", "Write one; `statements` is a list.")
    hole = _HOLES.search(bare)
    if hole is not None:
        yield page.mistake(at, f"{hole[0]} is no bound parameter", "Write :name; values are never put into the text.")
    for name in dict.fromkeys(parameters(statement)):
        if name not in known:
            yield page.mistake(at, f":{name} is not taken", suggestion(name, known))


def _unused(page: Page, at: Pointer, takes: list[str], statements: Sequence[str]) -> Iterator[Mistake]:
    bound = {name for one in statements for name in parameters(one)}
    for name in takes:
        if name not in bound:
            yield page.mistake((*at, "takes", name), f"no statement binds :{name}", None, key=True)


def parameters(statement: str) -> list[str]:
    """The parameters that a statement binds, in order, without those in quotes and comments."""
    return _PARAMETER.findall(_bare(statement))


def quoted_apart(statement: str) -> str:
    """The statement as SQLAlchemy has to be given it: what looks like a parameter in quotes and comments is none."""
    return _APART.sub(lambda found: found[0].replace(":", "\\:"), statement)


def _bare(statement: str) -> str:
    return _APART.sub(" '' ", statement).strip()
