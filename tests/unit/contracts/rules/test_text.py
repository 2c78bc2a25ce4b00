"""Text is compared as text, whatever it looks like: the engine behind would take "1d" and "24h" for equal durations."""

import datalogic_py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import schema_of
from contracts.rules import compile as compile_rule
from contracts.rules import parse_facts

SCHEMA = schema_of({"left": str, "right": str, "many": list[str]})
LOOKS_LIKE_TIME = [
    "1d",
    "24h",
    "1440m",
    "1d:0h:0m:0s",
    "86400s",
    "2026-11-22",
    "2026-11-22T00:00:00Z",
    "2026-11-22T01:00:00+01:00",
    "2026-11-22T00:00:00.000Z",
    "P1D",
    "1",
    "01",
    "1.0",
    "1e0",
    " 1",
    "",
    "'",
    "''1d",
    "'1d",
    "null",
    "true",
    "[]",
    "{}",
]
texts = st.sampled_from(LOOKS_LIKE_TIME) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEFT, RIGHT, MANY = {"var": "left"}, {"var": "right"}, {"var": "many"}
EQUAL = compile_rule({"==": [LEFT, RIGHT]}, schema=SCHEMA)
UNEQUAL = compile_rule({"!=": [LEFT, RIGHT]}, schema=SCHEMA)
AMONG = compile_rule({"in": [LEFT, MANY]}, schema=SCHEMA)
SOME = compile_rule({"some": [MANY, {"==": [{"var": ""}, "1d"]}]}, schema=SCHEMA)
JOINED = compile_rule({"cat": [LEFT, "1d", RIGHT]})
CUT = compile_rule({"substr": [LEFT, 1, 3]})


def test_the_bare_engine_has_the_trap_that_this_file_is_about() -> None:
    assert datalogic_py.apply({"===": ["1d", "24h"]}, {}) is True


@given(texts, texts, st.lists(texts, max_size=4))
def test_text_equality_is_plain_string_equality(left: str, right: str, many: list[str]) -> None:
    facts = parse_facts({"left": left, "right": right, "many": many})

    assert EQUAL.verdict(facts).holds is (left == right)
    assert UNEQUAL.verdict(facts).holds is (left != right)
    assert AMONG.verdict(facts).holds is (left in many)
    assert SOME.verdict(facts).holds is ("1d" in many)


@given(texts, texts)
def test_text_written_in_a_rule_is_compared_as_text(written: str, left: str) -> None:
    facts = parse_facts({"left": left, "right": "", "many": []})

    assert compile_rule({"==": [LEFT, written]}, schema=SCHEMA).verdict(facts).holds is (left == written)
    assert compile_rule({"in": [LEFT, [written, "24h"]]}, schema=SCHEMA).verdict(facts).holds is (
        left in {written, "24h"}
    )


@given(texts.filter(bool), texts)
def test_text_within_text_is_plain_containment(needle: str, left: str) -> None:
    facts = parse_facts({"left": left, "right": "", "many": []})

    for rule in ({"in": [needle, LEFT]}, {"!": {"!": [{"in": [needle, LEFT]}]}}):
        assert compile_rule(rule, schema=SCHEMA).verdict(facts).holds is (needle in left)


@given(texts, texts)
def test_text_that_a_rule_makes_is_what_python_would_make(left: str, right: str) -> None:
    facts = {"left": left, "right": right}

    assert JOINED(facts) == f"{left}1d{right}"
    assert CUT(facts) == left[1:4]


@pytest.mark.parametrize("order", LOOKS_LIKE_TIME)
def test_an_order_number_that_looks_like_time_crashes_nothing(order: str) -> None:
    verdict = EQUAL.verdict(parse_facts({"left": order, "right": "24 h", "many": []}))

    assert verdict.holds is False
    assert verdict.reads == {"left": order, "right": "24 h"}
