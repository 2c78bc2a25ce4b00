"""JSONLogic as jsonlogic.com/operations.html describes it, in our own cases, and what the contract profile makes of each.

The official suite itself (278 cases) is not kept here; it passes whole with profile="official".
"""

from typing import Any

import pytest

from contracts.rules import OPERATORS, NotEvaluable, RuleRefused, compile, parse_facts  # noqa: A004

REFUSED = "refused"
"""The contract profile does not evaluate this, because it would coerce, guess, or always come out the same."""


def var(path: str) -> dict[str, Any]:
    return {"var": path}


A, B = var("a"), var("b")
ORDERS = {"orders": [{"id": "x", "total": 5}, {"id": "y", "total": 7}]}

CASES: list[tuple[str, Any, Any, Any, Any]] = [
    # operator, rule, facts, official value, contract value
    ("var", A, {"a": 1}, 1, 1),
    ("var", {"var": ["a"]}, {"a": 1}, 1, 1),
    ("var", var("a.b"), {"a": {"b": 2}}, 2, 2),
    ("var", var("a.1"), {"a": [5, 6]}, 6, 6),
    ("var", A, {}, None, REFUSED),
    ("var", {"var": ["a", 9]}, {"a": None}, None, REFUSED),
    ("var", {"var": ["a", 9]}, {}, 9, REFUSED),
    ("var", {"var": ["a", 9]}, {"a": 1}, 1, 1),
    ("var", var(""), {"a": 1}, {"a": 1}, REFUSED),
    ("var", {"var": {"cat": ["a"]}}, {"a": 1}, 1, REFUSED),
    ("==", {"==": [A, 1]}, {"a": 1}, True, True),
    ("==", {"==": [A, 1.0]}, {"a": 1}, True, True),
    ("==", {"==": [A, 1]}, {"a": "1"}, True, REFUSED),
    ("==", {"==": [A, 0]}, {"a": False}, True, REFUSED),
    ("==", {"==": [A, 1]}, {"a": None}, False, REFUSED),
    ("==", {"==": [A, None]}, {"a": None}, True, REFUSED),
    ("===", {"===": [A, None]}, {"a": None}, True, True),
    ("!==", {"!==": [A, None]}, {"a": None}, False, False),
    ("==", {"==": [A, B]}, {"a": "x", "b": "y"}, False, False),
    ("===", {"===": [A, 1]}, {"a": "1"}, False, REFUSED),
    ("===", {"===": [A, "1"]}, {"a": "1"}, True, True),
    ("!=", {"!=": [A, 1]}, {"a": 2}, True, True),
    ("!=", {"!=": [A, "1"]}, {"a": 1}, False, REFUSED),
    ("!==", {"!==": [A, 1]}, {"a": 1}, False, False),
    ("!==", {"!==": [A, "1"]}, {"a": 1}, True, REFUSED),
    (">", {">": [A, 1]}, {"a": 2}, True, True),
    (">", {">": [A, 1]}, {"a": "2"}, True, REFUSED),
    (">", {">": [A, "b"]}, {"a": "c"}, True, REFUSED),
    (">", {">": [A, -1]}, {"a": None}, True, REFUSED),
    (">=", {">=": [A, 1]}, {"a": 1}, True, True),
    (">=", {">=": [A, 1]}, {"a": True}, True, REFUSED),
    ("<", {"<": [A, 0.8]}, {"a": 0.9}, False, False),
    ("<", {"<": [1, A, 3]}, {"a": 2}, True, True),
    ("<", {"<": [1, A, 3]}, {"a": 3}, False, False),
    ("<=", {"<=": [1, A, 3]}, {"a": 3}, True, True),
    ("<=", {"<=": [A, 0]}, {"a": ""}, True, REFUSED),
    ("!", {"!": [A]}, {"a": True}, False, False),
    ("!", {"!": A}, {"a": False}, True, True),
    ("!", {"!": [A]}, {"a": 0}, True, REFUSED),
    ("!", {"!": [A]}, {"a": []}, True, REFUSED),
    ("!!", {"!!": [A]}, {"a": True}, True, True),
    ("!!", {"!!": [A]}, {"a": "0"}, True, REFUSED),
    ("and", {"and": [A, B]}, {"a": True, "b": False}, False, False),
    ("and", {"and": [A, B]}, {"a": 3, "b": 5}, 5, REFUSED),
    ("and", {"and": [A, B]}, {"a": "", "b": 5}, "", REFUSED),
    ("or", {"or": [A, B]}, {"a": False, "b": True}, True, True),
    ("or", {"or": [A, B]}, {"a": 0, "b": "x"}, "x", REFUSED),
    ("if", {"if": [A, "yes", "no"]}, {"a": True}, "yes", "yes"),
    ("if", {"if": [A, "yes", "no"]}, {"a": "x"}, "yes", REFUSED),
    ("if", {"if": [{"<": [A, 1]}, "ice", {"<": [A, 100]}, "water", "gas"]}, {"a": 55}, "water", "water"),
    ("if", {"if": [A, "yes"]}, {"a": False}, None, REFUSED),
    ("if", {"if": [A, 1, "x"]}, {"a": False}, "x", REFUSED),
    ("in", {"in": [A, ["x", "y"]]}, {"a": "y"}, True, True),
    ("in", {"in": [A, [1, 2]]}, {"a": "2"}, False, REFUSED),
    ("in", {"in": ["pri", A]}, {"a": "sprint"}, True, True),
    ("in", {"in": ["", A]}, {"a": "x"}, True, REFUSED),
    ("in", {"in": [A, B]}, {"a": 3, "b": [1, 3]}, True, True),
    ("+", {"+": [A, 2, 3]}, {"a": 1}, 6, 6),
    ("+", {"+": [A, 2]}, {"a": "3"}, 5, REFUSED),
    ("+", {"+": [A]}, {"a": "3"}, 3, REFUSED),
    ("-", {"-": [A, 5]}, {"a": 2}, -3, -3),
    ("-", {"-": [A]}, {"a": 2}, -2, -2),
    ("-", {"-": [A, 5]}, {"a": "7"}, 2, REFUSED),
    ("*", {"*": [A, 2, 3]}, {"a": 4}, 24, 24),
    ("*", {"*": [A, 2]}, {"a": "4"}, 8, REFUSED),
    ("/", {"/": [A, 2]}, {"a": 5}, 2.5, 2.5),
    ("/", {"/": [A, B]}, {"a": 5, "b": 2}, 2.5, REFUSED),
    ("%", {"%": [A, 3]}, {"a": 7}, 1, 1),
    ("%", {"%": [A, 3]}, {"a": -7}, -1, -1),
    ("max", {"max": [A, 5, 3]}, {"a": 4}, 5, 5),
    ("min", {"min": [A, 5, 3]}, {"a": 4}, 3, 3),
    ("cat", {"cat": [A, "-", B]}, {"a": "x", "b": "y"}, "x-y", "x-y"),
    ("cat", {"cat": [A, "-"]}, {"a": 1}, "1-", REFUSED),
    ("cat", {"cat": A}, {"a": "x"}, "x", "x"),
    ("substr", {"substr": [A, 4]}, {"a": "jsonlogic"}, "logic", "logic"),
    ("substr", {"substr": [A, -5]}, {"a": "jsonlogic"}, "logic", "logic"),
    ("substr", {"substr": [A, 1, 3]}, {"a": "jsonlogic"}, "son", "son"),
    ("substr", {"substr": [A, 4, -2]}, {"a": "jsonlogic"}, "log", "log"),
    ("merge", {"merge": [A, [3]]}, {"a": [1, 2]}, [1, 2, 3], [1, 2, 3]),
    ("merge", {"merge": [A, 3]}, {"a": [1, 2]}, [1, 2, 3], REFUSED),
    ("map", {"map": [A, {"*": [var(""), 2]}]}, {"a": [1, 2]}, [2, 4], [2, 4]),
    ("map", {"map": [A, var("x")]}, {}, [], REFUSED),
    ("filter", {"filter": [A, {">": [var(""), 1]}]}, {"a": [1, 2]}, [2], [2]),
    ("filter", {"filter": [A, var("")]}, {"a": [0, 1]}, [1], REFUSED),
    (
        "reduce",
        {"reduce": [var("orders"), {"+": [var("current.total"), var("accumulator")]}, 0]},
        ORDERS,
        12,
        12,
    ),
    ("reduce", {"reduce": [A, {"+": [var("current"), var("accumulator")]}, 0]}, {"a": None}, 0, REFUSED),
    ("all", {"all": [A, {">": [var(""), 0]}]}, {"a": [1, 2]}, True, True),
    ("all", {"all": [A, {">": [var(""), 0]}]}, {"a": []}, False, False),
    ("some", {"some": [var("orders"), {"==": [var("id"), "y"]}]}, ORDERS, True, True),
    ("some", {"some": [A, {">": [var(""), 0]}]}, {"a": []}, False, False),
    ("some", {"some": [A, var("")]}, {"a": ["", "x"]}, True, REFUSED),
    ("none", {"none": [A, {">": [var(""), 5]}]}, {"a": [1, 2]}, True, True),
    ("none", {"none": [A, {">": [var(""), 5]}]}, {"a": []}, True, True),
    ("missing", {"missing": ["a", "b"]}, {"a": 1}, ["b"], REFUSED),
    ("missing_some", {"missing_some": [1, ["a", "b"]]}, {"a": 1}, [], REFUSED),
    ("missing_some", {"missing_some": [1, ["a", "b"]]}, {}, ["a", "b"], REFUSED),
    ("?:", {"?:": [A, 1, 2]}, {"a": True}, 1, REFUSED),
]


