"""A rule that can't be evaluated never passes: a verdict holds, does not hold, or can't be told, and nothing raises."""

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import schema_of
from contracts.rules import (
    MASK,
    FactsRefused,
    NotEvaluable,
    RuleRefused,
    Verdict,
    parse_facts,
)
from contracts.rules import compile as compile_rule
from contracts.rules.guard import Json
from tests.unit.contracts.rules.shop_facts import SCHEMA, facts, var

AMOUNT = var("request.amount")
LARGE = compile_rule({">": [AMOUNT, 50000]}, schema=SCHEMA, name="large refund")
PAID = compile_rule(var("state.order.paid"), schema=SCHEMA)


def changed(path: str, value: object) -> dict[str, Any]:
    """The usual facts with one of them changed, or taken away where `value` is `...`."""
    document = copy.deepcopy(facts())
    *above, last = path.split(".")
    place = document
    for name in above:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


def test_a_condition_that_is_true_holds_and_asks() -> None:
    verdict = LARGE.verdict(parse_facts(facts()))

    assert verdict == Verdict(
        name="large refund",
        holds=True,
        sentence="amount 740.00 USD is above the limit 500.00 USD",
        reads={"request.amount": 74000},
    )
    assert verdict.passes
    assert verdict.asks


def test_a_condition_that_is_false_neither_passes_nor_asks() -> None:
    verdict = LARGE.verdict(parse_facts(facts(amount=4200)))

    assert verdict.holds is False
    assert verdict.sentence == "amount 42.00 USD is within the limit 500.00 USD"
    assert not verdict.passes
    assert not verdict.asks


CANNOT_TELL: list[tuple[str, object, str]] = [
    ("request.amount", ..., "request.amount is not among the facts"),
    ("request.amount", None, "request.amount is null, but is declared integer, minor units of USD"),
    ("request.amount", "74000", "request.amount is text, but is declared integer, minor units of USD"),
    ("request.amount", 740.5, "request.amount is a number, but is declared integer, minor units of USD"),
    ("request.amount", True, "request.amount is a boolean, but is declared integer, minor units of USD"),
    ("request.amount", [1], "request.amount is a list, but is declared integer, minor units of USD"),
    ("request", None, "request.amount is null, but is declared integer, minor units of USD"),
    ("request", ..., "request.amount is not among the facts"),
    ("request.amount", float("nan"), "the facts can't be read: request.amount: found nan, expected a finite number"),
    (
        "request.amount",
        2**63,
        "the facts can't be read: request.amount: found an integer of 64 bits, expected one within ±9,007,199,254,740,991",
    ),
]


@pytest.mark.parametrize(("path", "value", "why"), CANNOT_TELL, ids=lambda value: str(value)[:40])
def test_facts_that_do_not_fit_can_not_be_told_so_a_requirement_fails_and_an_edge_asks(
    path: str, value: object, why: str
) -> None:
    verdict = LARGE.verdict(parse_facts(changed(path, value)))

    assert verdict.holds is None
    assert verdict.failed == why
    assert verdict.sentence == f"can't be told: {why}"
    assert not verdict.passes
    assert verdict.asks


