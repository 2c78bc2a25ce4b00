"""Rules and facts that would crash, hang or mislead an engine that trusts them."""

import decimal
import fractions
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Any, Literal

from tests.contracts.liars import (
    Changing,
    Endless,
    EndlessTuple,
    GrowingInteger,
    LyingFloat,
    LyingInteger,
    LyingText,
    Pretending,
    Refusing,
)

A, ITEM, ACC = {"var": "a"}, {"var": ""}, {"var": "accumulator"}
PROFILES: tuple[Literal["contract", "official"], ...] = ("contract", "official")
MANY = 19_000


@dataclass(frozen=True, slots=True)
class Hostile:
    """One input: `make` gives a fresh rule and fresh facts."""

    name: str
    profile: Literal["contract", "official"]
    make: Callable[[], tuple[Any, Any]]


def inputs() -> Iterator[Hostile]:
    """All of them, each in both profiles."""
    for profile in PROFILES:
        for name, make in _all():
            yield Hostile(f"{profile}: {name}", profile, make)


def _all() -> Iterator[tuple[str, Callable[[], tuple[Any, Any]]]]:
    yield from _deep()
    yield from _cyclic()
    yield from ((f"fact {name}", _as_fact(make)) for name, make in _VALUES.items())
    yield from ((f"written {name}", _as_written(make)) for name, make in _VALUES.items())
    yield from ((f"path {path!r:.30}", _as_rule({"var": path})) for path in _PATHS)
    yield from ((f"operator {name!r:.30}", _as_rule({name: [1, A]})) for name in _OPERATORS)
    yield from ((f"rule {number}", _as_rule(rule)) for number, rule in enumerate(_SHAPES))
    yield from _LARGE.items()
    yield from ((f"noise {seed}", _noise(seed)) for seed in range(20))


def _nested(depth: int, wrap: Callable[[Any], Any], core: Any) -> Any:
    for _ in range(depth):
        core = wrap(core)
    return core


_WRAPS: dict[str, Callable[[Any], Any]] = {
    "!": lambda inner: {"!": [inner]},
    "and": lambda inner: {"and": [True, inner]},
    "if": lambda inner: {"if": [inner, inner if inner is A else True, False]},
    "var": lambda inner: {"var": [inner]},
    "list": lambda inner: [inner],
    "map": lambda inner: {"map": [inner, ITEM]},
}


def _deep() -> Iterator[tuple[str, Callable[[], tuple[Any, Any]]]]:
    for name, wrap in _WRAPS.items():
        for depth in (39, 41, 1000, 10_000):
            yield f"{name} {depth} deep", partial(_deep_rule, wrap, depth)
    for name, wrap in (("list", lambda x: [x]), ("object", lambda x: {"a": x}), ("tuple", lambda x: (x,))):
        for depth in (31, 33, 10_000):
            yield f"facts of {name} {depth} deep", partial(_deep_facts, wrap, depth)


def _deep_rule(wrap: Callable[[Any], Any], depth: int) -> tuple[Any, Any]:
    return _nested(depth, wrap, A), {"a": True}


def _deep_facts(wrap: Callable[[Any], Any], depth: int) -> tuple[Any, Any]:
    return A, {"a": _nested(depth, wrap, 1)}


def _cyclic() -> Iterator[tuple[str, Callable[[], tuple[Any, Any]]]]:
    for name, cycle in (("list", _own_list), ("object", _own_object), ("two", _two)):
        yield f"facts that hold themselves: {name}", _as_fact(cycle)
        yield f"a rule that holds itself: {name}", _as_written(cycle)
        yield f"the facts are their own: {name}", partial(_as_facts, cycle)


def _as_facts(cycle: Callable[[], Any]) -> tuple[Any, Any]:
    return A, cycle()


def _own_list() -> Any:
    cycle: list[Any] = []
    cycle.append(cycle)
    return cycle


def _own_object() -> Any:
    cycle: dict[str, Any] = {}
    cycle["a"] = cycle
    return cycle


def _two() -> Any:
    left: dict[str, Any] = {}
    right = [left]
    left["a"] = right
    return left