@pytest.mark.parametrize(("rule", "facts", "value"), [case[1:4] for case in CASES], ids=lambda value: str(value)[:50])
def test_the_official_profile_computes_as_json_logic_does(rule: object, facts: object, value: object) -> None:
    found = compile(rule, "official")(facts)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("rule", "facts", "value"),
    [(rule, facts, value) for _, rule, facts, _, value in CASES if value != REFUSED],
    ids=lambda value: str(value)[:50],
)
def test_the_contract_profile_computes_what_is_typed(rule: object, facts: object, value: object) -> None:
    found = compile(rule)(facts)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("rule", "facts"),
    [(rule, facts) for _, rule, facts, _, value in CASES if value == REFUSED],
    ids=lambda value: str(value)[:50],
)
def test_the_contract_profile_refuses_what_is_loose(rule: object, facts: object) -> None:
    with pytest.raises((RuleRefused, NotEvaluable)):
        compile(rule)(facts)


def test_every_operator_of_contracts_has_a_case() -> None:
    assert set(OPERATORS) <= {operator for operator, *_ in CASES}


@pytest.mark.parametrize("value", [True, 17, 3.14, "apple", None, ["a", "b"]], ids=str)
def test_what_is_no_operation_is_its_own_value(value: object) -> None:
    assert compile(value, "official")(None) == value


