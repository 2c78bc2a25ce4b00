"""Checks a lane's rules against its facts, compiles them, and runs each on the examples that it gives of itself."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.checker.examples import example_mistakes
from contracts.checker.workers import steps_handed_to
from contracts.contract import ApprovalEdge, Condition, FailureRule, Lane, Requirement
from contracts.facts import FactSchema
from contracts.graph import after
from contracts.grounds import roots_of
from contracts.loading.facts import LaneSchemas
from contracts.loading.pages import Page
from contracts.mistakes import BusinessMistakes, Findings, Mistake, Pointer
from contracts.needing import needed
from contracts.reviewing import passed
from contracts.rules import Rule, RuleMistake, RuleRefused, check
from contracts.rules import compile as compile_rule
from contracts.taking_over import Takeover, rule_of

Ruled = TypeVar("Ruled", Requirement, ApprovalEdge)


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """A lane's rules in the order of its file."""

    requirements: tuple[tuple[Requirement, Rule], ...]
    edges: tuple[tuple[ApprovalEdge, Rule], ...]
    conditions: Mapping[str, Rule]
    takeovers: Mapping[str, Mapping[str, Rule]]
    failures: tuple[tuple[FailureRule, Rule], ...] = ()


def compile_rules(lane: Lane, page: Page, schemas: LaneSchemas, proposing: Collection[str]) -> CompiledRules:
    """Every rule of a lane, compiled; raises BusinessMistakes."""
    findings = Findings()
    compiler = _Compiler(page, schemas, findings)
    needs = compiler.needs(lane)
    requirements = (
        needs + compiler.reviews(lane, proposing) + compiler.all(lane.require, "require", "rule", lambda one: one.rule)
    )
    edges = compiler.all(lane.approve, "approve", "when", lambda one: one.when)
    conditions = compiler.conditions(lane)
    takeovers = compiler.takeovers(lane)
    failures = compiler.failures(lane)
    findings.hold(_vain_amends, lane, page, {one.name: rule for one, rule in requirements})
    findings.settle()
    return CompiledRules(requirements, edges, conditions, takeovers, failures)


def _vain_amends(lane: Lane, page: Page, rules: Mapping[str, Rule]) -> Iterator[Mistake]:
    """Amendments that could not change the verdict: nothing that the rule stands on rests on that step."""
    names = [step.name for step in lane.steps]
    for index, one in enumerate(lane.require):
        if one.amend not in names or one.name not in rules:
            continue
        fields = {lane.step(name).writes for name in {one.amend, *after(lane, one.amend)}}
        read = {path.split(".")[1] for path in roots_of(lane, rules[one.name].reads) if path.startswith("state.")}
        if not read & fields:
            message = f"{one.name} reads nothing that {one.amend} gives"
            yield page.mistake(
                ("require", index, "amend"), message, "It would fall again. Name the step that gives it."
            )


@dataclass(frozen=True, slots=True)
class _Compiler:
    page: Page
    schemas: LaneSchemas
    findings: Findings

    def all(
        self, ruled: tuple[Ruled, ...], part: str, field: str, source: Callable[[Ruled], Any]
    ) -> tuple[tuple[Ruled, Rule], ...]:
        """The rules of one part of the file; those before an unknown step were told of elsewhere."""
        found: list[tuple[Ruled, Rule]] = []
        for index, one in enumerate(ruled):
            schema = self.schemas.before.get(one.before)
            rule = self._proven((part, index), field, one, source(one), schema) if schema is not None else None
            if rule is not None:
                found.append((one, rule))
        return tuple(found)

    def conditions(self, lane: Lane) -> dict[str, Rule]:
        """The rules of the steps that may be left out, by step."""
        found: dict[str, Rule] = {}
        for index, step in enumerate(lane.steps):
            if step.when is None:
                continue
            schema = self.schemas.starting[step.name]
            rule = self._declared(("steps", index, "when"), _named(step.name), step.when, schema)
            if rule is not None:
                found[step.name] = rule
        return found

    def takeovers(self, lane: Lane) -> dict[str, dict[str, Rule]]:
        """The rules of peers, by the steps that they could take over; each reads what is known at that step."""
        found: dict[str, dict[str, Rule]] = {}
        for name, worker in lane.workers.items():
            if worker.takes_over is None:
                continue
            for step in steps_handed_to(lane, name):
                schema = self.schemas.handing[step.name]
                rule = self._declared(
                    ("workers", name, "takes_over"), rule_of(name, step.name), worker.takes_over, schema
                )
                if rule is not None:
                    found.setdefault(step.name, {})[name] = rule
        return found

    def failures(self, lane: Lane) -> tuple[tuple[FailureRule, Rule], ...]:
        """The rules that say what a failure is."""
        schema = self.schemas.failing
        found = [
            (one, self._proven(("failures", index), "when", one, one.when, schema))
            for index, one in enumerate(lane.failures)
        ]
        return tuple((one, rule) for one, rule in found if rule is not None)

    def _declared(self, at: Pointer, name: str, one: Condition | Takeover, schema: FactSchema) -> Rule | None:
        """A rule of its own place, held against its examples."""
        rule = self.findings.attempt(self._one, (*at, "rule"), name, one.rule, schema)
        if rule is not None:
            self.findings.hold(example_mistakes, self.page, (*at, "examples"), one.examples, rule, schema)
        return rule

    def _proven(
        self, place: Pointer, field: str, one: Ruled | FailureRule, source: object, schema: FactSchema
    ) -> Rule | None:
        """A rule that was held against its own examples."""
        rule = self.findings.attempt(self._one, (*place, field), one.name, source, schema)
        if rule is not None:
            self.findings.hold(example_mistakes, self.page, (*place, "examples"), one.examples, rule, schema)
        return rule

    def needs(self, lane: Lane) -> tuple[tuple[Requirement, Rule], ...]:
        """The rules that required fields come to; what is wrong with such a field was told of elsewhere."""
        found = [(step, one) for step in lane.steps for one in needed(step, self.schemas.before[step.name])]
        return tuple(
            (one, compile_rule(one.rule, schema=self.schemas.before[step.name], name=one.name))
            for step, one in found
            if not list(check(one.rule, self.schemas.before[step.name]))
        )

    def reviews(self, lane: Lane, proposing: Collection[str]) -> tuple[tuple[Requirement, Rule], ...]:
        """The rules that reviews come to before steps that propose."""
        found = [(step, one) for step in lane.steps if step.name in proposing for one in passed(lane, step)]
        return tuple(
            (one, compile_rule(one.rule, schema=self.schemas.before[step.name], name=one.name)) for step, one in found
        )

    def _one(self, at: Pointer, name: str, source: object, schema: FactSchema) -> Rule:
        if source is None:
            raise BusinessMistakes([self.page.mistake(at, "there is no rule here")])
        try:
            return compile_rule(source, schema=schema, name=name)
        except RuleRefused as refused:
            found = [_mistake(self.page, at, one, self.schemas.whole) for one in refused.mistakes]
            raise BusinessMistakes(found) from refused


def _named(step: str) -> str:
    return f"{step} is taken"


def _mistake(page: Page, at: Pointer, found: RuleMistake, whole: FactSchema) -> Mistake:
    place: Pointer = (*at, *found.pointer)
    if found.found in whole.paths():
        return page.mistake(place, f"{found.found} is not known yet when this rule is asked", shown=at)
    return page.mistake(place, found.message, found.hint, shown=at)
