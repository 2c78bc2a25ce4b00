"""Says what an error is for a task: by the table of known failures, and then by what its lane's contract knows of it."""

from typing import Any

from contracts.contract import FailureRule
from contracts.failed import Failed
from contracts.rules import NotEvaluable, Rule, parse_facts
from contracts.vocabulary import FailureClass
from contracts.wording import fill
from engine.course import Course
from engine.failures import classify


def understood(course: Course, error: BaseException, *, system: str = "") -> Failed:
    """The failure that an error is, as the contract has it; `system` is the outside system that was being called."""
    now = course.bench.now()
    failure = classify(error, system=system, now=now)
    own_rights = failure.kind is FailureClass.GOVERNANCE and not system  # the desk has refused it: no rule softens that
    if not course.lane.failures or own_rights:
        return failure
    facts = {**course.facts(now), "error": error_facts(course, failure)}
    return _by_contract(course, failure, facts)


def error_facts(course: Course, failure: Failed) -> dict[str, Any]:
    """A failure of the step under way as rules read it."""
    return {
        "kind": failure.kind,
        "case": failure.case,
        "cause": failure.cause,
        "status": failure.status,
        "system": failure.system,
        "step": course.step_name,
        "sentence": failure.sentence,
    }


def _by_contract(course: Course, failure: Failed, facts: dict[str, Any]) -> Failed:
    handle = parse_facts(facts)
    for declared, rule in course.lane.failures:
        if _holds(rule, handle):
            return _declared(declared, failure, fill(declared.sentence, facts, course.lane.failing))
    return failure


def _holds(rule: Rule, handle: Any) -> bool:
    """Whether the rule is about this failure; one that can't tell is not."""
    try:
        return rule(handle) is True
    except NotEvaluable:
        return False


def _declared(declared: FailureRule, failure: Failed, sentence: str) -> Failed:
    return Failed(
        kind=declared.kind,
        cause=declared.cause or failure.cause,
        sentence=sentence,
        retry_after_s=failure.retry_after_s,
        case=declared.name,
        status=failure.status,
        system=failure.system,
        otherwise=declared.then,
        nothing_done=failure.nothing_done,
    )
