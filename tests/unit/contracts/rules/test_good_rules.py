"""Two hundred good rules, as people write them, have no mistake and come to an answer."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.rules import check, compile, parse_facts  # noqa: A004 - as its own package calls it
from tests.unit.contracts.rules.shop_facts import SCHEMA, facts

WRITTEN = yaml.safe_load(Path(__file__).with_name("good_rules.yaml").read_text())
RULES = [rule for theme in WRITTEN.values() for rule in theme]
NOW = {**facts(), "rates": {"errors": 0.02, "late": 0.3, "whatever": 0.01}}


def test_there_are_two_hundred_and_no_two_are_the_same() -> None:
    assert len({json.dumps(rule) for rule in RULES}) == len(RULES)
    assert len(RULES) >= 200


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_good_rule_has_no_mistake_and_comes_to_an_answer(rule: Any) -> None:
    assert check(rule, SCHEMA) == []
    assert compile(rule, schema=SCHEMA).verdict(parse_facts(NOW, SCHEMA)).holds is not None
