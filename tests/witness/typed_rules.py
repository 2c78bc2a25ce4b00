"""Makes rules within the portable profile, and facts of their types, out of a seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from pydantic import BaseModel

from contracts.facts import schema_of

Json = Any
WHOLE = [0, 1, -1, 2, 3, 7, 10, 12, 100, -100, 4200, 50_000, 81_200, 1_700_000_000]
BROKEN = [0.0, 0.1, -0.5, 0.3, 1.5, 2.0, 99.99, 1e-7, 1e9, -273.15]
WORDS = [
    "",
    "lost",
    "late",
    "paid",
    "1d",
    "24h",
    "2026-11-22",
    "2026-11-22T00:00:00Z",
    "1",
    "1.0",
    "'",
    "''",
    "Žoë",
    "é",
    "null",
]
NEEDLES = ["a", "1", "d", "paid", "'", "é", "00"]
FEW = 3


class Thing(BaseModel):
    """An item of a list."""

    a: int
    x: float
    s: str
    p: bool


class Inner(BaseModel):
    """What lies below the top."""

    a: int
    s: str
    p: bool


SCHEMA = schema_of(
    {
        **dict.fromkeys(("a", "b", "c"), int),
        **dict.fromkeys(("x", "y"), float),
        **dict.fromkeys(("s", "t"), str),
        **dict.fromkeys(("p", "q"), bool),
        "n": int | None,
        "m": str | None,
        "inner": Inner,
        "maybe": Inner | None,
        "whole": list[int],
        "words": list[str],
        "things": list[Thing],
    }
)
TOP = {
    "boolean": ("p", "q", "inner.p"),
    "integer": ("a", "b", "c", "inner.a"),
    "number": ("x", "y"),
    "text": ("s", "t", "inner.s"),
}
ITEM = {
    "things": {"boolean": ("p",), "integer": ("a",), "number": ("x",), "text": ("s",)},
    "whole": {"integer": ("",)},
    "words": {"text": ("",)},
}
NULLABLE = {"integer": ("n", "maybe.a"), "text": ("m", "maybe.s"), "boolean": ("maybe.p",)}
BELOW_NULLABLE = {"integer": ("maybe.a",), "text": ("maybe.s",), "boolean": ("maybe.p",)}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes parts of rules; `paths` are those that can be read here, `depth` how many levels may still follow."""

    dice: Random
    depth: int
    paths: Mapping[str, tuple[str, ...]]

    def rule(self) -> Json:
        """A rule that gives anything."""
        return self.make(self.dice.choice(["boolean", "boolean", "boolean", "integer", "number", "text", "list"]))

    def make(self, kind: str) -> Json:
        """A part of one kind: a leaf when it is deep enough."""
        below = Maker(self.dice, self.depth - 1, self.paths)
        if kind == "list":
            return below.listed()[0]
        if self.depth <= 0 or self.dice.random() < 0.2:
            return self.leaf(kind)
        return self.dice.choice(_MADE[kind])(below)

    def leaf(self, kind: str) -> Json:
        """A fact, a fact with a default, or a written value."""
        roll, readable = self.dice.random(), self.paths.get(kind, ())
        if self.paths is TOP and kind in NULLABLE and roll < 0.15:
            return self.filled(kind)
        if readable and roll < 0.8:
            path = self.dice.choice(readable)
            return {"var": path} if self.dice.random() < 0.8 else {"var": [path]}
        return self.written(kind)

    def filled(self, kind: str) -> Json:
        """A fact that may be null, with something in its place: by a default where that says it, else by a test."""
        path, instead = self.dice.choice(NULLABLE[kind]), self.written(kind)
        if path in BELOW_NULLABLE[kind] and self.dice.random() < 0.5:
            return {"var": [path, instead]}
        return {"if": [{"===": [{"var": path}, None]}, instead, {"var": path}]}

    def written(self, kind: str) -> Json:
        """A written value."""
        values: dict[str, list[Json]] = {
            "boolean": [True, False], "integer": WHOLE[:-1], "number": BROKEN, "text": WORDS
        }  # fmt: skip
        return self.dice.choice(values[kind])

    def many(self, kind: str, least: int = 1) -> list[Json]:
        """Some parts of one kind."""
        return [self.make(kind) for _ in range(self.dice.randint(least, FEW))]

    def numeric(self) -> str:
        """One of the two kinds of numbers."""
        return self.dice.choice(["integer", "integer", "number"])

    def listed(self) -> tuple[Json, str]:
        """A list, and the name of the list whose items it has."""
        name = self.dice.choice(list(ITEM))
        return self.list_of(name), name

    def list_of(self, name: str) -> Json:
        """A list with items like those of a named one: it, a part of it, or several in one."""
        roll = self.dice.random()
        source: Json = {"var": name} if self.paths is TOP else self.written_list(name)
        if self.depth <= 0 or roll < 0.4:
            return source
        if roll < 0.65:
            return {"filter": [source, self.of(name).make("boolean")]}
        if roll < 0.8 and name == "whole":
            return {"map": [source, self.of(name).make("integer")]}
        return {"merge": [source, Maker(self.dice, self.depth - 1, self.paths).list_of(name)]}

    def written_list(self, name: str) -> list[Json]:
        """A list as rules write it; none has objects."""
        kind = "text" if name == "words" else "integer"
        return [self.written(kind) for _ in range(self.dice.randint(1, FEW))]

    def of(self, name: str) -> "Maker":
        """A maker of expressions over one item."""
        return Maker(self.dice, min(self.depth, 2) - 1, ITEM[name])


