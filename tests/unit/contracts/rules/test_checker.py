"""Each kind of mistake in a rule has its own message, and good rules have none."""

from typing import Any

import pytest

from contracts.facts import schema_of
from contracts.rules import OPERATORS, Operator, check
from contracts.rules.operators import ELSEWHERE, MEANT
from tests.unit.contracts.rules.shop_facts import SCHEMA, Order, var

Rule = Any
AMOUNT = var("request.amount")
USD = "integer, minor units of USD"
NOTE_MAY_BE_NULL = 'request.note (text or null) may be null. Test it first: {"!==": [{"var": "request.note"}, null]}'
TOTAL_MAY_BE_NULL = (
    f"state.earlier.total ({USD} or null) may be null. "
    'Test it first: {"!==": [{"var": "state.earlier.total"}, null]}'
)
NO_DEFAULT_FOR_NULL = (
    "a default stands for what is absent, and request.note (text or null) is there when it is null. "
    'Write {"if": [{"===": [{"var": "request.note"}, null]}, "none", {"var": "request.note"}]}'
)
MISSING = (
    "contracts don't use the operator missing. "
    "Declare the field as required in the model; a fact that is absent can't be told"
)

MISTAKES: list[tuple[Rule, tuple[str | int, ...], str]] = [
    # unknown things, with the nearest right one
    (
        {">": [var("effect.amount"), 1]},
        (">", 0, "var"),
        f"unknown fact effect.amount. Did you mean request.amount? ({USD})",
    ),
    (
        {">": [var("request.ammount"), 50000]},
        (">", 0, "var"),
        f"unknown fact request.ammount. Did you mean request.amount? ({USD})",
    ),
    ({">": [var("zzz"), 1]}, (">", 0, "var"), "unknown fact zzz"),
    (
        {"==": [var("request.order.number"), "1"]},
        ("==", 0, "var"),
        "unknown fact request.order.number. Did you mean request.order? (text)",
    ),
    (
        {"==": [var("request.reason"), "lots"]},
        ("==", 1),
        'request.reason is never "lots". Did you mean lost?',
    ),
    (
        {"in": [var("request.reason"), ["lost", "burnt"]]},
        ("in", 1),
        'request.reason is never "burnt". It is one of lost, late',
    ),
    (
        {"gt": [AMOUNT, 1]},
        ("gt",),
        'unknown operator gt. Did you mean >? (such as {">": [{"var": "request.amount"}, 50000]})',
    ),
    (
        {"adn": [var("state.order.paid")]},
        ("adn",),
        'unknown operator adn. Did you mean and? (such as {"and": [{"var": "a"}, {"var": "b"}]})',
    ),
    ({"frobnicate": [1]}, ("frobnicate",), "unknown operator frobnicate"),
    (
        {"missing": ["request.amount"]},
        ("missing",),
        MISSING,
    ),
    (
        {"log": AMOUNT},
        ("log",),
        "contracts don't use the operator log. Take it out; every verdict records what it read",
    ),
    # shape
    ({}, (), "an empty object is no rule"),
    (
        {"<": [AMOUNT, 5], ">": [AMOUNT, 1]},
        (),
        "one object holds one operator, here are <, >. Join with and",
    ),
    (
        {">": [AMOUNT]},
        (">",),
        '> takes 2 arguments, here are 1. Such as {">": [{"var": "request.amount"}, 50000]}',
    ),
    (
        {"==": [AMOUNT, 1, 2]},
        ("==",),
        '== takes 2 arguments, here are 3. Such as {"==": [{"var": "state.order.status"}, "paid"]}',
    ),
    (
        {"<": [1, AMOUNT, 3, 4]},
        ("<",),
        '< takes 2 or 3 arguments, here are 4. Such as {"<": [0, {"var": "request.amount"}, 50000]}',
    ),
    ({"and": []}, ("and",), 'and takes 1 or more arguments, here are 0. Such as {"and": [{"var": "a"}, {"var": "b"}]}'),
    (
        {"if": [var("state.order.paid"), True]},
        ("if",),
        'if takes 3, 5, 7 … arguments, here are 2. Such as {"if": [{"var": "vip"}, 90000, 50000]}',
    ),
    (
        {"==": [{"var": ["request.order", "x", "y"]}, "1"]},
        ("==", 0, "var"),
        'var takes 1 or 2 arguments, here are 3. Such as {"var": "request.amount"}',
    ),
    ({"==": [var(""), 1]}, ("==", 0, "var"), "var reads ''"),
    ({"==": [{"var": {"var": "request.order"}}, "1"]}, ("==", 0, "var"), "var reads a computed path"),
    ({"==": [{"var": 3}, 1]}, ("==", 0, "var"), "var reads 3"),
    ({">": [AMOUNT, float("nan")]}, (">", 1), "the rule can't be read: found nan, expected a finite number"),
    (
        {">": [AMOUNT, 2**60]},
        (">", 1),
        "the rule can't be read: found an integer of 61 bits, expected one within ±9,007,199,254,740,991",
    ),
    # types
    ({">": [AMOUNT, "50000"]}, (">", 1), '> can\'t use "50000" (text)'),
    ({">": [var("request.order"), 5]}, (">", 0), "> can't use request.order (text)"),
    ({"==": [var("request.order"), 1234]}, ("==",), "== compares request.order (text) with 1234 (integer)"),
    ({"!==": [var("state.order.paid"), "yes"]}, ("!==",), '!== compares state.order.paid (boolean) with "yes" (text)'),
    (
        {"==": [var("state.order.tags"), var("state.order.tags")]},
        ("==", 0),
        "state.order.tags (list) can't be compared",
    ),
    ({"==": [var("state.order"), 1]}, ("==", 0), "state.order (object) can't be compared"),
    (
        {">": [AMOUNT, var("fee")]},
        (">",),
        f"> compares request.amount ({USD}) with fee (integer, minor units of EUR)",
    ),
    ({">": [AMOUNT, var("now")]}, (">",), f"> compares request.amount ({USD}) with now (integer, epoch seconds)"),
    ({">": [AMOUNT, var("count")]}, (">",), f"> compares request.amount ({USD}) with count (integer)"),
    ({"==": [var("age"), var("now")]}, ("==",), "== compares age (integer, seconds) with now (integer, epoch seconds)"),
    ({">": [{"+": [AMOUNT, var("fee")]}, 1]}, (">", 0, "+"), "+ joins money in USD and money in EUR"),
    ({">": [{"+": [var("now"), var("now")]}, 1]}, (">", 0, "+"), "+ joins an instant and an instant"),
    ({">": [{"*": [AMOUNT, AMOUNT]}, 1]}, (">", 0, "*"), "* joins money in USD and money in USD"),
    ({">": [{"*": [var("now"), 2]}, 1]}, (">", 0, "*"), "* joins an instant and a plain number"),
    ({">": [{"/": [AMOUNT, 0]}, 1]}, (">", 0, "/", 1), "/ by 0 (integer)"),
    ({">": [{"/": [AMOUNT, var("count")]}, 1]}, (">", 0, "/", 1), "/ by count (integer)"),
    ({"==": [{"%": [var("rates.errors"), 2]}, 0]}, ("==", 0, "%", 0), "% can't use rates.errors (number)"),
    ({"==": [{"cat": ["n", var("count")]}, "n3"]}, ("==", 0, "cat", 1), "cat can't use count (integer)"),
    ({"==": [{"substr": [var("request.order"), "0"]}, "1"]}, ("==", 0, "substr", 1), 'substr can\'t use "0" (text)'),
    ({"in": [var("request.order"), var("count")]}, ("in", 1), "in looks into count (integer)"),
    ({"in": [3, var("state.order.tags")]}, ("in",), "in compares 3 (integer) with text"),
    ({"in": [var("request.order"), ["1", 2]]}, ("in", 1), 'a list holds "1" (text) and 2 (integer)'),
    ({"in": [var("request.order"), []]}, ("in", 1), "nothing is in an empty list"),
    ({"in": ["", var("request.order")]}, ("in", 0), "in looks for empty text within text"),
    (
        {"in": [var("request.reason"), var("request.order")]},
        ("in", 0),
        "in looks for request.reason (text) within text",
    ),
    ({"all": [var("count"), True]}, ("all", 0), "all can't use count (integer)"),
    (
        {"some": [var("state.order.links"), var("alife")]},
        ("some", 1, "var"),
        "unknown fact alife. Did you mean alive? (boolean)",
    ),
    (
        {"some": [var("state.order.links"), {">": [var("request.amount"), 1]}]},
        ("some", 1, ">", 0, "var"),
        "unknown fact request.amount",
    ),
    (
        {"all": [var("state.order.links"), var("host")]},
        ("all", 1),
        "host (text) is no condition. Compare it with something",
    ),
    (
        {">": [{"reduce": [var("state.order.links"), var("current.host"), 0]}, 1]},
        (">", 0, "reduce"),
        "reduce goes on from 0 (integer) with current.host (text)",
    ),
    (
        {">": [{"merge": [var("state.order.links"), var("state.order.tags")]}, 1]},
        (">", 0, "merge"),
        "merge joins lists of object with text",
    ),
    ({"==": [{"if": [var("state.order.paid"), 1, "x"]}, 1]}, ("==", 0, "if"), 'if gives 1 (integer) or "x" (text)'),
    (
        {"==": [{"if": [var("state.order.paid"), AMOUNT, var("count")]}, 1]},
        ("==", 0, "if"),
        f"if gives request.amount ({USD}) or count (integer)",
    ),
    # null
    (
        {"==": [var("request.note"), "x"]},
        ("==", 0),
        NOTE_MAY_BE_NULL,
    ),
    (
        {"<": [var("state.earlier.total"), 5]},
        ("<", 0),
        TOTAL_MAY_BE_NULL,
    ),
    (
        {"or": [{"!==": [var("request.note"), None]}, {"==": [var("request.note"), "x"]}]},
        ("or", 1, "==", 0),
        NOTE_MAY_BE_NULL,
    ),
    ({"==": [AMOUNT, None]}, ("==",), f"request.amount ({USD}) is never null, so this always comes out the same"),
    (
        {"==": [var("state.earlier.email", 5), "x"]},
        ("==", 0, "var", 1),
        "the default is 5 (integer) for state.earlier.email (text or null)",
    ),
    (
        {"==": [var("request.note", "none"), "x"]},
        ("==", 0, "var", 1),
        NO_DEFAULT_FOR_NULL,
    ),
    (
        {"!=": [var("request.note"), None]},
        ("!=",),
        "!= with null is true of 0 and false in other evaluators. Write !==",
    ),
    ({"==": [var("state.earlier.email", None), "x"]}, ("==", 0, "var", 1), "a default is a written value"),
    ({"in": [var("request.order"), None]}, ("in", 1), "null is no value to work with"),
    (
        {"some": [{"map": [var("state.order.tags"), ["a", var("")]]}, {"in": ["a", var("")]}]},
        ("some", 0, "map", 1),
        "map makes a list for each item",
    ),
    (
        {"in": ["a", {"map": [var("state.order.tags"), {"cat": [var(""), "x" * 500]}]}]},
        ("in", 1, "map", 1),
        "map repeats 526 characters for each item",
    ),
    # conditions
    (AMOUNT, (), f"request.amount ({USD}) is no condition. Compare it with something"),
    ("paid", (), '"paid" (text) is no condition'),
    (None, (), "null is no value to work with"),
    (
        {"and": [var("state.order.paid"), AMOUNT]},
        ("and", 1),
        f"request.amount ({USD}) is no condition. Compare it with something",
    ),
    ({"!": [var("request.order")]}, ("!", 0), "request.order (text) is no condition. Compare it with something"),
    ({"!": var("request.order")}, ("!",), "request.order (text) is no condition. Compare it with something"),
    (True, (), "this reads no facts, so it always comes out the same"),
    ({"==": [1, 1]}, (), "this reads no facts, so it always comes out the same"),
    ({"and": [False, var("state.order.paid")]}, ("and", 0), "this reads no facts, so it always comes out the same"),
    ({"if": [True, var("state.order.paid"), False]}, ("if", 0), "this reads no facts, so it always comes out the same"),
    ({">=": [AMOUNT, AMOUNT]}, (">=",), f">= compares request.amount ({USD}) with itself"),
]