@pytest.mark.parametrize("document", [None, "text", 5, [1], b"x", object()], ids=lambda one: type(one).__name__)
def test_a_document_that_is_no_object_can_not_be_told(document: object) -> None:
    handle = parse_facts(document)

    assert handle.refused is not None
    assert handle.refused.startswith("the facts can't be read: ")
    assert LARGE.verdict(handle).failed == handle.refused
    with pytest.raises(FactsRefused, match="the facts can't be read"):
        LARGE(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_whatever_a_fact_is_a_requirement_on_it_only_passes_when_it_is_what_was_declared(value: object) -> None:
    paid = PAID.verdict(parse_facts(changed("state.order.paid", value)))
    large = LARGE.verdict(parse_facts(changed("request.amount", value)))

    assert paid.passes == (value is True)
    assert large.passes == (type(value) is int and 50000 < value < 2**53)


def test_an_absent_fact_does_not_slip_under_a_limit() -> None:
    risk = schema_of({"risk": float})
    low = compile_rule({"<": [var("risk"), 0.8]}, schema=risk)

    assert low.verdict(parse_facts({})).holds is None
    assert low.verdict(parse_facts({"risk": None})).holds is None
    assert low.verdict(parse_facts({"risk": 0.1})).holds is True


def test_a_fact_below_a_null_reads_as_null_but_an_absent_one_does_not() -> None:
    unset = compile_rule({"===": [var("state.earlier.total"), None]}, schema=SCHEMA)
    absent = facts()
    del absent["state"]["earlier"]

    assert unset.verdict(parse_facts(facts())).holds is True
    assert unset.verdict(parse_facts(absent)).holds is None
    assert unset.verdict(parse_facts(changed("state.earlier", {"total": 5}))).holds is False


def test_a_default_stands_for_what_lies_below_a_null_and_not_for_what_should_be_there() -> None:
    rule = compile_rule({"==": [var("state.earlier.total", 0), 0]}, schema=SCHEMA)

    assert rule.verdict(parse_facts(facts())).holds is True
    assert rule.verdict(parse_facts(changed("state.earlier", {"total": 5}))).holds is False
    assert rule.verdict(parse_facts(changed("state.earlier", {"total": None}))).holds is None
    assert rule.verdict(parse_facts(changed("state.earlier", ...))).holds is None


def test_a_test_for_null_keeps_what_follows_from_being_read() -> None:
    rule = {"and": [{"!==": [var("state.earlier"), None]}, {">": [var("state.earlier.total"), 0]}]}

    verdict = compile_rule(rule, schema=SCHEMA).verdict(parse_facts(facts()))

    assert verdict.holds is False
    assert verdict.sentence == "earlier is not set"


def test_an_item_of_another_type_than_declared_can_not_be_told() -> None:
    rule = compile_rule({"some": [var("state.order.links"), {">": [var("score"), 0.5]}]}, schema=SCHEMA)

    verdict = rule.verdict(parse_facts(changed("state.order.links", [{"score": "0.9"}])))

    assert verdict.failed == "state.order.links.0.score is text, but is declared number"


def test_a_value_outside_its_choices_can_not_be_told() -> None:
    rule = compile_rule({"!=": [var("request.reason"), "late"]}, schema=SCHEMA)

    verdict = rule.verdict(parse_facts(facts(reason="because")))

    assert verdict.failed == "request.reason is none of the values that it is declared to have"


def test_personal_values_stay_out_of_the_verdict() -> None:
    rule = compile_rule({"==": [var("state.order.email"), "bob@example.org"]}, schema=SCHEMA)

    verdict = rule.verdict(parse_facts(facts()))

    assert verdict.holds is False
    assert verdict.reads == {"state.order.email": MASK}
    assert "ada" not in verdict.sentence


def test_one_handle_serves_all_rules_in_every_thread() -> None:
    handle = parse_facts(facts())
    found: list[bool | None] = []

    def judge() -> None:
        found.extend([LARGE.verdict(handle).holds, PAID.verdict(handle).holds])

    threads = [threading.Thread(target=judge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 8


def test_a_change_after_parsing_does_not_reach_the_verdict() -> None:
    document = facts()
    handle = parse_facts(document)

    document["request"]["amount"] = 1

    assert LARGE.verdict(handle).reads == {"request.amount": 74000}


def test_a_rule_with_mistakes_is_not_compiled_and_tells_all_of_them() -> None:
    rule = {"and": [{">": [var("request.ammount"), 1]}, {"gt": [1]}]}

    with pytest.raises(RuleRefused) as refusal:
        compile_rule(rule, schema=SCHEMA)

    assert [mistake.message for mistake in refusal.value.mistakes] == [
        "unknown fact request.ammount",
        "unknown operator gt",
    ]


def test_a_rule_names_all_that_it_reads_once() -> None:
    rule = {"and": [{">": [AMOUNT, 1]}, {"<": [AMOUNT, var("state.order.total")]}]}

    assert compile_rule(rule, schema=SCHEMA).reads == ("request.amount", "state.order.total")


def test_a_computation_without_end_is_cut_off() -> None:
    doubling = {"reduce": [var("many"), {"cat": [var("accumulator"), var("accumulator")]}, "x"]}
    rule = compile_rule({"==": [doubling, "x"]}, schema=schema_of({"many": list[int]}))

    verdict = rule.verdict(parse_facts({"many": [1] * 60}))

    assert verdict.holds is None
    assert verdict.failed is not None
    assert verdict.failed.startswith("the rule takes more than 100,000 operations")


UNTYPED: list[tuple[Json, Json, Json]] = [
    ({"+": [var("a"), 1]}, {"a": 2}, 3),
    ({"var": "a"}, {"a": None}, None),
    ({"cat": [var("a"), "24h"]}, {"a": "1d"}, "1d24h"),
    ({"filter": [var("a"), {">": [var(""), 1]}]}, {"a": [1, 2]}, [2]),
    ({"map": [var("a"), var("b")]}, {"a": [{"b": "1d"}]}, ["1d"]),
    ({"if": [{">": [var("a"), 1]}, "many", "few"]}, {"a": 2}, "many"),
    ({"some": [var("a"), {"==": [var("b"), 1]}]}, {"a": []}, False),
    ({"===": [var("a"), None]}, {"a": None}, True),
]


@pytest.mark.parametrize(("rule", "document", "value"), UNTYPED, ids=str)
def test_without_a_schema_a_rule_gives_any_value(rule: Json, document: Json, value: Json) -> None:
    assert compile_rule(rule)(document) == value


LOOSE_REFUSED: list[tuple[Json, Json, str]] = [
    ({"==": [var("a"), 1]}, {"a": "1"}, "== compares a (text) with 1 (integer)"),
    ({"+": [var("a"), 1]}, {"a": "2"}, "+ can't use a (text)"),
    ({"<": [var("risk"), 0.8]}, {}, "unknown fact risk"),
    ({"<": [var("a"), 1]}, {"a": None}, "a may be null"),
    ({"and": [var("a"), var("b")]}, {"a": 1, "b": True}, "a (integer) is no condition"),
    ({"filter": [var("a"), {">": [var(""), 1]}]}, {"a": [1, "x"]}, "> can't use mixed"),
]


@pytest.mark.parametrize(("rule", "document", "why"), LOOSE_REFUSED, ids=str)
def test_without_a_schema_the_facts_themselves_are_held_to_strictness(rule: Json, document: Json, why: str) -> None:
    with pytest.raises(NotEvaluable, match=r"^" + why.replace("(", r"\(").replace(")", r"\)").replace("+", r"\+")):
        compile_rule(rule)(document)


def hostile_rules() -> list[tuple[str, Callable[[], object]]]:
    """Rules that would crash, hang or fool a bare engine, by name."""

    def nots(count: int) -> Json:
        rule: Json = {"==": [var("a"), 1]}
        for _ in range(count):
            rule = {"!": [rule]}
        return rule

    def doubling(count: int) -> Json:
        rule: Json = var("a")
        for _ in range(count):
            rule = {"cat": [rule, rule]}
        return rule

    cyclic: dict[str, Json] = {}
    cyclic["!"] = [cyclic]
    return [
        ("deep", lambda: nots(10_000)),
        ("cyclic", lambda: cyclic),
        ("wide", lambda: {"and": [{"==": [var("a"), 1]}] * 5_000}),
        ("doubling", lambda: doubling(16)),
        ("a name of JavaScript's", lambda: {"==": [var("__proto__.polluted"), True]}),
        ("a method", lambda: {"method": [var("a"), "toString"]}),
        ("infinity", lambda: {">": [var("a"), float("inf")]}),
        ("a number past all limits", lambda: {">": [var("a"), 10**400]}),
        ("half a character", lambda: {"==": [var("a"), "\ud800"]}),
        ("bytes", lambda: b"{}"),
        ("JSON as text", lambda: '{"==": [1, 1]}'),
    ]


@pytest.mark.parametrize(("name", "make"), hostile_rules(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_hostile_rule_is_refused_before_it_runs(name: str, make: Callable[[], object]) -> None:
    with pytest.raises(RuleRefused) as refusal:
        compile_rule(make(), schema=SCHEMA)

    assert refusal.value.mistakes


def test_the_deepest_rule_that_is_accepted_runs_on_a_small_stack() -> None:
    rule: Json = var("state.order.paid")
    for _ in range(19):
        rule = {"!": [rule]}
    compiled = compile_rule(rule, schema=SCHEMA)
    found: list[Verdict] = []

    before = threading.stack_size(256 * 1024)
    thread = threading.Thread(target=lambda: found.append(compiled.verdict(parse_facts(facts()))))
    thread.start()
    threading.stack_size(before)
    thread.join()

    assert [verdict.holds for verdict in found] == [False]
