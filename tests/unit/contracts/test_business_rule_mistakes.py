"""Mistakes in a lane's rules, in their examples and in the sentences that people read."""

import pytest

from tests.unit.contracts.small_business import told_after

# What stood there, what stands there now, and everything that is told of it.
RULES = [
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"var": "state.sale.opne"}',
        [
            "lane.yaml:54:20 require › sale is open › rule | unknown fact state.sale.opne. Did you mean state.sale.open? (boolean)"
        ],
        id="a misspelled fact",
    ),
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"vra": "state.sale.open"}',
        [
            'lane.yaml:54:20 require › sale is open › rule | unknown operator vra. Did you mean var? (such as {"var": "request.amount"})'
        ],
        id="an unknown operator",
    ),
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"==": [{"var": "state.sale.open"}]}',
        [
            'lane.yaml:54:18 require › sale is open › rule | == takes 2 arguments, here are 1. Such as {"==": [{"var": "state.order.status"}, "paid"]}'
        ],
        id="a missing argument",
    ),
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"==": [{"var": "state.sale.open"}, "yes"]}',
        ['lane.yaml:54:18 require › sale is open › rule | == compares state.sale.open (boolean) with "yes" (text)'],
        id="a comparison of unlike types",
    ),
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"var": "state.sale.total"}',
        [
            "lane.yaml:54:11 require › sale is open › rule | state.sale.total (integer, minor units of USD) is no condition. Compare it with something."
        ],
        id="an amount that is no condition",
    ),
    pytest.param(
        '{"var": "state.sale.open"}',
        '{"==": [{"var": "state.given.amount"}, 5]}',
        [
            "lane.yaml:54:28 require › sale is open › rule | state.given.amount is not known yet when this rule is asked."
        ],
        id="a fact that comes later",
    ),
    pytest.param(
        'rule: {"var": "state.sale.open"}',
        "rule: true",
        ["lane.yaml:54:11 require › sale is open › rule | this reads no facts, so it always comes out the same."],
        id="a rule that reads nothing",
    ),
    pytest.param(
        'rule: {"var": "state.sale.open"}',
        "rule:",
        ["lane.yaml:54:5 require › sale is open › rule | there is no rule here."],
        id="no rule",
    ),
    pytest.param(
        '"effect.args.amount"}, 1000',
        '"effect.args.ammount"}, 1000',
        [
            "lane.yaml:62:27 approve › large discount › when | unknown fact effect.args.ammount. Did you mean effect.args.amount? (integer, minor units of USD)"
        ],
        id="a misspelled argument of the effect",
    ),
    pytest.param(
        "    because: Sale {request.sale} is closed.\n",
        "",
        ["lane.yaml:52:5 require › sale is open | because is missing."],
        id="a missing because",
    ),
]

EXAMPLES = [
    pytest.param(
        "accepted: [{state.sale.open: true}]",
        "accepted: [{state.sale.opn: true}]",
        [
            "lane.yaml:57:19 require › sale is open › examples › accepted › #1 | unknown fact state.sale.opn. Did you mean state.sale.open? (boolean)"
        ],
        id="a misspelled fact",
    ),
    pytest.param(
        "accepted: [{state.sale.open: true}]",
        'accepted: [{state.sale.open: "true"}]',
        [
            "lane.yaml:57:37 require › sale is open › examples › accepted › #1 | state.sale.open is boolean, and 'true' is not."
        ],
        id="a value of another type",
    ),
    pytest.param(
        "accepted: [{state.sale.open: true}]",
        "accepted: [{state.sale.open: false}]",
        [
            "lane.yaml:57:18 require › sale is open › examples › accepted › #1 | the rule does not hold for one it must accept. open is no."
        ],
        id="an accepted one that is refused",
    ),
    pytest.param(
        "refused: [{effect.args.amount: 1000}]",
        "refused: [{effect.args.amount: 1001}]",
        [
            "lane.yaml:71:17 approve › large discount › examples › refused › #1 | the rule holds for an example that it must refuse. amount 10.01 USD is above the limit 10.00 USD."
        ],
        id="a refused one that is accepted",
    ),
    pytest.param(
        "accepted: [{state.sale.open: true}]",
        'accepted: [{request.sale: "1"}]',
        [
            "lane.yaml:57:18 require › sale is open › examples › accepted › #1 | the rule can't tell from this example: state.sale.open is not among the facts. Give state.sale.open too."
        ],
        id="one without the fact that is read",
    ),
    pytest.param(
        "accepted: [{state.sale.open: true}]",
        "accepted: []",
        ["lane.yaml:57:17 require › sale is open › examples › accepted | the list is empty, at least 1 belongs here."],
        id="none",
    ),
]

