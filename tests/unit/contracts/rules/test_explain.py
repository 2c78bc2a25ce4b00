"""An explanation names the facts that made the verdict, with the values they had, in a sentence that a person reads."""

import pytest

from contracts.rules import Leaf, explain, parse_facts
from contracts.rules import compile as compile_rule
from contracts.rules.guard import Json
from tests.unit.contracts.rules.shop_facts import SCHEMA, facts, var

AMOUNT: Json = var("request.amount")
TOTAL: Json = var("state.order.total")
ABOVE: Json = {">": [AMOUNT, 50000]}
LOST: Json = {"==": [var("request.reason"), "lost"]}
PAID: Json = var("state.order.paid")

SENTENCES: list[tuple[Json, str]] = [
    (ABOVE, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"<=": [AMOUNT, 50000]}, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"<=": [AMOUNT, 80000]}, "amount 740.00 USD is within the limit 800.00 USD"),
    ({">": [AMOUNT, 80000]}, "amount 740.00 USD is within the limit 800.00 USD"),
    ({">": [AMOUNT, 0]}, "amount 740.00 USD is above 0.00 USD"),
    ({">=": [AMOUNT, 80000]}, "amount 740.00 USD is below 800.00 USD"),
    ({"<": [50000, AMOUNT]}, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"<": [0, AMOUNT, 50000]}, "amount 740.00 USD is not between 0.00 USD and 500.00 USD"),
    ({"<=": [AMOUNT, TOTAL]}, "amount 740.00 USD is at most total 812.00 USD"),
    ({">": [AMOUNT, {"-": [TOTAL, 10000]}]}, "amount 740.00 USD is above total - 10000 (712.00 USD)"),
    ({"<": [var("count"), 2]}, "count 3 is at least 2"),
    ({"<": [var("rates.errors"), 0.05]}, "errors 0.02 is below 0.05"),
    ({">": [var("age"), 3600]}, "age 2 h is above 1 h"),
    (
        {"<": [var("state.order.paid_at"), var("now")]},
        "paid at 14 Nov 2023 22:13 UTC is before now 16 Nov 2023 02:00 UTC",
    ),
    (
        {"<": [{"-": [var("now"), var("state.order.paid_at")]}, 86400]},
        "now - paid at (1 d 3 h 46 min 40 s) is at least 1 d",
    ),
    (LOST, 'reason is "lost"'),
    ({"==": [var("request.reason"), "late"]}, 'reason is "lost", not "late"'),
    ({"!=": [var("request.reason"), "late"]}, 'reason is "lost", not "late"'),
    ({"==": ["1234", var("request.order")]}, 'order is "1234"'),
    ({"==": [AMOUNT, TOTAL]}, "amount 740.00 USD differs from total 812.00 USD"),
    ({"==": [var("request.order"), var("request.reason")]}, 'order "1234" differs from reason "lost"'),
    (PAID, "paid is yes"),
    ({"!": PAID}, "paid is yes"),
    ({"==": [PAID, False]}, "paid is yes"),
    ({"===": [var("request.note"), None]}, "note is not set"),
    ({"!==": [var("state.earlier"), None]}, "earlier is not set"),
    ({"!=": [var("state.earlier.total", 0), 0]}, "total is 0.00 USD"),
    ({"in": [var("request.reason"), ["lost", "late"]]}, 'reason "lost" is one of "lost", "late"'),
    ({"in": [var("request.order"), ["1", "2"]]}, 'order "1234" is none of "1", "2"'),
    ({"in": ["24h", var("state.order.tags")]}, '"24h" is not among tags ("fragile", "1d")'),
    ({"in": ["23", var("request.order")]}, 'order contains "23"'),
    ({"in": ["9", var("request.order")]}, 'order does not contain "9"'),
    ({"all": [var("state.order.links"), var("alive")]}, "not all 2 links satisfy: alive"),
    (
        {"some": [var("state.order.links"), {">": [var("score"), 0.5]}]},
        "at least one of 2 links satisfies: score > 0.5",
    ),
    ({"none": [var("state.order.links"), {"==": [var("host"), "c"]}]}, 'none of 2 links satisfies: host is "c"'),
    ({"==": [{"cat": [var("request.order"), "-x"]}, "1234-x"]}, 'order with "-x" is "1234-x"'),
    ({"==": [{"substr": [var("request.order"), 0, 2]}, "12"]}, 'part of order is "12"'),
    ({"==": [{"%": [var("count"), 2]}, 0]}, "count % 2 is 1, not 0"),
    ({"==": [var("state.order.email"), "x@example.org"]}, 'email is (personal), not "x@example.org"'),
    # only the parts that made it
    ({"and": [ABOVE, LOST]}, 'amount 740.00 USD is above the limit 500.00 USD; reason is "lost"'),
    ({"and": [{"!": ABOVE}, LOST]}, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"and": [LOST, {"!": ABOVE}]}, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"or": [{"!": ABOVE}, LOST]}, 'reason is "lost"'),
    ({"or": [{"!": ABOVE}, {"!": LOST}]}, 'amount 740.00 USD is above the limit 500.00 USD; reason is "lost"'),
    ({"!": {"and": [LOST, {"!": ABOVE}]}}, "amount 740.00 USD is above the limit 500.00 USD"),
    ({"if": [ABOVE, LOST, PAID]}, 'amount 740.00 USD is above the limit 500.00 USD; reason is "lost"'),
    ({"if": [{"!": ABOVE}, LOST, PAID]}, "amount 740.00 USD is above the limit 500.00 USD; paid is yes"),
    ({"if": [ABOVE, False, True]}, "amount 740.00 USD is above the limit 500.00 USD"),
    # a test for null that only guards what follows is not worth a sentence
    ({"and": [{"===": [var("request.note"), None]}, LOST]}, 'note is not set; reason is "lost"'),
]


