"""The official profile beside json-logic-js: the described cases are alike; where loose ones differ is a frozen list."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contracts.rules import NotEvaluable, RuleRefused, compile  # noqa: A004 - read as rules.compile
from tests.contracts.test_official_suite import CASES, DIFFERENCES
from tests.witness.elsewhere import alike, evaluated_elsewhere

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2.5, "", "0", "1", "a", "-2.5", " 1"),
    *([], [0], [1], ["a"], [1, 2], {}, {"k": 1}),
]
TWO = (
    *("==", "!=", "===", "!==", ">", ">=", "<", "<=", "and", "or", "+", "-", "*", "/", "%"),
    *("max", "min", "in", "cat", "merge", "if"),
)
ONE = ("!", "!!", "+", "-", "cat", "merge", "max", "min", "if", "and", "or", "substr", "missing")
OVER_ITEMS = ("map", "filter", "all", "some", "none")
A, B = {"var": "a"}, {"var": "b"}
NO_NUMBER = "what is no number is refused, where JavaScript gives NaN or reads a list as its only item"
BY_ZERO = "; by zero: 0 or the largest number, where JavaScript gives NaN or infinity"
NULL_IS_0 = "null, false and '' count as 0 with each other; lists and objects are refused"
BY_VALUE = "lists and objects are equal by value, in JavaScript only to themselves"
EMPTY_OBJECT = "{} is false, like every empty thing; to JavaScript it is true"
PADDED = "; ' 1' is no number"
AS_JSON = "a list or an object becomes text as JSON, in JavaScript by joining or as [object Object]"
ONE_ITEM = "an object or a scalar is a list of its values; to json-logic-js it is no list"
# operator: (refused by us, different otherwise, why), of the cases below
KNOWN: dict[str, tuple[int, int, str]] = {
    **dict.fromkeys(("==", "!="), (246, 19, NULL_IS_0)),
    **dict.fromkeys(("===", "!=="), (0, 7, BY_VALUE)),
    **dict.fromkeys((">", "<"), (247, 2, NO_NUMBER + PADDED)),
    **dict.fromkeys((">=", "<="), (247, 4, NO_NUMBER + PADDED)),
    **dict.fromkeys(("and", "or"), (0, 19, EMPTY_OBJECT)),
    **dict.fromkeys(("!", "!!", "?:"), (0, 1, EMPTY_OBJECT)),
    "if": (0, 20, EMPTY_OBJECT),
    "+": (284, 78, NO_NUMBER + "; null, true, false and '' add as 0 and 1, where parseFloat gives NaN"),
    "-": (285, 2, NO_NUMBER + "; one list is its own arguments"),
    "*": (279, 72, NO_NUMBER + "; null, true, false and '' multiply as 0 and 1, where parseFloat gives NaN"),
    **dict.fromkeys(("/", "%"), (282, 52, NO_NUMBER + BY_ZERO)),
    **dict.fromkeys(
        ("max", "min"), (397, 1, "only numbers have a largest or smallest; JavaScript reads anything as one")
    ),
    "in": (0, 14, "only text is looked for within text; '' is within ''"),
    "cat": (0, 114, AS_JSON),
    "merge": (0, 40, "null adds nothing"),
    "map": (0, 13, ONE_ITEM),
    "filter": (12, 2, ONE_ITEM),
    **dict.fromkeys(("all", "some", "none"), (0, 1, ONE_ITEM)),
    "reduce": (1, 1, ONE_ITEM),
    "substr": (0, 22, AS_JSON + "; a place that is no integer is none"),
    "missing": (0, 11, "only text names a fact"),
    "var": (0, 1, "[] reads everything, as '' does"),
}


def test_json_logic_js_computes_our_described_cases_as_we_describe_them() -> None:
    theirs = evaluated_elsewhere((rule, [facts]) for _, rule, facts, _, _ in CASES)

    assert [(case[1:4], js) for case, [[js, _]] in zip(CASES, theirs, strict=True) if not alike(case[3], js)] == []


def test_our_known_differences_are_differences_from_json_logic_js() -> None:
    theirs = evaluated_elsewhere((rule, [facts]) for rule, facts, _ in DIFFERENCES)

    assert [js for [[js, _]] in theirs] == [not official for _, _, official in DIFFERENCES]


def test_every_difference_on_loose_values_is_of_a_known_kind() -> None:
    cases = list(loose_cases())
    refused, otherwise = Counter[str](), Counter[str]()

    for (rule, facts), [[js, _]] in zip(
        cases, evaluated_elsewhere((rule, [facts]) for rule, facts in cases), strict=True
    ):
        try:
            ours = compile(rule, "official")(facts)
        except (NotEvaluable, RuleRefused):
            refused[next(iter(rule))] += 1
            continue
        otherwise[next(iter(rule))] += not alike(ours, js)

    found = {name: (refused[name], otherwise[name]) for name in (*TWO, *OVER_ITEMS, *ONE, "reduce", "?:", "var")}
    assert {name: counts for name, counts in found.items() if any(counts)} == {
        name: known[:2] for name, known in KNOWN.items()
    }


def loose_cases() -> Iterator[tuple[Any, Any]]:
    """Every operator on every value, and on every pair of values, that contracts would mostly refuse."""
    for left in VALUES:
        yield from (({name: [A, B]}, {"a": left, "b": right}) for name in TWO for right in VALUES)
        yield from (({name: [A]}, {"a": left}) for name in ONE)
        yield from (({name: [A, {"var": ""}]}, {"a": left}) for name in OVER_ITEMS)
        yield {"reduce": [A, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]}, {"a": left}
        yield from (({name: [A, 1, 2]}, {"a": left}) for name in ("?:", "if"))
        yield from (({"substr": arguments}, {"a": left}) for arguments in ([A, 0, 1], ["abc", A]))
        yield from (({"var": path}, {"a": left}) for path in (["x", A], A))
