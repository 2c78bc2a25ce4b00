"""The sentences of a part of a rule, put together before any facts are known, with places for the values."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.facts import FactType
from contracts.rules import phrases
from contracts.rules.guard import Json
from contracts.rules.phrases import Side


class Face(NamedTuple):
    """How a part shows itself as one side of a comparison: by which name (None for what is written), as which type.

    `written` is how a value that stands in the rule itself is shown.
    """

    name: str | None
    kind: FactType | None
    is_computed: bool
    written: str | None


Wording = tuple[str, str]
"""What is said when a part does not hold, and when it does; `{0}` is the first value that is read, as it is shown."""

READ = "a value that is read"
"""Stands for the value of a side until there are facts: nothing that a rule compares with."""


def wording(operator: str, faces: Sequence[Face], rules: Sequence[Json]) -> Wording:
    """The sentences of a comparison, or of anything else that is true or false, whose one face is its own."""
    places = iter(range(len(faces)))
    sides = [
        _side(face, rule, _escaped(face.written) if face.written is not None else f"{{{next(places)}}}")
        for face, rule in zip(faces, rules, strict=True)
    ]
    return _sentence(operator, sides, holds=False), _sentence(operator, sides, holds=True)


def _side(face: Face, rule: Json, shown: str) -> Side:
    name = _escaped(face.name) if face.name is not None else None
    return Side(name, shown, face.kind, rule if face.written is not None else READ, face.is_computed)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _sentence(operator: str, sides: list[Side], *, holds: bool) -> str:
    if operator in phrases.ORDERINGS:
        return phrases.ordered(operator, sides, holds=holds)
    if operator in phrases.EQUALITIES:
        return phrases.equal(sides, same=holds == phrases.EQUALITIES[operator])
    if operator == "in":
        return phrases.contained(*sides, holds=holds)
    [only] = sides
    return f"{only.name} is {only.shown}"
