"""Types of facts: what a rule may read, in which unit, and whether it can be null, derived from the models."""

import types
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID
from weakref import WeakKeyDictionary

from pydantic import AnyUrl, BaseModel, RootModel
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from contracts.authoring import Instant, Money, Personal, Seconds

Kind = Literal["text", "integer", "number", "boolean", "list", "object", "null", "mixed"]
"""JSON's types, with integers apart; `null` and `mixed` only occur where facts come without models."""


class NotAFact(TypeError):
    """A model has a field that rules can't read; `str()` names the field and says what to use instead."""


@dataclass(frozen=True, slots=True)
class FactType:
    """What is known of a fact before it is read.

    `unit` is a currency's code (minor units), "instant" (UTC epoch seconds), "seconds" or None; `values` are all that it
    can be, if it is an enumeration; `item` is the type of a list's items, or of the values of an object with free keys;
    `fields` are those of an object with known ones.
    """

    kind: Kind
    nullable: bool = False
    unit: str | None = None
    personal: bool = False
    values: tuple[str | int, ...] = ()
    item: "FactType | None" = None
    fields: Mapping[str, "FactType"] = field(default_factory=dict)

    def part(self, name: str) -> "FactType | None":
        """The type of what lies at `name` within this one, if anything can."""
        if self.kind == "list":
            return self.item if name.isdecimal() and name.isascii() else None
        return self.fields.get(name, None if self.fields else self.item) if self.kind == "object" else None

    def nulled(self, nullable: bool) -> "FactType":  # noqa: FBT001 - it is the field's value
        """The same type, which may be null or may not; by hand, for it is asked of every fact that a rule reads."""
        if self.nullable == nullable:
            return self
        return FactType(self.kind, nullable, self.unit, self.personal, self.values, self.item, self.fields)

    def words(self) -> str:
        """The type as messages name it, such as `integer, minor units of USD`."""
        units = {None: "", "any": "", "instant": ", epoch seconds", "seconds": ", seconds"}
        unit = units.get(self.unit, f", minor units of {self.unit}")
        return self.kind + unit + (" or null" if self.nullable and self.kind != "null" else "")


@dataclass(frozen=True, slots=True, eq=False)
class FactSchema:
    """The type of the whole document of facts; paths are dotted, such as `request.amount`, and "" is the whole.

    One is like no other but itself, so that what is compiled of it can be kept by it.
    """

    root: FactType

    def at(self, path: str) -> FactType | None:
        """The type at `path`, or None; nullable where anything on the way is, personal likewise."""
        return _at(self, path)

    def nullable_on_the_way(self, path: str) -> tuple[str, ...]:
        """Which of `path` and the paths above it may be null, outermost first."""
        return _nullable_on_the_way(self, path)

    def nearest(self, path: str) -> str | None:
        """The declared path that was most likely meant, or None when nothing is near."""
        paths = self.paths()
        near = get_close_matches(path, paths, n=1, cutoff=0.75)
        last = path.rpartition(".")[2]
        same_end = [declared for declared in paths if declared.rpartition(".")[2] == last]
        return next(iter(near or same_end), None)

    def paths(self) -> tuple[str, ...]:
        """Every declared path, those of objects included, in the order of the models."""
        return tuple(_paths(self.root, ""))


@lru_cache(maxsize=8_192)
def _at(schema: FactSchema, path: str) -> FactType | None:
    """Kept: a rule reads the same paths again and again, and so do the sentences beside it."""
    on_the_way = [kind for _, kind in _walk(schema.root, path) if kind is not None]
    if len(on_the_way) <= len(path.split(".") if path else ()):
        return None
    nullable = any(kind.nullable for kind in on_the_way)
    personal = any(kind.personal for kind in on_the_way)
    found = on_the_way[-1]
    if (found.nullable, found.personal) == (nullable, personal):
        return found
    return replace(found, nullable=nullable, personal=personal)


@lru_cache(maxsize=8_192)
def _nullable_on_the_way(schema: FactSchema, path: str) -> tuple[str, ...]:
    return tuple(prefix for prefix, kind in _walk(schema.root, path) if kind is not None and kind.nullable)


def _walk(root: FactType, path: str) -> Iterator[tuple[str, FactType | None]]:
    kind: FactType | None = root
    walked = ""
    yield walked, kind
    for name in path.split(".") if path else ():
        kind = kind.part(name) if kind is not None else None
        walked = f"{walked}.{name}" if walked else name
        yield walked, kind


def schema_of(parts: Mapping[str, Any]) -> FactSchema:
    """The schema of a document whose parts are models, Python types, or mappings of such.

    `schema_of({"request": Refund, "state": {"order": Checked}, "now": Annotated[int, Instant()]})`. Raises NotAFact.
    """
    return FactSchema(_Reader().mapping(parts, ""))


def _paths(kind: FactType, above: str) -> Iterator[str]:
    for name, inner in kind.fields.items():
        path = f"{above}.{name}" if above else name
        yield path
        yield from _paths(inner, path)


_SCALARS: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "text"),
    (UUID, "text"),
    (AnyUrl, "text"),
)
_NUMERIC = {"integer", "number"}


