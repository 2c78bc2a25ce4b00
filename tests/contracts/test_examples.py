"""Every contract in examples/ proves itself: each rule is run on each of the examples that its file gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chargehand.business_files import load_folder
from contracts.checker.examples import document_of
from contracts.declared import Examples
from contracts.lint import warnings
from contracts.loaded import LoadedLane
from contracts.rules import Rule, parse_facts

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/company.yaml"))


class Case(NamedTuple):
    """One example of one rule, and what it must come out as."""

    rule: Rule
    facts: dict[str, Any]
    holds: bool


def _cases() -> Iterator[Any]:
    for folder in FOLDERS:
        for name, lane in load_folder(folder).lanes.items():
            for rule, examples in _rules(lane):
                for side, facts in _sides(examples):
                    case = Case(rule, facts, side == "accepted")
                    yield pytest.param(case, id=f"{folder.name}/{name}: {rule.name}, {side} {facts}")


def _rules(lane: LoadedLane) -> Iterator[tuple[Rule, Examples]]:
    yield from ((rule, requirement.examples) for requirement, rule in lane.requirements)
    yield from ((rule, edge.examples) for edge, rule in lane.edges)
    for name, rule in (found for rules in lane.takeovers.values() for found in rules.items()):
        declared = lane.lane.workers[name].takes_over
        assert declared is not None
        yield rule, declared.examples


def _sides(examples: Examples) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("accepted", facts) for facts in examples.accepted)
    yield from (("refused", facts) for facts in examples.refused)


@pytest.mark.parametrize("case", list(_cases()))
def test_a_rule_comes_out_as_its_example_says(case: Case) -> None:
    verdict = case.rule.verdict(parse_facts(document_of(case.facts)))
    nulls = [path for path, value in case.facts.items() if value is None]

    assert verdict.holds is case.holds
    read = {next((group for group in nulls if path.startswith(f"{group}.")), path) for path in verdict.reads}
    assert read == set(case.facts)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_every_rule_of_an_example_company_is_tried_both_ways(folder: Path) -> None:
    lanes = load_folder(folder).lanes

    tried = [examples for lane in lanes.values() for _, examples in _rules(lane)]

    assert tried
    assert all(examples.accepted and examples.refused for examples in tried)


def test_the_refund_contract_has_the_clauses_that_were_asked_for() -> None:
    lane = load_folder(EXAMPLES / "morning").lanes["refunds"]

    assert [requirement.name for requirement, _ in lane.requirements] == [
        "order exists",
        "order is paid",
        "not refunded before",
        "amount within the order",
    ]
    assert [edge.name for edge, _ in lane.edges] == ["large refund"]


CLAUSES = {
    "publishing": [
        "state.post.title is there",
        "status is draft",
        "description has 50 to 300 characters",
        "text is long enough",
        "image is valid",
        "slug is unique",
        "target is one of the portfolio's",
        "sources are there",
        "booking call to action is there",
        "internal links are alive",
    ],
    "outreach": [
        "state.lead.email is there",
        "email is verified",
        "stage is eligible",
        "no opt-out",
        "no recent contact",
        "offer is approved",
        "template maps to the offer",
        "one call to action",
    ],
    "triage": [
        "state.answer.message is there",
        "issue type is known",
        "root cause is sure enough",
        "nothing is open any more",
    ],
}


@pytest.mark.parametrize("lane", CLAUSES)
def test_the_contracts_have_the_clauses_that_were_asked_for(lane: str) -> None:
    found = load_folder(EXAMPLES / "morning").lanes[lane]

    assert [requirement.name for requirement, _ in found.requirements] == CLAUSES[lane]


def test_lanes_stand_at_the_stage_at_which_they_run() -> None:
    lanes = load_folder(EXAMPLES / "morning").lanes

    assert {name: lane.lane.stage for name, lane in lanes.items()} == {
        "enrichment": 1,
        "outreach": 3,
        "publishing": 3,
        "refunds": 3,
        "triage": 3,
    }


def test_the_morning_gives_nothing_to_think_about() -> None:
    assert warnings(load_folder(EXAMPLES / "morning")) == ()