def _pair(name: str) -> Callable[[Maker], Json]:
    def made(maker: Maker) -> Json:
        kind = maker.dice.choice(["integer", "number", "text", "boolean"])
        return {name: [maker.make(kind), maker.make(kind)]}

    return made


def _ordered(name: str) -> Callable[[Maker], Json]:
    def made(maker: Maker) -> Json:
        most = 3 if name in {"<", "<="} else 2
        return {name: [maker.make(maker.numeric()) for _ in range(maker.dice.randint(2, most))]}

    return made


def _quantified(name: str) -> Callable[[Maker], Json]:
    def made(maker: Maker) -> Json:
        items, of = maker.listed()
        return {name: [items, maker.of(of).make("boolean")]}

    return made


def _chosen(kind: str) -> Callable[[Maker], Json]:
    def made(maker: Maker) -> Json:
        pairs = [part for _ in range(maker.dice.randint(1, 2)) for part in (maker.make("boolean"), maker.make(kind))]
        return {"if": [*pairs, maker.make(kind)]}

    return made


def _among(maker: Maker) -> Json:
    kind, name = maker.dice.choice([("integer", "whole"), ("text", "words")])
    return {"in": [maker.make(kind), maker.list_of(name)]}


def _null_test(maker: Maker) -> Json:
    kind = maker.dice.choice(list(NULLABLE))
    path = maker.dice.choice(NULLABLE[kind])
    there, gone = ({name: [{"var": path}, None]} for name in ("!==", "==="))
    same = {"==": [{"var": path}, maker.leaf(kind)]}
    return maker.dice.choice([there, gone, {"and": [there, same]}, {"or": [gone, same]}])


def _scaled(kind: str) -> Callable[[Maker], Json]:
    return lambda maker: {"*": [maker.leaf(kind), maker.dice.choice([2, 3, 10, -1])]}


def _summed(kind: str) -> Callable[[Maker], Json]:
    def made(maker: Maker) -> Json:
        item = {"var": "current"} if kind == "integer" else {"var": "current.x"}
        source = maker.list_of("whole" if kind == "integer" else "things")
        return {"reduce": [source, {"+": [{"var": "accumulator"}, item]}, 0]}

    return made


def _computed(kind: str) -> list[Callable[[Maker], Json]]:
    return [
        lambda maker: {"+": maker.many(kind, 2)},
        lambda maker: {"-": [maker.make(kind) for _ in range(maker.dice.randint(1, 2))]},
        _scaled(kind),
        lambda maker: {maker.dice.choice(["max", "min"]): maker.many(kind)},
        _summed(kind),
        _chosen(kind),
    ]


_MADE: dict[str, list[Callable[[Maker], Json]]] = {
    "boolean": [
        *map(_pair, ("==", "===", "!=", "!==")),
        *map(_ordered, ("<", "<=", ">", ">=")),
        *map(_quantified, ("all", "some", "none")),
        lambda maker: {"and": maker.many("boolean")},
        lambda maker: {"or": maker.many("boolean")},
        lambda maker: {maker.dice.choice(["!", "!!"]): [maker.make("boolean")]},
        lambda maker: {"!": maker.make("boolean")},
        lambda maker: {"in": [maker.dice.choice(NEEDLES), maker.make("text")]},
        _among,
        _null_test,
        _chosen("boolean"),
    ],
    "integer": [*_computed("integer"), lambda maker: {"%": [maker.make("integer"), maker.dice.choice([2, 7, 12])]}],
    "number": [
        *_computed("number"),
        lambda maker: {"/": [maker.make(maker.numeric()), maker.dice.choice([2, 3, 0.5, 100])]},
    ],
    "text": [
        lambda maker: {"cat": maker.many("text")},
        lambda maker: {"substr": [maker.make("text"), maker.dice.randint(-3, 3)]},
        lambda maker: {"substr": [maker.make("text"), maker.dice.randint(-3, 3), maker.dice.randint(-3, 3)]},
        _chosen("text"),
    ],
}


def facts(dice: Random) -> dict[str, Json]:
    """One document of facts, of the types that SCHEMA declares."""
    return {
        **{name: dice.choice(WHOLE) for name in ("a", "b", "c")},
        **{name: dice.choice(BROKEN) for name in ("x", "y")},
        **{name: dice.choice(WORDS) for name in ("s", "t")},
        **{name: dice.random() < 0.5 for name in ("p", "q")},
        "n": dice.choice([None, *WHOLE]),
        "m": dice.choice([None, *WORDS]),
        "inner": _inner(dice),
        "maybe": None if dice.random() < 0.4 else _inner(dice),
        "whole": _some(dice, lambda: dice.choice(WHOLE)),
        "words": _some(dice, lambda: dice.choice(WORDS)),
        "things": _some(dice, lambda: {**_inner(dice), "x": dice.choice(BROKEN)}),
    }


def _inner(dice: Random) -> dict[str, Json]:
    return {"a": dice.choice(WHOLE), "s": dice.choice(WORDS), "p": dice.random() < 0.5}


def _some(dice: Random, one: Callable[[], Json]) -> list[Json]:
    return [one() for _ in range(dice.randint(0, FEW))]