_VALUES: dict[str, Callable[[], Any]] = {
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: float("-inf"),
    "1e400": lambda: float("1e400"),
    "minus zero": lambda: -0.0,
    "smallest": lambda: 5e-324,
    "largest": lambda: 1.7976931348623157e308,
    "2**53": lambda: 2**53,
    "2**63": lambda: 2**63,
    "-2**63-1": lambda: -(2**63) - 1,
    "10**5000": lambda: 10**5000,
    "10**100000": lambda: 10**100_000,
    "half a character": lambda: "\ud800",
    "two halves apart": lambda: "\udc00x\ud800",
    "a key of half a character": lambda: {"\udfff": 1},
    "nul": lambda: "a\x00b",
    "__proto__": lambda: {"__proto__": {"a": 1}, "constructor": {"prototype": {}}},
    "a key that is a number": lambda: {1: 2},
    "a key that is nothing": lambda: {None: 2},
    "a key that is a tuple": lambda: {(1, 2): 2},
    "bytes": lambda: b"[1]",
    "bytearray": lambda: bytearray(b"{}"),
    "a set": lambda: {1, 2},
    "a frozenset": lambda: frozenset({1}),
    "a generator": lambda: (number for number in range(3)),
    "a range": lambda: range(10**12),
    "a mapping proxy": lambda: MappingProxyType({"a": 1}),
    "a Decimal": lambda: decimal.Decimal("NaN"),
    "a Fraction": lambda: fractions.Fraction(1, 3),
    "a complex number": lambda: 1j,
    "a datetime": lambda: datetime(2026, 11, 22, tzinfo=UTC),
    "a date": lambda: date(2026, 11, 22),
    "a timedelta": lambda: timedelta(days=1),
    "a function": lambda: len,
    "a class": lambda: dict,
    "a module": lambda: decimal,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "an object": object,
    "an object that refuses": Refusing,
    "an error": lambda: ValueError("x"),
    "changing": lambda: Changing(a=1),
    "endless": lambda: Endless([1]),
    "lying text": lambda: LyingText("x"),
    "lying integer": lambda: LyingInteger(2**60),
    "lying float": lambda: LyingFloat(1.5),
    "lying float that is no number": lambda: LyingFloat("nan"),
    "growing integer": lambda: GrowingInteger(1),
    "endless tuple": lambda: EndlessTuple((1,)),
    "pretending to be an object": Pretending,
    "a key that refuses": lambda: {Refusing(): 1},
    "text as JSON": lambda: '{"a": NaN}',
    "text like a duration": lambda: "1d:2h:3m:4s",
    "text like an instant": lambda: "9999999-99-99T99:99:99Z",
    "text of 10 MB": lambda: "x" * 10_000_000,
    "text of 10 MB beyond ASCII": lambda: "ž" * 5_000_000,
    "a key of 10 MB": lambda: {"x" * 10_000_000: 1},
    "a list of a million": lambda: [1] * 1_000_000,
    "an object of 100,000": lambda: dict.fromkeys(map(str, range(100_000)), 1),
    "10 MB in pieces": lambda: ["x" * 90_000] * 111,
    "empty lists in lists": lambda: [[[]] * 100] * 100,
}

_PATHS: tuple[Any, ...] = (
    *("__proto__", "constructor.prototype", "a.__class__.__init__.__globals__", "__dict__", "a.length", "toString"),
    *("", ".", "..", "a.", ".a", "a..b", "a.-1", "a.99999999999999999999", "a[0]", "a\x00b", "\ud800", "a" * 3000),
    *(None, True, 1.5, -1, 2**70, [], {}, ["a", "b", "c"], [["a"]], {"var": "a"}, {"cat": ["a"]}),
)
_OPERATORS: tuple[Any, ...] = (
    *("__proto__", "constructor", "toString", "hasOwnProperty", "__class__", "eval", "exec", "import", "system"),
    *("", " ", "var ", "VAR", "=", "\ud800", "log", "throw", "try", "method", "val", "preserve", "now", "datetime"),
    *(None, 1, True, (), "x" * 3000),
)
_SHAPES: tuple[Any, ...] = (
    *(None, True, 0, "", "a", [], {}, [[]], [{}], {"a": 1, "b": 2}, {"and": []}, {"and": None}, {"if": []}, {"!": {}}),
    *({"==": 1}, {"==": [1]}, {"==": [1, 2, 3]}, {"<": [1, 2, 3, 4]}, {"in": ["", ""]}, {"in": [1, 2]}, {"%": [1, 0]}),
    *({"/": [A, 0]}, {"/": [0, 0]}, {"%": [A, 0]}, {"substr": ["x", 2**53 - 1]}, {"substr": ["x", -(2**53) + 1, 9]}),
    *({"map": 1}, {"map": [A]}, {"reduce": [A, 1]}, {"all": [A, A, A]}, {"merge": {}}, {"missing": {"var": "a"}}),
    *({"missing_some": [10**9, ["a"]]}, {"missing_some": "x"}, {"*": [2**53 - 1] * 30}, {"+": ["1e400", A]}),
    *({"-": [{"+": [1.7e308, 1.7e308]}, {"+": [1.7e308, 1.7e308]}]}, {"*": [1e308, 1e308]}),
)