_READ: WeakKeyDictionary[type[BaseModel], FactType] = WeakKeyDictionary()
"""The models that were read and have no mistake: a lane asks for the same ones at each of its steps."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads types into fact types; `within` are the models on the way down, so that a recursive one is refused."""

    within: tuple[type, ...] = ()

    def mapping(self, parts: Mapping[str, Any], path: str) -> FactType:
        return FactType("object", fields={name: self.read(part, f"{path}.{name}") for name, part in parts.items()})

    def read(self, annotation: object, path: str) -> FactType:
        if isinstance(annotation, Mapping):
            return self.mapping(annotation, path)
        if isinstance(annotation, TypeAliasType):
            return self.read(annotation.__value__, path)
        if isinstance(annotation, type) and get_origin(annotation) is None:
            return self.plain(annotation, path)
        return self.composed(annotation, path)

    def plain(self, annotation: type, path: str) -> FactType:
        if issubclass(annotation, Enum):
            return _enumeration(tuple(member.value for member in annotation), path)
        if issubclass(annotation, BaseModel):
            return self.model(annotation, path)
        for parent, kind in _SCALARS:
            if issubclass(annotation, parent):
                return FactType(kind)
        return self.composed(annotation, path)

    def model(self, model: type[BaseModel], path: str) -> FactType:
        known = _READ.get(model)
        if known is None:
            known = _READ[model] = self.new_model(model, path)
        return known

    def new_model(self, model: type[BaseModel], path: str) -> FactType:
        if model in self.within:
            raise NotAFact(f"{path.lstrip('.')}: {model.__name__} contains itself; rules need facts of known depth")
        inside = _Reader((*self.within, model))
        if issubclass(model, RootModel):
            return inside.field(model.model_fields["root"], path)
        fields = {name: inside.field(info, f"{path}.{name}") for name, info in model.model_fields.items()}
        derived = {
            name: inside.read(info.return_type, f"{path}.{name}") for name, info in model.model_computed_fields.items()
        }
        return FactType("object", fields=fields | derived)

    def field(self, info: FieldInfo, path: str) -> FactType:
        return _marked(self.read(info.annotation, path), info.metadata)

    def composed(self, annotation: object, path: str) -> FactType:
        origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
        if origin is Annotated:
            return _marked(self.read(arguments[0], path), arguments[1:])
        if origin is Literal:
            return _enumeration(arguments, path)
        if origin in (Union, types.UnionType):
            return self.union(arguments, path)
        return self.container(origin, arguments, path)

    def container(self, origin: object, arguments: tuple[Any, ...], path: str) -> FactType:
        parent = origin if isinstance(origin, type) else object
        if issubclass(parent, Mapping) and len(arguments) == 2:
            return FactType("object", item=self.read(arguments[1], f"{path}.*"))
        if issubclass(parent, (Sequence, Set)) and _one_item_type(arguments):
            return FactType("list", item=self.read(arguments[0], f"{path}.*"))
        raise NotAFact(_refusal(path, origin))

    def union(self, members: tuple[Any, ...], path: str) -> FactType:
        kinds = [self.read(member, path) for member in members if member is not type(None)]
        nullable = len(kinds) < len(members) or any(kind.nullable for kind in kinds)
        if kinds and all(replace(kind, nullable=False) == replace(kinds[0], nullable=False) for kind in kinds):
            return replace(kinds[0], nullable=nullable)
        if kinds and {kind.kind for kind in kinds} <= _NUMERIC:
            return FactType("number", nullable=nullable)
        raise NotAFact(f"{path.lstrip('.')}: a fact has one type; give each of these its own field")


def _one_item_type(arguments: tuple[Any, ...]) -> bool:
    return len(arguments) == 1 or (len(arguments) == 2 and arguments[1] is Ellipsis)


def _marked(kind: FactType, markers: Sequence[Any]) -> FactType:
    for marker in markers:
        match marker:
            case Money(currency=currency):
                kind = replace(kind, unit=currency)
            case Instant():
                kind = replace(kind, unit="instant")
            case Seconds():
                kind = replace(kind, unit="seconds")
            case Personal():
                kind = replace(kind, personal=True)
            case FieldInfo(metadata=inner):
                kind = _marked(kind, inner)
    return kind


def _enumeration(values: tuple[Any, ...], path: str) -> FactType:
    present = tuple(value for value in values if value is not None)
    nullable = len(present) < len(values)
    if present and all(isinstance(value, bool) for value in present):
        return FactType("boolean", nullable=nullable)
    for parent, kind in _SCALARS[1:4]:
        if present and all(isinstance(value, parent) and not isinstance(value, bool) for value in present):
            return FactType(kind, nullable=nullable, values=present)
    raise NotAFact(f"{path.lstrip('.')}: the values of a choice are all text or all integers")


_INSTEAD = {
    "datetime": "an integer marked Instant() (UTC epoch seconds)",
    "date": "an integer marked Instant() (UTC epoch seconds), or text",
    "timedelta": "an integer marked Seconds()",
    "Decimal": "an integer marked Money(currency), in minor units",
    "bytes": "an artifact, and its sha256 as text",
}


def _refusal(path: str, origin: object) -> str:
    name = origin.__name__ if isinstance(origin, (type, TypeVar)) else str(origin)
    instead = _INSTEAD.get(name, "text, a number, a boolean, a list, or a model")
    return f"{path.lstrip('.')}: rules can't read {name}; use {instead}"
