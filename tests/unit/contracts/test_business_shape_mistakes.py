"""Mistakes in what a field looks like: each pattern has words of its own, and no library speaks in its own words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.company import Company
from contracts.contract import Lane
from contracts.declared import Declared
from contracts.loading.pages import read_page
from contracts.loading.shapes import SHAPES
from contracts.mistakes import Findings
from contracts.readings.declarations import parse_page
from tests.unit.contracts.small_business import told_after

DURATION = "s|m|h|d"
# In which file, what stood there, what stands there now, and everything that is told of it.
PATTERNS = [
    pytest.param(
        "lane",
        "gives: models:Sale",
        "gives: Sale",
        [
            "lane.yaml:40:12 steps › look › gives | Sale is not a model of models.py, such as models:Refund, or review. Write models:Sale, or review.",
        ],
        id="a model without its module",
    ),
    pytest.param(
        "lane",
        "gives: models:Sale",
        "gives: models:sale",
        [
            "lane.yaml:40:12 steps › look › gives | models:sale is not a model of models.py, such as models:Refund, or review. Write models:Sale, or review.",
        ],
        id="a model in small letters",
    ),
    pytest.param(
        "lane",
        "gives: models:Sale",
        "gives: Review",
        [
            "lane.yaml:40:12 steps › look › gives | Review is not a model of models.py, such as models:Refund, or review. Write review.",
        ],
        id="review with a capital",
    ),
    pytest.param(
        "lane",
        "request: models:Discount",
        "request: Discount",
        [
            "lane.yaml:7:10 request | Discount is not a model of models.py, such as models:Refund. Write models:Discount.",
        ],
        id="a request without its module",
    ),
    pytest.param(
        "lane",
        "run: workers:look",
        "run: look",
        [
            "lane.yaml:39:10 steps › look › run | look is not a function of workers.py, such as workers:pay. Write workers:look.",
        ],
        id="a function without its module",
    ),
    pytest.param(
        "lane",
        "run: workers:look",
        "run: os:system",
        [
            "lane.yaml:39:10 steps › look › run | os:system is not a function of workers.py, such as workers:pay.",
        ],
        id="a function of another module",
    ),
    pytest.param(
        "lane",
        "recheck: [look]",
        "enough: half",
        [
            "lane.yaml:50:13 steps › give › enough | half is not all, any or a share below 100%, such as 80%.",
        ],
        id="a share that is a word",
    ),
    pytest.param(
        "lane",
        "recheck: [look]",
        'enough: "80"',
        [
            "lane.yaml:50:14 steps › give › enough | 80 is not all, any or a share below 100%, such as 80%. Write 80%.",
        ],
        id="a share without a sign",
    ),
    pytest.param(
        "lane",
        "recheck: [look]",
        "each: sale lines",
        [
            "lane.yaml:50:11 steps › give › each | sale lines is not a fact's path, such as state.order.number.",
        ],
        id="a path with a blank",
    ),
    pytest.param(
        "lane",
        'who: "group:staff"',
        "who: olu",
        [
            "lane.yaml:67:15 approve › large discount › steps › #1 › who | olu is not group:NAME, person:NAME or manager-of:requester. Write person:olu, or group:olu.",
        ],
        id="somebody without a kind",
    ),
    pytest.param(
        "lane",
        'who: "group:staff"',
        'who: "grup:staff"',
        [
            "lane.yaml:67:16 approve › large discount › steps › #1 › who | grup:staff is not group:NAME, person:NAME or manager-of:requester. Write group:staff.",
        ],
        id="a kind of people that there is not",
    ),
    pytest.param(
        "lane",
        "name: look\n",
        "name: Look it up\n",
        [
            "lane.yaml:37:11 steps › Look it up › name | Look it up is not a name of small letters, digits and hyphens, such as finance-approvers. Write look-it-up.",
        ],
        id="a step with capitals",
    ),
    pytest.param(
        "lane",
        "writes: sale",
        "writes: The sale",
        [
            "lane.yaml:41:13 steps › look › writes | The sale is not a field's name of small letters, digits and underscores, such as payment. Write the_sale.",
        ],
        id="a field with capitals",
    ),
    pytest.param(
        "lane",
        "steps:\n",
        "probes: {x: {before: give, read: sale, gives: text, because: why}}\nsteps:\n",
        [
            "lane.yaml:36:34 probes › x › read | sale is not a system, a dot and a name of it, such as shop.order.",
        ],
        id="a read without a system",
    ),
    pytest.param(
        "lane",
        "steps:\n",
        "prerequisites: [{name: a, answers: till.sale, given: {number: 3.5}, because: why, action: go}]\nsteps:\n",
        [
            "lane.yaml:36:63 prerequisites › a › given › number | a read is given text, a whole number, true or false. Put anything else in quotes.",
        ],
        id="what no read is given",
    ),
    pytest.param(
        "company",
        "timezone:",
        'mail_domain: "@corner"\ntimezone:',
        [
            "company.yaml:4:15 mail_domain | @corner is not a domain, such as ask.morning.example.",
        ],
        id="a domain without a dot",
    ),
    pytest.param(
        "company",
        "timezone:",
        "mail_domain: https://Ask.corner.example/\ntimezone:",
        [
            "company.yaml:4:14 mail_domain | https://Ask.corner.example/ is not a domain, such as ask.morning.example. Write ask.corner.example.",
        ],
        id="an address for a domain",
    ),
    pytest.param(
        "company",
        "tools/till.py:Till",
        "till.py:Till",
        [
            "company.yaml:22:17 systems › till › tool | till.py:Till is not a class of a tool, such as tools/shop.py:Shop. Write tools/till.py:Till.",
        ],
        id="a tool without its folder",
    ),
    pytest.param(
        "company",
        "currency: USD",
        "currency: usd",
        [
            "company.yaml:3:11 currency | usd is not a currency of three capitals, such as USD. Write USD.",
        ],
        id="a currency in small letters",
    ),
    pytest.param(
        "company",
        "slack_team: T0CORNER",
        "slack_team: corner",
        [
            "company.yaml:5:13 slack_team | corner is not a Slack team's id, such as T0MORNING.",
        ],
        id="a name for a Slack team",
    ),
    pytest.param(
        "company",
        "ines@corner.example",
        "ines at corner",
        [
            "company.yaml:16:41 people › Inês Prata › email | ines at corner is not a mail address, such as anna@morning.example.",
        ],
        id="a mail address without its sign",
    ),
    pytest.param(
        "company",
        "strategy:",
        'digest: {at: "8:00"}\nstrategy:',
        [
            'company.yaml:9:15 digest › at | 8:00 is not a time of day in quotes, such as "08:00". Write "08:00".',
        ],
        id="an hour of one digit",
    ),
    pytest.param(
        "company",
        "strategy:",
        'quiet: {from: "25:00", to: "07"}\nstrategy:',
        [
            'company.yaml:9:16 quiet › from | 25:00 is not a time of day in quotes, such as "08:00".',
            'company.yaml:9:29 quiet › to | 07 is not a time of day in quotes, such as "08:00". Write "07:00".',
        ],
        id="hours that no day has",
    ),
    pytest.param(
        "company",
        "strategy:",
        'prices: [{from: "2026-13-01", tool_call: 1, compute_second: 1, currency: USD}]\nstrategy:',
        [
            'company.yaml:9:18 prices › #1 › from | 2026-13-01 is no day. Write year, month and day in quotes, such as "2026-01-31".',
        ],
        id="a month that there is not",
    ),
    pytest.param(
        "company",
        "strategy:",
        "prices: [{from: 20260101, tool_call: 1, compute_second: 1, currency: USD}]\nstrategy:",
        [
            'company.yaml:9:17 prices › #1 › from | 20260101 is no day. Write year, month and day in quotes, such as "2026-01-31".',
        ],
        id="a number for a day",
    ),
]

KEYS = [
    pytest.param(
        "company",
        "groups:\n  staff: [ines, olu]",
        "groups: {Staff One: [ines, olu]}",
        [
            "company.yaml:19:10 groups › Staff One | Staff One is not a name of small letters, digits and hyphens, such as finance-approvers. Write staff-one.",
        ],
        id="a key on the line of others",
    ),
    pytest.param(
        "company",
        "  staff: [ines, olu]",
        "  Staff One:\n    [ines, olu]",
        [
            "company.yaml:20:3 groups › Staff One | Staff One is not a name of small letters, digits and hyphens, such as finance-approvers. Write staff-one.",
        ],
        id="a key above its value",
    ),
    pytest.param(
        "company",
        "strategy:",
        "caps: {recordd: {day: {count: 3}}}\nstrategy:",
        [
            "company.yaml:9:8 caps › recordd | recordd is not one of record, public, customer, spending, access or compliance. Did you mean record?",
        ],
        id="a blast radius that there is not",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), PATTERNS)
def test_what_has_another_look_is_told_what_it_should_be(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected


@pytest.mark.parametrize(("file", "old", "new", "expected"), KEYS)
def test_a_key_is_told_where_it_stands(file: str, old: str, new: str, expected: list[str]) -> None:
    assert told_after(file, old, new) == expected


@pytest.mark.parametrize("model", [Lane, Company])
def test_every_pattern_has_words(model: type[Declared]) -> None:
    patterns = {pattern for pattern in _patterns(model.model_json_schema()) if DURATION not in pattern}

    assert patterns
    assert patterns <= SHAPES.keys()


# Values that one field or another does not take.
ODD: tuple[object, ...] = (
    *(None, True, 3, 3.5, -1, 10**12, "", "X y", "nan", "1e999", "a" * 400),
    *([], [3], [None], [{}], ["x y"], {}, {"a": None}, {"a": 3.5}, {"a b": {}}, {"a": [3.5]}),
)


def _all_below(model: type[Declared]) -> Iterator[type[Declared]]:
    for one in model.__subclasses__():
        yield one
        yield from _all_below(one)


@pytest.mark.parametrize("model", sorted(set(_all_below(Declared)), key=str))
def test_no_message_is_in_the_words_of_a_library(model: type[Declared]) -> None:
    told = {message for name in _names(model) for value in ODD for message in _messages(model, {name: value})}

    assert told
    assert [message for message in told if any(word in message for word in ("Input", "valid", "^", "should be"))] == []


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from ([schema["pattern"]] if isinstance(schema.get("pattern"), str) else ())
        yield from schema.get("patternProperties", {})
        for inner in schema.values():
            yield from _patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _patterns(inner)


def _names(model: type[Declared]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _messages(model: type[Declared], data: dict[str, object]) -> list[str]:
    findings = Findings()
    parse_page(read_page("a.yaml", json.dumps(data).encode()), model, findings)
    return [mistake.message for mistake in findings.mistakes]
