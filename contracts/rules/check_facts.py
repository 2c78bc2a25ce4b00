"""Checks what is read: that the path is declared, what type it has, and whether it can be null here."""

import json

from contracts.facts import FactSchema, FactType
from contracts.rules.guard import Pointer
from contracts.rules.typed import UNKNOWN, Typed, literal, one_type
from contracts.rules.walk import Operation, Scope, Walk


def variable(walk: Walk, operation: Operation, scope: Scope) -> Typed:
    path, pointer = operation.arguments[0], operation.pointers[0]
    if not isinstance(path, str) or (not path and not scope.is_item):
        found = "a computed path" if isinstance(path, dict) else repr(path)
        return walk.add(pointer, f"var reads {found}", found, 'a written path, such as "request.amount"')
    found_type = declared_type(walk, path, pointer, scope)
    if not scope.is_item:
        walk.reads.append(path)
    if found_type is None:
        return UNKNOWN
    fact = Typed(found_type, reads=True, path=path)
    if len(operation.arguments) == 1:
        return fact
    if scope.schema is not None and path in still_nullable(path, scope.schema, scope):
        return default_for_null(walk, fact, operation)
    return defaulted(walk, fact, operation)


def declared_type(walk: Walk, path: str, pointer: Pointer, scope: Scope) -> FactType | None:
    if scope.schema is None:
        return None
    found = scope.schema.at(path)
    if found is None:
        unknown_fact(walk, path, pointer, scope.schema)
        return None
    nullable = still_nullable(path, scope.schema, scope)
    if found.kind == "null":
        return None if not nullable else found
    return found.nulled(bool(nullable))


def still_nullable(path: str, schema: FactSchema, scope: Scope) -> set[str]:
    """Which of `path` and the paths above it may be null, as far as is known here."""
    return set(schema.nullable_on_the_way(path)) - scope.known - _above(scope.known)


def unknown_fact(walk: Walk, path: str, pointer: Pointer, schema: FactSchema) -> None:
    near = schema.nearest(path)
    hint = None
    if near is not None and (kind := schema.at(near)) is not None:
        hint = f"Did you mean {near}? ({kind.words()})"
    walk.add(pointer, f"unknown fact {path}", path, near or "a declared fact", hint)


def defaulted(walk: Walk, fact: Typed, operation: Operation) -> Typed:
    default = literal(operation.arguments[1])
    present = fact._replace(type=fact.type.nulled(False) if fact.type is not None else None)
    if isinstance(operation.arguments[1], (dict, list)) or default.kind == "null":
        return walk.add(
            operation.pointers[1], "a default is a written value", "something else", "text, a number, a boolean"
        )
    if one_type([present, default]) is None:
        kinds = f"{default.words()} for {fact.words()}"
        return walk.add(operation.pointers[1], f"the default is {kinds}", default.words(), fact.words())
    return present


def default_for_null(walk: Walk, fact: Typed, operation: Operation) -> Typed:
    """Refuse a default for a fact that may itself be null: elsewhere null stays null, for it is there."""
    default = json.dumps(operation.arguments[1], ensure_ascii=False)[:40]
    message = f"a default stands for what is absent, and {fact.words()} is there when it is null"
    reading = f'{{"var": "{fact.path}"}}'
    hint = f'Write {{"if": [{{"===": [{reading}, null]}}, {default}, {reading}]}}'
    return walk.add(operation.pointers[1], message, default, "a default for a fact below one that may be null", hint)


def _above(paths: frozenset[str]) -> set[str]:
    """The paths above these; where something is there, all that it lies in is there too."""
    parts = [path.split(".") for path in paths]
    return {".".join(part[:length]) for part in parts for length in range(len(part))}