@pytest.mark.parametrize(("rule", "pointer", "sentence"), MISTAKES, ids=lambda value: str(value)[:60])
def test_each_mistake_is_told_where_it_is_and_what_would_be_right(
    rule: Rule, pointer: tuple[str | int, ...], sentence: str
) -> None:
    found = check(rule, SCHEMA)

    assert found
    assert found[0].pointer == pointer
    assert found[0].sentence == sentence
    assert all(mistake.found and mistake.expected for mistake in found)


def test_all_mistakes_are_told_at_once_and_one_is_not_told_twice() -> None:
    rule = {"and": [{">": [var("request.ammount"), "x"]}, {"gt": [1]}, {"==": [var("request.order"), 5]}]}

    pointers = [mistake.pointer for mistake in check(rule, SCHEMA)]

    assert pointers == [("and", 0, ">", 0, "var"), ("and", 0, ">", 1), ("and", 1, "gt"), ("and", 2, "==")]


def test_a_rule_may_be_asked_to_give_something_else_than_a_condition() -> None:
    assert check({"+": [AMOUNT, 1]}, SCHEMA, gives="integer") == []
    assert check({"+": [AMOUNT, 1]}, SCHEMA, gives=None) == []
    [mistake] = check({"+": [AMOUNT, 1]}, SCHEMA, gives="text")
    assert mistake.message == f"the rule gives {USD}"


