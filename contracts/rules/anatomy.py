"""What is known of each part of a rule before any facts are: worked out once, so that explaining costs little."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contracts.facts import FactType
from contracts.rules import phrases
from contracts.rules.guard import Json, Pointer
from contracts.rules.naming import full_name_of_part, name_of_part
from contracts.rules.narrowing import known
from contracts.rules.structure import name_of_operator, placed_arguments, plain_path

Types = Mapping[Pointer, FactType]
_OVER_ITEMS = {"all", "some", "none", "filter", "map", "reduce"}


@dataclass(frozen=True, slots=True)
class Face:
    """How a part shows itself as one side of a comparison: by which name (None for what is written), as which type."""

    name: str | None
    kind: FactType | None
    is_computed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rule: its operator (empty for what is no operation), its arguments, and the path of a plain read.

    `reads` are the facts that it reads, what is read of an item being part of its list; `faces` are its arguments' as
    sides of it; `guards` says for which outcomes it only tells that something is there.
    """

    rule: Json
    at: Pointer
    operator: str
    arguments: tuple["Part", ...]
    path: str | None
    face: Face
    faces: tuple[Face, ...]
    reads: tuple[tuple[str, FactType | None], ...]
    guards: frozenset[bool]


def part_of(rule: Json, at: Pointer, types: Types) -> Part:
    """The part that stands at a place, with all that is below it."""
    operator = name_of_operator(rule)
    arguments = tuple(part_of(inner, inner_at, types) for inner, inner_at in placed_arguments(rule, at))
    return Part(
        rule=rule,
        at=at,
        operator=operator,
        arguments=arguments,
        path=plain_path(rule),
        face=_face(rule, at, types),
        faces=_faces(arguments, types) if operator in phrases.COMPARISONS else (),
        reads=tuple(_reads(rule, at, types)),
        guards=_guards(rule, arguments),
    )


def _guards(rule: Json, arguments: tuple[Part, ...]) -> frozenset[bool]:
    if None not in [argument.rule for argument in arguments]:
        return frozenset()
    return frozenset(outcome for outcome in (True, False) if known(rule, outcome=outcome))


def _faces(arguments: tuple[Part, ...], types: Types) -> tuple[Face, ...]:
    """The sides of a comparison; a written number takes the unit of what it is compared with."""
    kinds = (types.get(argument.at) for argument in arguments)
    unit = next((kind.unit for kind in kinds if kind is not None and kind.unit), None)
    faces = [_face(argument.rule, argument.at, types, unit=unit) for argument in arguments]
    names = [face.name for face in faces if face.name is not None]
    if len(set(names)) == len(names):
        return tuple(faces)
    return tuple(
        replace(face, name=full_name_of_part(argument.rule) or face.name)
        for face, argument in zip(faces, arguments, strict=True)
    )


def _face(rule: Json, at: Pointer, types: Types, *, unit: str | None = None) -> Face:
    kind = types.get(at)
    if kind is not None and kind.unit is None and not isinstance(rule, dict):
        kind = replace(kind, unit=unit)
    if kind is not None and any(read is not None and read.personal for _, read in _reads(rule, at, types)):
        kind = replace(kind, personal=True)
    name = name_of_part(rule) if isinstance(rule, dict) else None
    return Face(name, kind, name is not None and name_of_operator(rule) != "var")


def _reads(rule: Json, at: Pointer, types: Types) -> Iterator[tuple[str, FactType | None]]:
    if isinstance(rule, list):
        for index, inner in enumerate(rule):
            yield from _reads(inner, (*at, index), types)
    elif isinstance(rule, dict) and name_of_operator(rule) == "var":
        [(path, _), *_] = placed_arguments(rule, at)
        yield str(path), types.get(at)
    elif isinstance(rule, dict):
        for inner, inner_at in placed_arguments(rule, at)[: 1 if name_of_operator(rule) in _OVER_ITEMS else None]:
            yield from _reads(inner, inner_at, types)
