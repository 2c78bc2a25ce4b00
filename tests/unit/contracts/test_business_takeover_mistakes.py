"""A rule on taking over is checked as every rule is; the lints judge what is never asked or lets nobody through."""

import pytest

from contracts.lint import warnings
from contracts.rules import parse_facts
from tests.unit.contracts.small_business import LANE, small_business, told

_LOOKER = next(line for line in LANE.split("\n") if line.startswith("  looker:"))
_GIVER = LANE.partition("  giver:\n")[2].partition("steps:")[0]


def _night(name: str, rule: str, because: str, examples: str) -> str:
    """A giver elsewhere, who takes over when a rule holds."""
    taking = f'    takes_over: {{rule: {rule}, because: "{because}", examples: {examples}}}\n'
    return f"  {name}:\n{_GIVER.replace('runtime: default', f'runtime: {name}')}{taking}"


def with_peers(*peers: str) -> str:
    """The lane whose giver has peers."""
    own = LANE.replace(_GIVER, _GIVER.replace("[lane-owner]", "[peers, lane-owner]") + "".join(peers))
    assert own.count("  giver:\n") == 1
    return own


RULE = '{"<=": [{var: request.amount}, 500]}'
EXAMPLES = "{accepted: [{request.amount: 500}], refused: [{request.amount: 501}]}"
LESS = _night("late", RULE, "it gives {request.amount} never", EXAMPLES)
MORE = _night(
    "dear",
    '{">": [{var: request.amount}, 501]}',
    "it gives more than 5.01",
    "{accepted: [{request.amount: 502}], refused: [{request.amount: 500}]}",
)


def _paths(found: list[str]) -> list[str]:
    """Without the place in the file, which is not what is tested here."""
    return [one.partition(" ")[2] for one in found]


def test_a_peer_may_have_a_rule_that_reads_what_is_known_at_the_step_and_the_failure() -> None:
    rule = '{and: [{"==": [{var: error.kind}, transient]}, {var: state.sale.open}]}'
    examples = "{accepted: [{error.kind: transient, state.sale.open: true}], refused: [{error.kind: judgment}]}"

    business = small_business(lane=with_peers(_night("late", rule, "{error.sentence}", examples)))

    taking = business.lanes["discounts"].takeovers
    assert {step: set(rules) for step, rules in taking.items()} == {"give": {"late"}}
    facts = parse_facts({"error": {"kind": "transient"}, "state": {"sale": {"open": False}}})
    assert taking["give"]["late"].verdict(facts).holds is False
    assert taking["give"]["late"].name == "late takes over give"


# The rule of a peer, what people read, its examples; and everything that is told of it.
MISTAKES = [
    pytest.param(
        RULE.replace("request.amount", "request.amuont"),
        "it may not",
        EXAMPLES,
        ["rule | unknown fact request.amuont. Did you mean request.amount? (integer, minor units of USD)"],
        id="an unknown fact",
    ),
    pytest.param(
        RULE.replace("500", "'500'"),
        "it may not",
        EXAMPLES,
        ['rule | <= can\'t use "500" (text)'],
        id="another type",
    ),
    pytest.param(
        '{"==": [1, 1]}',
        "it may not",
        EXAMPLES,
        ["rule | this reads no facts, so it always comes out the same."],
        id="always the same",
    ),
    pytest.param(
        '{"<=": [{var: effect.args.amount}, 500]}',
        "it may not",
        EXAMPLES,
        ["rule | effect.args.amount is not known yet when this rule is asked."],
        id="a proposal that is not there yet",
    ),
    pytest.param(
        RULE,
        "{request.amuont} is too much",
        EXAMPLES,
        ["because | unknown fact request.amuont. Did you mean request.amount? (integer, minor units of USD)"],
        id="a sentence that no fact can fill",
    ),
    pytest.param(
        RULE,
        "it may not",
        "{accepted: [{request.amount: 501}], refused: [{request.amount: 502}]}",
        [
            "examples › accepted › #1 | the rule does not hold for one it must accept. amount 5.01 USD is above the limit 5.00 USD."
        ],
        id="an example of which it says the opposite",
    ),
    pytest.param(
        RULE,
        "it may not",
        "{accepted: [{request.amount: 500}]}",
        ["examples | refused is missing."],
        id="no refused example",
    ),
]


@pytest.mark.parametrize(("rule", "because", "examples", "expected"), MISTAKES)
def test_its_mistakes_are_told_as_those_of_any_rule(
    rule: str, because: str, examples: str, expected: list[str]
) -> None:
    found = _paths(told(lane=with_peers(_night("late", rule, because, examples))))

    assert found == [f"workers › late › takes_over › {one}" for one in expected]


def test_an_order_is_of_peers_who_stand_together() -> None:
    ordered = with_peers(LESS).replace("    runtime: default\n", "    runtime: default\n    order: fitness\n", 1)

    assert told(lane=ordered) == []
    assert _paths(told(lane=ordered.replace("[peers, lane-owner]", "[late, lane-owner]"))) == [
        (
            "workers › giver › order | giver does not escalate to peers, so there is nobody to put in order. "
            "Write peers in `escalates`, or take this away."
        )
    ]
    assert any("order" in one for one in told(lane=ordered.replace("order: fitness", "order: chance")))


def _thoughts(lane: str) -> list[str]:
    """What is to be thought about of taking over."""
    found = warnings(small_business(lane=lane))
    return [f"{one.path} | {one.sentence}" for one in found if "takes_over" in one.path]


def test_a_rule_of_somebody_to_whom_nothing_is_handed_is_to_be_thought_about() -> None:
    assert _thoughts(with_peers(LESS).replace("[peers, lane-owner]", "[lane-owner]")) == [
        (
            "workers › late › takes_over | no step is ever handed to late, so this rule is never asked. Name it as a step's `peer` "
            "or in `escalates` of the step's worker, or delete the rule."
        )
    ]


GAP = "no peer may take give over then, so people are asked at once. Let one of them take it over; or, if that is meant, give it as a refused example of each."


def test_a_gap_between_the_rules_of_peers_is_to_be_thought_about_until_each_of_them_names_it() -> None:
    both = "refused: [{request.amount: 500}, {request.amount: 501}]"

    assert _thoughts(with_peers(LESS, MORE)) == [f"workers › late › takes_over › examples › refused › #1 | {GAP}"]
    assert _thoughts(with_peers(LESS, MORE.replace("refused: [{request.amount: 500}]", both))) == []
    assert _thoughts(with_peers(LESS)) == []  # one peer and its limit: that is what the rule is for
    without_rule = f"  any:\n{_GIVER.replace('runtime: default', 'runtime: any')}"
    assert _thoughts(with_peers(LESS, MORE, without_rule)) == []


def test_a_rule_that_holds_only_for_what_never_goes_to_a_peer_is_to_be_thought_about() -> None:
    vain = _night(
        "late",
        '{"==": [{var: error.kind}, deterministic]}',
        "it is clear",
        "{accepted: [{error.kind: deterministic}], refused: [{error.kind: judgment}]}",
    )

    assert _thoughts(with_peers(vain)) == [
        (
            "workers › late › takes_over › rule | a deterministic failure is not handed to a peer, so late never takes over. "
            "Let it take over after transient failures or those of judgment, or delete the rule."
        )
    ]