def test_the_official_profile_takes_any_json_for_facts_and_refuses_the_rest() -> None:
    assert compile({"var": ""}, "official")("[1]") == "[1]"
    assert compile({"var": 1}, "official")(["a", "b"]) == "b"
    for facts in (float("nan"), parse_facts({"a": float("nan")})):
        with pytest.raises(NotEvaluable, match="found nan, expected a finite number"):
            compile({"var": ""}, "official")(facts)


# Where the engine differs from json-logic-js outside the official suite; none of it reaches contracts.
DIFFERENCES: list[tuple[Any, Any, bool]] = [
    ({"==": [A, "24h"]}, {"a": "1d"}, True),
    ({"===": [A, "2026-11-22T00:00:00Z"]}, {"a": "2026-11-22T01:00:00+01:00"}, True),
    ({"in": [A, ["24h"]]}, {"a": "1d"}, True),
    ({"==": [A, 0]}, {"a": None}, True),
]


@pytest.mark.parametrize(("rule", "facts", "official"), DIFFERENCES, ids=str)
def test_a_known_difference_of_the_official_profile_is_none_of_contracts(
    rule: object, facts: object, official: object
) -> None:
    assert compile(rule, "official")(facts) is official
    assert compile({"or": [{"===": [A, None]}, {"!": [rule]}]})(facts) is True
