"""What is known of each part of a rule before any facts are: worked out once, so that explaining costs little."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from contracts.facts import FactType
from contracts.rules import phrases
from contracts.rules.guard import Json, Pointer
from contracts.rules.naming import full_name_of_part, name_of_part
from contracts.rules.narrowing import known
from contracts.rules.shown import value_shown
from contracts.rules.structure import name_of_operator, placed_arguments, plain_path
from contracts.rules.wordings import Face, Wording, wording

Types = Mapping[Pointer, FactType]
_MADE_OF_OTHERS = {"and", "or", "!", "!!", "if"} | phrases.QUANTITIES
_OVER_ITEMS = {"all", "some", "none", "filter", "map", "reduce"}


class Read(NamedTuple):
    """A fact that a part reads; `names` is its path taken apart."""

    path: str
    names: tuple[str, ...]
    kind: FactType | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rule: its operator (empty for what is no operation), its arguments, and the path of a plain read.

    `reads` are the facts that it reads, what is read of an item being part of its list; `faces` are its arguments' as
    sides of it, and its own of what is no comparison; `words` says what comes of them, and `alone` that it is a condition by
    itself whose sentence shows nothing but what it reads; `guards` says for which outcomes it only tells that something is there.
    """

    rule: Json
    at: Pointer
    operator: str
    arguments: tuple["Part", ...]
    path: tuple[str, ...] | None
    faces: tuple[Face, ...]
    words: Wording
    alone: bool
    reads: tuple[Read, ...]
    guards: frozenset[bool]

    @property
    def sides(self) -> tuple["Part", ...]:
        """Whose values its sentence tells: the sides of a comparison, or itself."""
        return self.arguments if self.operator in phrases.COMPARISONS else (self,)


def part_of(rule: Json, at: Pointer, types: Types) -> Part:
    """The part that stands at a place, with all that is below it."""
    operator, path = name_of_operator(rule), plain_path(rule)
    arguments = tuple(part_of(inner, inner_at, types) for inner, inner_at in placed_arguments(rule, at))
    compares = operator in phrases.COMPARISONS
    faces = _faces(arguments, types) if compares else (_face(rule, at, types),)
    sides = [argument.rule for argument in arguments] if compares else [rule]
    return Part(
        rule=rule,
        at=at,
        operator=operator,
        arguments=arguments,
        path=None if path is None else tuple(path.split(".")),
        faces=faces,
        words=wording(operator, faces, sides),
        alone=bool(operator)
        and operator not in _MADE_OF_OTHERS
        and all(plain_path(side) is not None or _is_written(side) for side in sides),
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
        face._replace(name=full_name_of_part(argument.rule) or face.name)
        for face, argument in zip(faces, arguments, strict=True)
    )


def _face(rule: Json, at: Pointer, types: Types, *, unit: str | None = None) -> Face:
    kind = types.get(at)
    if kind is not None and kind.unit is None and not isinstance(rule, dict):
        kind = replace(kind, unit=unit)
    if kind is not None and any(read.kind is not None and read.kind.personal for read in _reads(rule, at, types)):
        kind = replace(kind, personal=True)
    name = name_of_part(rule) if isinstance(rule, dict) else None
    written = value_shown(rule, kind) if _is_written(rule) else None
    return Face(name, kind, name is not None and name_of_operator(rule) != "var", written)


def _is_written(rule: Json) -> bool:
    parts = rule if isinstance(rule, list) else [rule]
    return not any(isinstance(part, (dict, list)) for part in parts)


def _reads(rule: Json, at: Pointer, types: Types) -> Iterator[Read]:
    if isinstance(rule, list):
        for index, inner in enumerate(rule):
            yield from _reads(inner, (*at, index), types)
    elif isinstance(rule, dict) and name_of_operator(rule) == "var":
        [(path, _), *_] = placed_arguments(rule, at)
        yield Read(str(path), tuple(str(path).split(".")), types.get(at))
    elif isinstance(rule, dict):
        for inner, inner_at in placed_arguments(rule, at)[: 1 if name_of_operator(rule) in _OVER_ITEMS else None]:
            yield from _reads(inner, inner_at, types)
