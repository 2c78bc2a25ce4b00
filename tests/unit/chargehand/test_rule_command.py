"""`chargehand rule` tries one rule: strictly as contracts do, or loosely as JSONLogic's own suite does."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from contracts.business import BusinessMistakes

PAID = '{"==": [{"var": "state.order.status"}, "paid"]}'
AT_MOST = '{"<=": [{"var": "amount"}, 3]}'


def tried(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["rule", *words], input=typed)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((PAID, "{state: {order: {status: paid}}}"), 'holds: status is "paid"'),
        ((AT_MOST, '{"amount": 4}'), "does not hold: amount 4 is above 3"),
        (('{"+": [{"var": "amount"}, 3]}', "{amount: 1}"), "4: amount + 3 (4)"),
        (('{"==": [1, 1]}',), "holds: 1 is 1"),
        (('{"===": [1, 2]}',), "does not hold: 1 is not 2"),
        (('{"in": ["a", "cat"]}',), 'holds: "cat" contains "a"'),
    ],
)
def test_a_rule_says_what_it_comes_to_and_why(words: tuple[str, ...], told: str) -> None:
    found = tried(*words)

    assert (found.exit_code, found.stdout) == (0, f"{told}\n")


@pytest.mark.parametrize(
    ("rule", "facts", "loosely"),
    [
        (AT_MOST, '{"amount": "2"}', True),
        (AT_MOST, "{}", True),
        ('{"==": [1, "1"]}', "{}", True),
        ('{"!": [[]]}', "{}", True),
        ('{"if": [{"var": "x"}, "yes", "no"]}', '{"x": 1}', "yes"),
    ],
)
def test_what_is_loosely_true_can_not_be_told_strictly(rule: str, facts: str, loosely: object) -> None:
    loose, strict = tried(rule, facts, "--profile", "official", "--json"), tried(rule, facts)

    assert (loose.exit_code, json.loads(loose.stdout)) == (0, {"value": loosely, "why": None})
    assert (strict.exit_code, strict.stdout) == (1, "")
    assert strict.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((AT_MOST,), "It can't be told: unknown fact amount."),
        ((AT_MOST, '{"amount": "4"}'), "It can't be told: <= can't use amount (text)."),
        (('{"fob": 1}',), "fob: unknown operator fob"),
        (('{"==": [1, "1"]}',), '==: == compares 1 (integer) with "1" (text)'),
        (('{"and": [{"fob": 1}, {"baz": 2}]}',), "and/0/fob: unknown operator fob\nand/1/baz: unknown operator baz"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_else(words: tuple[str, ...], told: str) -> None:
    found = tried(*words)

    assert (found.exit_code, found.stdout, found.stderr) == (1, "", f"{told}\n")


def test_programs_get_json_whatever_comes_of_it() -> None:
    good, unknown, wrong = (
        tried(AT_MOST, "{amount: 1}", "--json"),
        tried(AT_MOST, "--json"),
        tried('{"fob": 1}', "--json"),
    )

    assert json.loads(good.stdout) == {"value": True, "why": "amount 1 is at most 3"}
    assert json.loads(unknown.stdout) == {"value": None, "why": None, "failed": "unknown fact amount"}
    assert json.loads(wrong.stdout) == {"mistakes": [{"at": "fob", "message": "unknown operator fob", "hint": None}]}


def test_rule_and_facts_come_from_a_file_or_from_stdin(tmp_path: Path) -> None:
    rule, facts = tmp_path / "rule.yaml", tmp_path / "facts.json"
    rule.write_text(f"{AT_MOST}  # a comment\n")
    facts.write_text('{"amount": 3}')

    assert tried(f"@{rule}", f"@{facts}").stdout.startswith("holds")
    assert tried("-", f"@{facts}", typed=AT_MOST).stdout.startswith("holds")
    missing = tried("@nowhere.yaml")
    assert (missing.exit_code, "nowhere.yaml can't be read: No such file" in missing.stderr) == (2, True)


def test_what_is_no_yaml_says_where() -> None:
    found = tried('{"a: ').exception

    assert isinstance(found, BusinessMistakes)
    assert str(found.mistakes[0]).startswith("RULE:1:6")