def _repeated(rule: Any, facts: Callable[[], Any]) -> Callable[[], tuple[Any, Any]]:
    return lambda: (rule, {"a": facts()})


_ADD_ALL = {"reduce": [{"var": "current"}, {"+": [ACC, 1]}, 0]}
_LARGE: dict[str, Callable[[], tuple[Any, Any]]] = {
    "doubling cat": _repeated({"reduce": [A, {"cat": [ACC, ACC]}, "x"]}, lambda: ["y"] * 60),
    "doubling merge": _repeated({"reduce": [A, {"merge": [ACC, ACC]}, [1]]}, lambda: [1] * 60),
    "growing cat": _repeated({"reduce": [A, {"cat": [ACC, {"var": "current"}]}, ""]}, lambda: ["y" * 50] * MANY),
    "squaring": _repeated({"reduce": [A, {"*": [ACC, ACC]}, 3]}, lambda: [1] * 60),
    "a billion steps": _repeated(
        {"reduce": [A, {"+": [ACC, {"reduce": [A, _ADD_ALL, 0]}]}, 0]}, lambda: [[1] * 100] * 100
    ),
    "steps within written lists": _repeated(
        _nested(5, lambda inner: {"map": [["a"] * 60, inner]}, {"cat": [ITEM, "y"]}), lambda: 1
    ),
    "a sum over many": _repeated({"reduce": [A, {"+": [ACC, {"var": "current"}]}, 0]}, lambda: [1] * MANY),
    "a text for each": _repeated({"map": [A, {"cat": ["x" * 2000] * 24}]}, lambda: ["y"] * MANY),
    "a list for each": _repeated({"map": [A, [1] * 1900]}, lambda: ["y"] * MANY),
    "a chosen text for each": _repeated(
        {"map": [A, {"if": [{"==": [ITEM, "y"]}, "x" * 2000, ""]}]}, lambda: ["y"] * MANY
    ),
    "many within many": _repeated(
        {"some": [A, {"in": [ITEM, [str(number) for number in range(900)]]}]}, lambda: ["y"] * MANY
    ),
    "many texts looked through": _repeated({"all": [A, {"!": [{"in": ["xy", ITEM]}]}]}, lambda: ["x" * 50] * MANY),
    "a needle in 900,000 characters": _repeated({"in": ["x" * 1000 + "y", A]}, lambda: "x" * 90_000),
    "a rule of 10 MB": lambda: ({"in": [A, ["x" * 1000] * 10_000]}, {"a": "x"}),
    "a rule of 100,000 parts": lambda: ({"or": [A] * 100_000}, {"a": False}),
}


def _as_fact(make: Callable[[], Any]) -> Callable[[], tuple[Any, Any]]:
    return lambda: ({"==": [A, 1]}, {"a": make()})


def _as_written(make: Callable[[], Any]) -> Callable[[], tuple[Any, Any]]:
    return lambda: ({"==": [A, make()]}, {"a": 1})


def _as_rule(rule: Any) -> Callable[[], tuple[Any, Any]]:
    return lambda: (rule, {"a": 1, "b": [1, "x", None, {"c": 2}]})


def _noise(seed: int) -> Callable[[], tuple[Any, Any]]:
    """Anything at all, put together by dice."""

    def made() -> tuple[Any, Any]:
        dice = Random(seed)
        return _any(dice, 6), {"a": _any(dice, 4), "b": _any(dice, 4)}

    return made


_NAMES = ("var", "==", "and", "or", "if", "map", "reduce", "cat", "merge", "+", "in", "substr", "all", "missing", "x")


def _any(dice: Random, depth: int) -> Any:
    if depth == 0 or dice.random() < 0.2:
        return dice.choice([None, True, 0, -1.5, "", "a", "b.1", "1d", A, 2**40, "ž"])
    parts = [_any(dice, depth - 1) for _ in range(dice.randint(0, 4))]
    return dice.choice([parts, {dice.choice(_NAMES): parts}, {dice.choice(_NAMES): parts}])
