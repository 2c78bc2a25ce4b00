"""Holds a step or a proposal against the contract: the first requirement that fails, the edges that ask a human."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.contract import ApprovalEdge, Requirement
from contracts.failed import Failed
from contracts.grounds import grounds_of
from contracts.rules import Verdict, parse_facts
from contracts.wording import fill
from engine.course import Course
from engine.probing import look_up
from engine.records import Judged

CONDITION = "when"
_UNDECIDABLE = "This rule could not be evaluated, so it does not hold"


@dataclass(frozen=True, slots=True)
class Fallen:
    """A requirement that does not hold, and its reason as people read it."""

    requirement: Requirement
    sentence: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Edge:
    """An approval edge that applies."""

    edge: ApprovalEdge
    verdict: Verdict


def is_guarded(course: Course) -> bool:
    """Whether there is anything that has to hold before the step under way."""
    return any(requirement.before == course.step_name for requirement, _ in course.lane.requirements)


def first_fallen(course: Course, facts: dict[str, Any], *, with_effect: bool) -> Fallen | Failed | None:
    """The first requirement before this step that does not hold; each verdict is kept.

    Without an effect only the rules that do not read one are tried. What a rule reads of the world is looked up when
    its turn comes, and then stands in `facts`; Failed when it can't be.
    """
    handle = parse_facts(facts, course.lane.schemas.get(course.step_name))
    for requirement, rule in course.lane.requirements:
        if requirement.before != course.step_name:
            continue
        grounds = grounds_of(course.lane.lane, rule.reads, requirement)
        if grounds.proposal and not with_effect:
            continue
        if grounds.probes:
            failure = look_up(course, grounds.probes, facts)
            if failure is not None:
                return failure
            handle = parse_facts(facts, course.lane.schemas.get(course.step_name))
        verdict = rule.verdict(handle)
        _keep(course, "require", requirement.name, verdict, facts)
        if not verdict.passes:
            return Fallen(requirement, _because(course, requirement.because, facts, verdict), verdict)
    return None


def condition(course: Course) -> Verdict | None:
    """Whether the step is taken at all; None when it always is. The verdict is kept."""
    rule = course.lane.conditions.get(course.step_name)
    if rule is None:
        return None
    facts = course.facts(course.bench.now())
    verdict = rule.verdict(parse_facts(facts, course.lane.schemas.get(course.step_name)))
    _keep(course, CONDITION, rule.name, verdict, facts)
    return verdict


def edges_that_ask(course: Course, facts: dict[str, Any]) -> list[Edge] | Failed:
    """The approval edges of this step that apply: those whose `when` holds or can't be told; each verdict is kept.

    As above, what they and their cards read of the world is looked up first.
    """
    edges = [(edge, rule) for edge, rule in course.lane.edges if edge.before == course.step_name]
    needed = [name for edge, rule in edges for name in grounds_of(course.lane.lane, rule.reads, edge).probes]
    failure = look_up(course, needed, facts) if needed else None
    if failure is not None:
        return failure
    handle = parse_facts(facts, course.lane.schemas.get(course.step_name))
    found = []
    for edge, rule in edges:
        verdict = rule.verdict(handle)
        _keep(course, "approve", edge.name, verdict, facts)
        if verdict.asks:
            found.append(Edge(edge, replace(verdict, because=edge.because)))
    return found


def _because(course: Course, template: str, facts: Mapping[str, Any], verdict: Verdict) -> str:
    if verdict.holds is None:
        return f"{_UNDECIDABLE}: {verdict.failed}"
    return fill(template, facts, course.lane.schemas[course.step_name])


def _keep(course: Course, kind: str, rule: str, verdict: Verdict, facts: Mapping[str, Any]) -> None:
    """The verdict, and the whole facts beside it: another contract may read more of them (requirements C5)."""
    sentence = verdict.sentence if verdict.holds is not None else f"{_UNDECIDABLE}: {verdict.failed}"
    course.judged.append(Judged(course.step_name, kind, rule, verdict.holds, sentence, verdict.reads))
    course.judged_on[course.step_name] = facts
