"""Warns of rules on taking over that let nobody through: one that is never asked or never can, and a gap between several."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.checker.examples import document_of
from contracts.checker.workers import steps_handed_to
from contracts.contract import WorkerDeclaration
from contracts.loaded import Business, LoadedLane
from contracts.mistakes import Mistake
from contracts.rules import NotEvaluable, Rule, parse_facts
from contracts.vocabulary import FailureClass


def takeovers_never_asked(business: Business) -> Iterator[Mistake]:
    """Rules of workers to whom no step is ever handed: nobody asks them, and nothing has checked them."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            if worker.takes_over is not None and not steps_handed_to(loaded.lane, name):
                message = f"no step is ever handed to {name}, so this rule is never asked"
                hint = "Name it as a step's `peer` or in `escalates` of the step's worker, or delete the rule."
                yield loaded.page.mistake(("workers", name, "takes_over"), message, hint, key=True)


def takeovers_in_vain(business: Business) -> Iterator[Mistake]:
    """Rules that hold only for failures with which nobody goes to a peer."""
    for loaded in business.lanes.values():
        for name, worker in loaded.lane.workers.items():
            accepted = worker.takes_over.examples.accepted if worker.takes_over is not None else ()
            if accepted and all(one.get("error.kind") == FailureClass.DETERMINISTIC for one in accepted):
                message = f"a deterministic failure is not handed to a peer, so {name} never takes over"
                hint = "Let it take over after transient failures or those of judgment, or delete the rule."
                yield loaded.page.mistake(("workers", name, "takes_over", "rule"), message, hint)


def overlooked_failures(business: Business) -> Iterator[Mistake]:
    """Examples that the rules of all peers refuse, though not each of them says so: people are asked at once."""
    for loaded in business.lanes.values():
        for step, rules in loaded.takeovers.items():
            peers = [name for group in loaded.lane.peers(step) for name in group]
            if len(peers) > 1 and set(peers) == rules.keys():
                yield from _gaps(loaded, step, rules)


def _gaps(loaded: LoadedLane, step: str, rules: Mapping[str, Rule]) -> Iterator[Mistake]:
    for name in rules:
        for index, example in enumerate(_refused(loaded.lane.workers[name])):
            said = [other for other in rules if example in _refused(loaded.lane.workers[other])]
            if len(said) < len(rules) and _refuse(rules, example):
                message = f"no peer may take {step} over then, so people are asked at once"
                hint = "Let one of them take it over; or, if that is meant, give it as a refused example of each."
                yield loaded.page.mistake(("workers", name, "takes_over", "examples", "refused", index), message, hint)


def _refused(worker: WorkerDeclaration) -> tuple[dict[str, Any], ...]:
    return worker.takes_over.examples.refused if worker.takes_over is not None else ()


def _refuse(rules: Mapping[str, Rule], example: Mapping[str, Any]) -> bool:
    """Whether every rule certainly refuses it; one that needs other facts can't tell."""
    facts = parse_facts(document_of(example))
    try:
        return not any(rule(facts) for rule in rules.values())
    except NotEvaluable:
        return False
