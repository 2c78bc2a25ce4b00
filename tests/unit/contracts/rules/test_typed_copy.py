"""What is copied by a schema is what the guard would let pass, and a verdict on it is the verdict on the guard's copy."""

import json
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.authoring import Personal
from contracts.facts import FactSchema, FactType, schema_of
from contracts.rules import Rule, parse_facts
from contracts.rules import compile as compile_rule
from contracts.rules.engine_form import marked
from contracts.rules.guard import FACT_LIMITS, guarded
from contracts.rules.typed_copy import UNLIKE, copier_of
from tests.unit.contracts.rules.shop_facts import SCHEMA, facts, var


class Colour(StrEnum):
    A = "a"


class Level(IntEnum):
    ONE = 1


class Thing(BaseModel):
    name: Annotated[str, Personal()]
    size: int | None
    share: float
    kind: Literal["a", "24h"]
    rank: Literal[1, 2]
    good: bool
    tags: list[str]


THINGS = schema_of({"a": Thing, "b": Thing | None, "many": list[Thing], "rates": dict[str, float | None]})
scalars = st.sampled_from(
    [None, True, 1, 2, 2**53, 2**60, 1.5, 1e300, float("nan"), "a", "24h", "\ud800", (1,), Level.ONE]
)
loose = st.recursive(
    scalars | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "tags"]), inner),
    max_leaves=5,
)
things = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=3) | loose,
        "size": st.integers(-5, 5) | st.none() | loose,
        "share": st.floats(0, 1) | st.integers(0, 3) | loose,
        "kind": st.sampled_from(["a", "24h", Colour.A]) | loose,
        "rank": st.sampled_from([1, 2, 3, True]) | loose,
        "good": st.booleans() | loose,
        "tags": st.lists(st.text(max_size=3), max_size=3) | loose,
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "a": things,
        "b": st.none() | things | loose,
        "many": st.lists(things, max_size=3) | loose,
        "rates": st.dictionaries(st.text("ab\udfff", max_size=3), st.floats(0, 1) | st.none(), max_size=3) | loose,
    },
)
RULES = [
    compile_rule(source, schema=THINGS)
    for source in (
        {"==": [var("a.name"), "1d"]},
        {"and": [{"!==": [var("a.size"), None]}, {">": [var("a.size"), 0]}]},
        {"<": [var("a.share"), 0.5]},
        {"==": [var("a.kind"), "24h"]},
        {"==": [var("a.rank"), 1]},
        {"or": [var("a.good"), {"in": ["a", var("a.tags")]}]},
        {"and": [{"!==": [var("b"), None]}, {"!=": [var("b.kind"), "a"]}]},
        {"some": [var("many"), {"==": [var("kind"), "24h"]}]},
        {"all": [var("many"), var("good")]},
    )
]


@given(documents)
def test_what_is_copied_by_a_schema_is_what_the_guard_lets_pass(document: dict[str, Any]) -> None:
    copier = copier_of(THINGS)
    assert copier is not None

    try:
        quick = copier.validate_python(document)
    except UNLIKE:
        return

    plain = guarded({name: value for name, value in document.items() if name in quick}, FACT_LIMITS)
    assert json.dumps(quick, sort_keys=True) == json.dumps(marked(plain), sort_keys=True)


@given(documents, st.sampled_from(RULES))
def test_a_rule_comes_out_the_same_on_either_copy(document: dict[str, Any], rule: Rule) -> None:
    by_guard = parse_facts(document)
    by_schema = parse_facts(document, THINGS)

    assert by_schema.refused == by_guard.refused
    assert rule.verdict(by_schema) == rule.verdict(by_guard)
    if by_schema.schema is THINGS:
        assert rule.verdict(parse_facts(document, THINGS, rule.paths)) == rule.verdict(by_guard)


def test_what_is_as_declared_is_copied_by_its_schema() -> None:
    handle = parse_facts(facts(), SCHEMA)

    assert handle.schema is SCHEMA
    assert handle.document == facts()


def test_a_later_change_does_not_reach_the_copy() -> None:
    document = facts()
    handle = parse_facts(document, SCHEMA)

    document["state"]["order"]["tags"].append("late")

    assert handle.document == facts()


def test_what_is_not_declared_is_not_looked_at() -> None:
    handle = parse_facts(facts() | {"else": object()}, SCHEMA)

    assert handle.document == facts()
    assert parse_facts(facts() | {"else": object()}).refused is not None


def test_what_no_rule_reads_is_not_looked_at_either() -> None:
    handle = parse_facts(
        facts() | {"request": object()}, SCHEMA, frozenset({"state.order.paid", "state.order.links.0.host", "now"})
    )

    order = {"paid": True, "links": facts()["state"]["order"]["links"]}
    assert handle.document == {"state": {"order": order}, "now": 1_700_100_000}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 2**53},
        {"amount": True},
        {"amount": 74000.0},
        {"order": "x" * 100_001},
        {"order": b"x"},
        {"reason": "because"},
        {"reason": None},
        {"note": "\ud800"},
    ],
    ids=str,
)
def test_what_is_not_as_declared_is_left_to_the_guard(change: dict[str, Any]) -> None:
    assert parse_facts(facts(**change), SCHEMA).schema is None


@pytest.mark.parametrize(
    "document",
    [
        {"many": [["x" * 99_000] * 9]},
        {"many": [["x" * 99_000] * 11]},
        {"many": [["x"] * 21]},
        {"many": [["x"]] * 2_001},
    ],
    ids=["900,000 characters", "a million and more", "long lists in a list", "many lists"],
)
def test_a_document_near_the_limits_is_left_to_the_guard(document: dict[str, Any]) -> None:
    handle = parse_facts(document, schema_of({"many": list[list[str]]}))

    assert handle.schema is None
    assert handle.refused == parse_facts(document).refused


def test_a_schema_that_is_deeper_than_facts_may_be_makes_no_copier() -> None:
    deep = FactType("integer")
    for _ in range(32):
        deep = FactType("list", item=deep)

    assert copier_of(FactSchema(FactType("object", fields={"a": deep}))) is None
    assert copier_of(FactSchema(FactType("object", fields={"a": deep.item or deep}))) is not None
