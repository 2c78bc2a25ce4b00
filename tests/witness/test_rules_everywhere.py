"""A rule comes out alike wherever it is evaluated: with us, with json-logic-js and with json-logic-engine.

Rules and facts are made within the portable profile (contracts/rules/operators.py), which keeps to what all three compute
alike on typed facts. Integers stay within what a double keeps exact, and texts within Unicode's first plane: beyond, the
JavaScript ones count differently, and no type says so.
"""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel

from contracts.facts import schema_of
from contracts.rules import OPERATORS, FactsHandle, NotEvaluable, parse_facts
from contracts.rules import compile as compile_rule
from contracts.rules.checker import examine
from contracts.rules.facade import Rule, rule_of
from tests.witness.elsewhere import alike, evaluated_elsewhere
from tests.witness.typed_rules import SCHEMA, TOP, Maker, facts

RULES, FACTS_EACH, DOCUMENTS, DEPTH, SEED = 3000, 20, 1000, 4, 20261122
ENOUGH = 25


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    """Rules that the checker lets pass, as it would let a contract's."""
    dice = Random(SEED)
    return [accepted_rule(dice) for _ in range(RULES)]


def test_three_evaluators_agree_on_sixty_thousand_typed_facts(rules: list[Rule]) -> None:
    dice = Random(SEED)
    documents = [parse_facts(facts(dice)) for _ in range(DOCUMENTS)]
    chosen = [dice.sample(documents, FACTS_EACH) for _ in rules]

    theirs = evaluated_elsewhere(
        (rule.source, [document.document for document in read]) for rule, read in zip(rules, chosen, strict=True)
    )

    different = [
        {"seed": SEED, "rule": rule.source, "facts": document.document, "ours": ours, "others": others}
        for rule, read, answers in zip(rules, chosen, theirs, strict=True)
        for document, others in zip(read, answers, strict=True)
        if not all(alike(ours := value(rule, document), other) for other in others)
    ]
    assert different == [], f"{len(different)} of {RULES * FACTS_EACH}: {json.dumps(different[:3], indent=1)}"


ITEM, TOTAL = {"var": ""}, {"var": "total"}
OVER_GAPS: list[Any] = [
    {"some": [{"var": "words"}, {"===": [ITEM, None]}]},
    {"some": [{"var": "words"}, {"and": [{"!==": [ITEM, None]}, {"==": [ITEM, "a"]}]}]},
    {"all": [{"var": "words"}, {"or": [{"===": [ITEM, None]}, {"in": ["a", ITEM]}]}]},
    {"some": [{"var": "orders"}, {"and": [{"!==": [TOTAL, None]}, {">": [TOTAL, 1]}]}]},
    {"none": [{"var": "orders"}, {"===": [TOTAL, None]}]},
    {"all": [{"var": "orders"}, {"!": [{"===": [ITEM, None]}]}]},
    {"some": [{"var": "orders"}, {">": [{"var": ["total", 5]}, 3]}]},
    {"==": [{"if": [{"===": [{"var": "count"}, None]}, 0, {"var": "count"}]}, 0]},
]


class Order(BaseModel):
    """An item that may be missing from its list."""

    total: int


@pytest.mark.parametrize("rule", OVER_GAPS, ids=str)
def test_lists_with_gaps_are_read_alike(rule: Any) -> None:
    schema = schema_of({"words": list[str | None], "orders": list[Order | None], "count": int | None})
    words: list[Any] = [[], [None], ["a", None], ["b"]]
    orders: list[Any] = [[], [None], [{"total": 5}, None], [{"total": 0}]]
    documents = [{"words": w, "orders": o, "count": n} for w in words for o in orders for n in (None, 0, 3)]
    ours = compile_rule(rule, schema=schema)

    [theirs] = evaluated_elsewhere([(rule, documents)])

    assert [[ours(document)] * 2 for document in documents] == theirs


def test_every_operator_of_contracts_is_among_the_generated_rules(rules: list[Rule]) -> None:
    used = Counter(name for rule in rules for name in set(operators(rule.source)))

    assert {name for name in OPERATORS if used[name] < ENOUGH} == set()


def accepted_rule(dice: Random) -> Rule:
    """The next rule that has no mistakes."""
    for _ in range(100):
        examined = examine(Maker(dice, DEPTH, TOP).rule(), SCHEMA, gives=None)
        if not examined.mistakes:
            return rule_of(examined, SCHEMA)
    raise AssertionError(f"the checker refuses what is made: {examined.mistakes}")


def value(rule: Rule, document: FactsHandle) -> Any:
    """What we say; an error is a value of its own, which nobody else gives."""
    try:
        return rule(document)
    except NotEvaluable as error:
        return {"not evaluable": str(error)}


def operators(rule: Any) -> Iterator[str]:
    """Every operator in a rule, as often as it stands there."""
    parts = rule if isinstance(rule, list) else list(rule.values()) if isinstance(rule, dict) else []
    if isinstance(rule, dict):
        yield from rule
    for part in parts:
        yield from operators(part)


@pytest.mark.parametrize(
    ("left", "right"), [(1, True), (0, False), ("1", 1), ([1], [1, 2]), (None, 0), ({}, [])], ids=str
)
def test_what_is_only_loosely_equal_counts_as_a_difference(left: Any, right: Any) -> None:
    assert not alike(left, right)
    assert alike(left, left)
