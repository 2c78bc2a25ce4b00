"""Holds a failure against the rules of the peers who could take the step over, and keeps the verdicts once that mattered."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from contracts.failed import Failed
from contracts.rules import FactsHandle, Verdict, parse_facts
from contracts.taking_over import TAKES_OVER, peers_of
from contracts.wording import fill
from engine.course import Course
from engine.failing import error_facts
from engine.records import Judged
from escalation.ladder import History, Ladder, Ruling


def with_rulings(course: Course, ladder: Ladder, history: History, failure: Failed) -> History:
    """The history with what the rules of the peers say who were not tried yet; as it was where none has a rule."""
    asked = _asked(course, ladder, history.peers)
    if not asked:
        return history
    facts = {**course.facts(course.bench.now()), "error": error_facts(course, failure)}
    handle = parse_facts(facts, course.lane.handing[course.step_name])
    rulings = tuple(_ruling(course, name, handle, facts) for name in asked)
    return replace(history, rulings=rulings, judged_on=facts)


def _asked(course: Course, ladder: Ladder, tried: Collection[str]) -> list[str]:
    rules = course.lane.takeovers.get(course.step_name, {})
    names = [one.name for group in ladder.peers for one in group] if rules else []
    return [name for name in names if name in rules and name not in tried]


def _ruling(course: Course, name: str, handle: FactsHandle, facts: Mapping[str, Any]) -> Ruling:
    rule = course.lane.takeovers[course.step_name][name]
    verdict = rule.verdict(handle)
    because = _because(course, name, verdict, facts)
    return Ruling(name, rule.name, verdict.holds, because, verdict.sentence, verdict.reads)


def _because(course: Course, name: str, verdict: Verdict, facts: Mapping[str, Any]) -> str:
    """Why it may not, if so: as the contract says, or that its rule could not be evaluated."""
    declared = course.lane.lane.workers[name].takes_over
    if verdict.holds is None or declared is None:
        return f"its rule could not be evaluated, so it does not hold: {verdict.failed}".rstrip(".") + "."
    return fill(declared.because, facts, course.lane.handing[course.step_name]).rstrip(".") + "."


def keep(course: Course, history: History) -> None:
    """Keep the verdicts and the facts that they stand on, beside those of the step's own rules."""
    if not history.rulings:
        return
    place = peers_of(course.step_name)
    course.judged += [_judged(place, one) for one in history.rulings]
    course.judged_on[place] = history.judged_on


def _judged(place: str, one: Ruling) -> Judged:
    sentence = one.sentence if one.holds is not None else one.because
    return Judged(place, TAKES_OVER, one.rule, one.holds, sentence, one.reads)
