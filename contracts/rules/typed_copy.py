"""Copies facts that are as declared, the usual case, and marks their texts in the same walk, in compiled code.

A validator is made of the schema of the facts. It gives a copy of its own, so that what was looked at is what is judged,
and holds no more than the guard lets pass. It looks at nothing that is not declared, or not asked for: no rule reads that.
Whatever it refuses (another type, a tuple, anything beyond a limit) is left to the guard, which is slower and says what is
wrong.
"""

from collections.abc import Set
from dataclasses import replace
from functools import lru_cache

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from contracts.facts import FactSchema, FactType
from contracts.rules.engine_form import MARK
from contracts.rules.guard import EXACT, FACT_LIMITS

_MANY, _FEWER = 2_000, 100
"""The most items of a list, and by what it falls with each list around it: so a walk is short, whatever is shared."""


UNLIKE = (ValidationError, TypeError)
"""What a copier raises on a document that is not as declared."""


class _TooDeep(ValueError):
    """The schema is deeper than facts may be."""


@lru_cache(maxsize=8_192)
def copier_of(schema: FactSchema, reads: frozenset[str] | None = None) -> SchemaValidator | None:
    """What copies facts of this schema (those that are read, where that is said), every text marked.

    None where they may be deeper than facts can be.
    """
    root = schema.root if reads is None else _only(schema.root, {tuple(path.split(".")) for path in reads})
    try:
        return SchemaValidator(_copied(root, FACT_LIMITS.depth, _MANY))
    except _TooDeep:
        return None


def _only(kind: FactType, paths: Set[tuple[str, ...]]) -> FactType:
    """The type with those fields alone that lie on a path, or below its end."""
    if () in paths or not kind.fields:
        return kind
    below = {name: {path[1:] for path in paths if path[0] == name} for name in kind.fields}
    return replace(kind, fields={name: _only(kind.fields[name], inner) for name, inner in below.items() if inner})


def _copied(kind: FactType, depth: int, most: int) -> CoreSchema:
    inner = _container(kind, depth - 1, most) if kind.kind in {"list", "object"} else _scalar(kind)
    return core_schema.nullable_schema(inner) if kind.nullable else inner


def _container(kind: FactType, depth: int, most: int) -> CoreSchema:
    if depth < 0:
        raise _TooDeep
    if kind.kind == "object" and (kind.fields or kind.item is None):
        fields = {name: _field(part, depth, most) for name, part in kind.fields.items()}
        return core_schema.typed_dict_schema(fields, strict=True)
    item = _copied(kind.item, depth, most // _FEWER) if kind.item is not None else core_schema.none_schema()
    if kind.kind == "list":
        return core_schema.list_schema(item, max_length=most, strict=True)
    # A dict is walked while its items are looked at, so it is one that nobody else has.
    whole = core_schema.dict_schema(_TEXT, item, max_length=most, strict=True)
    return core_schema.no_info_before_validator_function(dict.copy, whole)


def _field(kind: FactType, depth: int, most: int) -> core_schema.TypedDictField:
    # What is absent is the engine's to tell, when a rule reads it.
    return core_schema.typed_dict_field(_copied(kind, depth, most), required=False)


def _scalar(kind: FactType) -> CoreSchema:
    inner = _SCALARS[kind.kind]
    if kind.values:
        inner = core_schema.chain_schema([inner, core_schema.literal_schema([*kind.values])])
    return core_schema.no_info_after_validator_function(MARK.__add__, inner) if kind.kind == "text" else inner


# Strict each by itself: a configuration of the whole would not reach into its objects.
_TEXT = core_schema.str_schema(max_length=FACT_LIMITS.text, strict=True)
_INTEGER = core_schema.int_schema(ge=-EXACT, le=EXACT, strict=True)
_SCALARS: dict[str, CoreSchema] = {
    "text": _TEXT,
    "integer": _INTEGER,
    # Within the same bounds, for the float's validator takes an integer that the other refused.
    "number": core_schema.union_schema(
        [_INTEGER, core_schema.float_schema(allow_inf_nan=False, ge=-EXACT, le=EXACT, strict=True)],
        mode="left_to_right",
    ),
    "boolean": core_schema.bool_schema(strict=True),
    "null": core_schema.none_schema(),
    "mixed": core_schema.none_schema(),
}