def test_without_a_schema_what_needs_no_types_is_still_found() -> None:
    assert [mistake.message for mistake in check({"and": [{"gt": [1]}, {">": [var("a"), "x"]}]}, None)] == [
        "unknown operator gt",
        '> can\'t use "x" (text)',
    ]


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda operator: operator.name)
def test_every_operator_states_how_many_arguments_it_takes_and_an_example(operator: Operator) -> None:
    assert operator.example.startswith(f'{{"{operator.name}": ')
    assert operator.most is None or operator.least <= operator.most
    assert operator.takes


def test_hints_only_name_operators_that_exist() -> None:
    assert set(MEANT.values()) <= set(OPERATORS)
    assert not set(ELSEWHERE) & set(OPERATORS)


def test_an_item_that_may_be_null_is_tested_first() -> None:
    schema = schema_of({"words": list[str | None], "orders": list[Order | None]})
    word = {"==": [var(""), "x"]}
    total = {">": [var("total"), 5]}

    def is_there(path: str) -> Rule:
        return {"!==": [var(path), None]}

    assert [mistake.pointer for mistake in check({"some": [var("words"), word]}, schema)] == [("some", 1, "==", 0)]
    assert [mistake.pointer for mistake in check({"some": [var("orders"), total]}, schema)] == [("some", 1, ">", 0)]
    assert check({"some": [var("words"), {"and": [is_there(""), word]}]}, schema) == []
    assert check({"some": [var("orders"), {"and": [is_there(""), total]}]}, schema) == []
    assert check({"some": [var("orders"), {"and": [is_there("total"), total]}]}, schema) == []
