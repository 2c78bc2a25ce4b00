"""`bin/bench rules`: what a verdict costs, beside hand-written Python and the bare library in the same run, as ratios."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import datalogic_py

from benchmarks.many_lanes import seconds_to_load
from benchmarks.rule_cases import CASES, GUARDS, PUBLISH, SCHEMA, Case, FactsOf, publish_facts, refund_facts
from contracts.rules import Rule, check, parse_facts
from contracts.rules import compile as compile_rule

ROUNDS, LEAST_S = 40, 0.002
BARE = {"ops_budget": 100_000, "max_recursion_depth": 64, "preset": "strict", "missing_var": "error"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: microseconds of ours, and of the same work by hand and by the bare library where there is such."""

    name: str
    ours: float
    aim: float | None = None
    by_hand: float | None = None
    bare: float | None = None

    def shown(self) -> str:
        """As people read it."""
        parts = [f"{self.ours:8.1f} us"]
        parts += [f"aim {self.aim:g}"] if self.aim is not None else []
        parts += [f"{self.ours / self.by_hand:.0f} x by hand"] if self.by_hand else []
        parts += [f"{self.ours / self.bare:.1f} x bare library ({self.bare:.1f} us)"] if self.bare else []
        return f"{self.name:<52} " + ", ".join(parts)


def main(words: list[str]) -> int:
    """Measure, print a table, or one JSON object with --json."""
    rows = [*_verdicts(), *_contracts(), *_once()]
    if "--json" in words:
        sys.stdout.write(json.dumps({row.name: [row.ours, row.aim, row.by_hand, row.bare] for row in rows}) + "\n")
    else:
        sys.stdout.write("\n".join(row.shown() for row in rows) + "\n")
    return 0


def _verdicts() -> list[Row]:
    return [row for case in CASES for row in _of_case(case)]


def _of_case(case: Case) -> list[Row]:
    """From a document (guard, conversion, types, evaluation), with the facts at hand, and with the sentence for people."""
    rule, document = compile_rule(case.rule, schema=SCHEMA), case.facts()
    bare, handle = datalogic_py.Engine(config=BARE).compile(json.dumps(case.rule)), parse_facts(document, SCHEMA)
    if not rule(document) == case.by_hand(document) == bare.evaluate(document):
        raise RuntimeError(f"{case.name} comes out differently by hand or by the bare library")
    by_hand, barely = _us(lambda: case.by_hand(document)), _us(lambda: bare.evaluate(document))
    return [
        Row(f"{case.name}, from a document", _us(lambda: rule(document)), case.aim, by_hand, barely),
        Row(f"{case.name}, facts at hand", _us(lambda: rule(handle)), None, by_hand),
        Row(f"{case.name}, verdict with its sentence", _us(lambda: rule.verdict(handle))),
    ]


def _contracts() -> list[Row]:
    """Ten rules on one document, converted once, as a step is judged."""
    return [
        _contract("contract of ten guards", GUARDS, refund_facts, 10.0),
        _contract("contract of ten rules, one of them publish", PUBLISH, publish_facts, 30.0),
    ]


def _contract(name: str, sources: list[Any], facts: FactsOf, aim: float) -> Row:
    rules = [compile_rule(source, schema=SCHEMA) for source in sources]
    engine = datalogic_py.Engine(config=BARE)
    bare = [engine.compile(json.dumps(source)) for source in sources]
    document = facts()
    reads = frozenset(path for rule in rules for path in rule.reads)
    return Row(
        name, _us(lambda: _judged(rules, document, reads)), aim, None, _us(lambda: _judged_barely(bare, document))
    )


def _judged(rules: list[Rule], document: Mapping[str, Any], reads: frozenset[str]) -> bool:
    handle = parse_facts(document, SCHEMA, reads)
    return False not in [rule(handle) for rule in rules]


def _judged_barely(rules: list[Any], document: Mapping[str, Any]) -> bool:
    handle = datalogic_py.DataHandle(document)
    return False not in [rule.evaluate_data(handle) for rule in rules]


def _once() -> list[Row]:
    """What is done when a contract is read, and when a person asks why."""
    nine = next(case for case in CASES if case.name.startswith("publish"))
    rule, handle = compile_rule(nine.rule, schema=SCHEMA), parse_facts(nine.facts(), SCHEMA)
    checked = _us(lambda: [check(source, SCHEMA) for source in PUBLISH])
    return [
        Row("explanation of nine conditions", _us(lambda: rule.explain(handle)), 25.0),
        Row("ten rules checked", checked, 1000.0),
        Row("business of 200 lanes loaded", seconds_to_load(200) * 1e6, 2e6),
    ]


def _us(work: Callable[[], object]) -> float:
    """Microseconds of one call: the best of some short rounds, for other work on the machine only makes it slower."""
    work()
    number = 1
    while (took := _seconds(work, number)) < LEAST_S:
        number *= 4
    return min(took, *(_seconds(work, number) for _ in range(ROUNDS))) / number * 1e6


def _seconds(work: Callable[[], object], number: int) -> float:
    began = time.perf_counter()
    for _ in range(number):
        work()
    return time.perf_counter() - began