@pytest.mark.parametrize(("rule", "sentence"), SENTENCES, ids=str)
def test_a_verdict_explains_itself_in_a_sentence(rule: Json, sentence: str) -> None:
    assert explain(rule, facts(), schema=SCHEMA).sentence == sentence


def test_the_leaves_are_the_facts_that_made_the_verdict() -> None:
    rule = {"and": [{"<=": [AMOUNT, TOTAL]}, {"!=": [var("state.order.email"), "x"]}]}

    leaves = explain(rule, facts(), schema=SCHEMA).leaves

    assert leaves == (
        Leaf("request.amount", "740.00 USD"),
        Leaf("state.order.total", "812.00 USD"),
        Leaf("state.order.email", "(personal)", personal=True),
    )


def test_a_part_that_was_not_needed_is_neither_told_nor_evaluated() -> None:
    rule = {"or": [ABOVE, {">": [var("state.order.total"), 5]}]}
    document = facts()
    del document["state"]["order"]["total"]

    explanation = explain(rule, document, schema=SCHEMA)

    assert [leaf.path for leaf in explanation.leaves] == ["request.amount"]


def test_two_facts_of_the_same_name_are_told_apart() -> None:
    rule = {"and": [{"!==": [var("state.earlier"), None]}, {"<": [var("state.earlier.total"), TOTAL]}]}
    document = facts()
    document["state"]["earlier"] = document["state"]["order"] | {"total": 5}

    assert (
        explain(rule, document, schema=SCHEMA).sentence
        == "state earlier total 0.05 USD is below state order total 812.00 USD"
    )


def test_a_long_or_many_lined_text_is_cut_and_made_one_line() -> None:
    rule = {"==": [var("request.order"), "x"]}

    sentence = explain(rule, facts(order="first\n\tsecond " + "y" * 500), schema=SCHEMA).sentence

    assert sentence == f'order is "first second {"y" * 46}…", not "x"'


def test_a_personal_value_is_masked_inside_what_is_made_of_it() -> None:
    rule = {"==": [{"cat": [var("state.order.email"), "!"]}, "x"]}

    explanation = explain(rule, facts(), schema=SCHEMA)

    assert "ada" not in repr(explanation)
    assert explanation.sentence == 'email with "!" is (personal), not "x"'


def test_without_a_schema_values_are_told_without_units() -> None:
    assert explain(ABOVE, facts()).sentence == "amount 74000 is above 50000"
    assert explain({"+": [AMOUNT, 1]}, facts()).sentence == "amount + 1 (74001)"


def test_a_verdict_carries_its_explanation() -> None:
    rule = compile_rule({"and": [PAID, ABOVE]}, schema=SCHEMA)

    verdict = rule.verdict(parse_facts(facts()))

    assert verdict.sentence == rule.explain(facts()).sentence
    assert verdict.sentence == "paid is yes; amount 740.00 USD is above the limit 500.00 USD"