SENTENCES = [
    pytest.param(
        "{request.sale} is closed",
        "{requst.sale} is closed",
        [
            "lane.yaml:55:20 require › sale is open › because | unknown fact requst.sale. Did you mean request.sale? (text)"
        ],
        id="a misspelled fact",
    ),
    pytest.param(
        '"sale {request.sale}"',
        '"sale {request}"',
        ["lane.yaml:8:17 subject | unknown fact request. It is a group of facts: request.sale and request.amount."],
        id="a group of facts",
    ),
    pytest.param(
        '"sale {request.sale}"',
        '"sale {request.Sale}"',
        ["lane.yaml:8:16 subject | {request.Sale} names no fact. Write one like {request.order}."],
        id="a brace that names no fact",
    ),
    pytest.param(
        '"sale {request.sale}"',
        '"sale {task.id}"',
        ["lane.yaml:8:17 subject | task.id is not part of the request. A subject is known as soon as somebody asks."],
        id="a subject outside the request",
    ),
    pytest.param(
        "{request.amount} off sale",
        "{state.sale.total} off sale",
        ["lane.yaml:11:15 tell › accepted | state.sale.total is not known yet when this is told."],
        id="a state before there is any",
    ),
    pytest.param(
        "sale {request.sale}.\n    evid",
        "sale {state.sale.total}.\n    evid",
        ["lane.yaml:42:32 steps › look › progress | state.sale.total is not known yet when this is told."],
        id="a step's own result while it works",
    ),
]

# A sentence, and every place in it that is told of.
PLACES = [
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "Sale {request.sale}, {request}."',
        [
            "lane.yaml:55:37 require › sale is open › because | unknown fact request. It is a group of facts: request.sale and request.amount.",
        ],
        id="a place that begins like the one before it",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "Sale {state.sale.x}, and {state.sale.x}."',
        [
            "lane.yaml:55:21 require › sale is open › because | unknown fact state.sale.x. Did you mean state.sale? (object)",
            "lane.yaml:55:41 require › sale is open › because | unknown fact state.sale.x. Did you mean state.sale? (object)",
        ],
        id="the same place twice",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: >\n      Nobody has\n      sold {request.sal}, sorry,\n      {request.sal}.",
        [
            "lane.yaml:57:13 require › sale is open › because | unknown fact request.sal. Did you mean request.sale? (text)",
            "lane.yaml:58:8 require › sale is open › because | unknown fact request.sal. Did you mean request.sale? (text)",
        ],
        id="places in folded lines",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        "because: Nobody has\n      sold {request.sal}, sorry.",
        [
            "lane.yaml:56:13 require › sale is open › because | unknown fact request.sal. Did you mean request.sale? (text)",
        ],
        id="a place in the second line",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "{request.sale} {{x}} {} {request}"',
        [
            "lane.yaml:55:30 require › sale is open › because | { names no fact. Write one like {request.order}.",
            "lane.yaml:55:32 require › sale is open › because | unknown fact x.",
            "lane.yaml:55:34 require › sale is open › because | } names no fact. Write one like {request.order}.",
            "lane.yaml:55:36 require › sale is open › because | {} names no fact. Write one like {request.order}.",
            "lane.yaml:55:40 require › sale is open › because | unknown fact request. It is a group of facts: request.sale and request.amount.",
        ],
        id="braces of all sorts",
    ),
    pytest.param(
        "because: Sale {request.sale} is closed.",
        'because: "a \\x7brequest.x\\x7d."',
        [
            "lane.yaml:55:14 require › sale is open › because | unknown fact request.x. Did you mean request? (object)",
        ],
        id="a place behind an escape",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), RULES)
def test_a_rule_reads_facts_that_exist_and_compares_like_with_like(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), EXAMPLES)
def test_an_example_is_of_facts_and_comes_out_as_it_says(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), SENTENCES)
def test_a_sentence_names_only_facts_that_are_known_when_it_is_told(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), PLACES)
def test_each_place_of_a_sentence_is_told_where_it_stands(old: str, new: str, expected: list[str]) -> None:
    assert told_after("lane", old, new) == expected
