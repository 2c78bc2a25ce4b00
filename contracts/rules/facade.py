"""Compiles rules and evaluates them on facts so that nothing passes by accident: what can't be told is told as such."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import datalogic_py

from contracts.facts import FactSchema
from contracts.rules import engine
from contracts.rules.checker import Examination, examine
from contracts.rules.conform import ABSENT, Expected, expected, mismatch
from contracts.rules.engine import CompiledRule, FactsHandle, FactsRefused, NotEvaluable
from contracts.rules.explain import Parts, explanation
from contracts.rules.guard import FACT_LIMITS, RULE_LIMITS, Json, Refused, guarded
from contracts.rules.inferred import inferred
from contracts.rules.mistakes import RuleMistake, RuleRefused
from contracts.rules.verdict import MASK, Explanation, Verdict

Profile = Literal["contract", "official"]
MOST_TOGETHER = 50_000_000
"""Characters of a loose rule times those of its facts: what it writes for each item is more than the budget sees."""


def compile(  # noqa: A001 - the name is promised; it is read as rules.compile
    rule: object, profile: Profile = "contract", *, schema: FactSchema | None = None, name: str = "rule"
) -> "Rule":
    """Compile a JSONLogic rule; raises RuleRefused with every mistake.

    `contract` is strict: with a schema the rule is a condition on declared facts; without one it may give any value, and
    its types are inferred from the facts at every call. `official` is JSONLogic as the official suite has it,
    loose; outside that suite it differs from json-logic-js in that texts that look like instants or durations are
    compared as such, and that null equals 0.
    """
    if profile == "official":
        source, loose = _loosely_compiled(rule)
        return Rule(name, source, None, None, loose)
    examined = examine(rule, schema, gives="boolean" if schema is not None else None)
    if examined.mistakes:
        raise RuleRefused(list(examined.mistakes))
    return rule_of(examined, schema, name)


def rule_of(examined: Examination, schema: FactSchema | None, name: str = "rule") -> "Rule":
    """A rule that was examined and has no mistakes."""
    parts = Parts(examined)
    if schema is None:
        return Rule(name, examined.rule, None, parts)
    reads = tuple(expected(path, schema) for path in examined.reads)
    return Rule(name, examined.rule, schema, parts, None, parts.compiled_whole, reads, frozenset(examined.reads))


def explain(rule: object, facts: object, *, schema: FactSchema | None = None) -> Explanation:
    """Why a rule comes out as it does on these facts; raises RuleRefused and NotEvaluable."""
    return compile(rule, schema=schema).explain(facts)


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule; any thread may use it. `loose` is set in the official profile only, `whole` where types are declared.

    `expects` is what it reads, and `paths` the same as a set.
    """

    name: str
    source: Json
    schema: FactSchema | None
    parts: Parts | None
    loose: CompiledRule | None = None
    whole: CompiledRule | None = None
    expects: tuple[Expected, ...] = ()
    paths: frozenset[str] = frozenset()

    @property
    def reads(self) -> tuple[str, ...]:
        """Every path of the facts that the rule can read."""
        return self.parts.examined.reads if self.parts is not None else ()

    def __call__(self, facts: object) -> Json:
        """The rule's value on a document or a handle; raises FactsRefused or NotEvaluable."""
        if self.loose is not None:
            return _loosely_evaluated(self.loose, self.source, facts)
        handle = facts if type(facts) is FactsHandle else _handle(facts, self)
        if self.whole is not None and handle.schema is self.schema:
            try:  # here, for a call more would be a third of the cost; a condition's value bears no mark
                return cast("bool", self.whole.evaluate_data(handle.parsed))
            except datalogic_py.DataLogicError as error:
                raise engine.not_evaluable(error) from error
        return self._fitted(handle).whole(handle)

    def verdict(self, facts: FactsHandle) -> Verdict:
        """How the condition comes out, explained. Never raises for bad facts: then `holds` is None and `failed` says why."""
        try:
            handle = _handle(facts, self)
            parts = self._fitted(handle)
            holds = _truth(parts.whole(handle))
            return Verdict(self.name, holds, explanation(parts, handle, holds).sentence, self._read_from(handle))
        except NotEvaluable as error:
            return Verdict(self.name, None, f"can't be told: {error}", self._read_from(facts), failed=str(error))

    def explain(self, facts: object) -> Explanation:
        """Why the rule comes out as it does; raises FactsRefused or NotEvaluable."""
        handle = _handle(facts, self)
        parts = self._fitted(handle)
        return explanation(parts, handle, parts.whole(handle))

    def _fitted(self, facts: FactsHandle) -> Parts:
        """The parts to evaluate, once the facts are known to be of the types that the rule was checked for."""
        if facts.refused is not None:
            raise FactsRefused(facts.refused)
        if self.parts is None:
            raise NotEvaluable("a loose rule gives values, no verdicts")
        if self.schema is None:
            return _inferred_parts(self.source, facts)
        if facts.schema is self.schema:
            return self.parts
        for one in self.expects:
            wrong = mismatch(facts.document, one, self.schema)
            if wrong is not None:
                raise NotEvaluable(wrong)
        return self.parts

    def _read_from(self, facts: FactsHandle) -> Mapping[str, Json]:
        found = ((one, facts.at(one.names)) for one in self.expects)
        return {one.path: _masked(one, value) for one, value in found if value is not ABSENT}


def _masked(one: Expected, value: Json) -> Json:
    return MASK if one.kind is not None and one.kind.personal and value is not None else value


def _truth(value: Json) -> bool:
    if not isinstance(value, bool):
        raise NotEvaluable("it comes out as something else than true or false")
    return value


def _inferred_parts(source: Json, facts: FactsHandle) -> Parts:
    examined = examine(source, inferred(facts.document), gives=None, declared=False)
    if examined.mistakes:
        raise NotEvaluable("; ".join(mistake.sentence for mistake in examined.mistakes))
    return Parts(examined)


def _handle(facts: object, rule: Rule) -> FactsHandle:
    # The type is asked, not the object: isinstance would ask a hostile one.
    return facts if type(facts) is FactsHandle else engine.parse_facts(facts, rule.schema, rule.paths)


def _loosely_compiled(rule: object) -> tuple[Json, CompiledRule]:
    try:
        source = guarded(rule, RULE_LIMITS)
        return source, engine.compiled(engine.official_engine(), source)
    except Refused as refused:
        message = f"the rule can't be read: {refused}"
        raise RuleRefused([RuleMistake(refused.pointer, message, refused.found, refused.expected)]) from refused
    except datalogic_py.DataLogicError as error:
        raise RuleRefused([RuleMistake((), str(error), error.error_type, "a JSONLogic rule")]) from error


def _loosely_evaluated(rule: CompiledRule, source: Json, facts: object) -> Json:
    text = json.dumps(_loose_document(facts))
    if len(text) * len(json.dumps(source)) > MOST_TOGETHER:
        raise FactsRefused("the rule and its facts are too large together")
    return engine.loosely_evaluated(rule, text)


def _loose_document(facts: object) -> Json:
    if type(facts) is FactsHandle:
        if facts.refused is not None:
            raise FactsRefused(facts.refused)
        return facts.document
    try:
        return guarded(facts, FACT_LIMITS)
    except Refused as refused:
        raise FactsRefused(f"the facts can't be read: {refused}") from refused
