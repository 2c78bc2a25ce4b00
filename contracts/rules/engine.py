"""The one place that calls the JSONLogic engine: guarded facts in, a JSON value or a sentence out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import datalogic_py

from contracts.rules import quick
from contracts.rules.engine_form import marked
from contracts.rules.guard import FACT_LIMITS, Json, Refused, guarded

OPERATIONS = 100_000
"""The most operations of one evaluation; without a bound a nested reduce would never end."""

_BOUNDS = {"ops_budget": OPERATIONS, "max_recursion_depth": 64}
_STRICT = {"preset": "strict", "missing_var": "error", **_BOUNDS}

CompiledRule = datalogic_py.Rule
"""A compiled rule; any thread may evaluate it. The engine's sessions are bound to a thread, so none is used."""


class NotEvaluable(ValueError):
    """The rule can't be evaluated on these facts; `str()` says why in words."""


class FactsRefused(NotEvaluable):
    """The document of facts is not plain JSON within the limits."""


@dataclass(frozen=True, slots=True)
class FactsHandle:
    """One document of facts, checked and parsed once for all rules; any thread may read it.

    `refused` says why the document can't be used, or is None.
    """

    document: Json
    parsed: datalogic_py.DataHandle
    refused: str | None = None


def parse_facts(document: object) -> FactsHandle:
    """Copy and parse a JSON-shaped document. Never raises: on a refused one every verdict is "cannot tell"."""
    both = quick.copied(document, FACT_LIMITS)
    if both is not None:
        return FactsHandle(both[0], datalogic_py.DataHandle(both[1]))
    try:
        plain = guarded(document, FACT_LIMITS)
    except Refused as refused:
        return FactsHandle(None, datalogic_py.DataHandle("null"), f"the facts can't be read: {refused}")
    if not isinstance(plain, dict):
        return FactsHandle(None, datalogic_py.DataHandle("null"), "the facts can't be read: they are no object")
    return FactsHandle(plain, datalogic_py.DataHandle(marked(plain)))


def loose_facts(text: str) -> datalogic_py.DataHandle:
    """Parse guarded JSON for the official profile. As text, because the engine takes a Python str for JSON text."""
    return datalogic_py.DataHandle(text)


@cache
def strict_engine() -> datalogic_py.Engine:
    """The engine of contracts: the official operators only, absent facts are errors."""
    return datalogic_py.Engine(config=_STRICT, families=[], strict_operator_names=True)


@cache
def official_engine() -> datalogic_py.Engine:
    """The engine of the official suite, bounded."""
    return datalogic_py.Engine(config=_BOUNDS, families=[])


def compiled(engine: datalogic_py.Engine, form: Json) -> CompiledRule:
    """Compile guarded JSON; raises datalogic_py.DataLogicError."""
    return engine.compile(json.dumps(form))


def evaluated(rule: CompiledRule, facts: datalogic_py.DataHandle) -> Json:
    """The rule's value; raises NotEvaluable."""
    try:
        value: Json = rule.evaluate_data(facts)
    except datalogic_py.DataLogicError as error:
        raise NotEvaluable(_in_words(error)) from error
    return value


_WORDS: Mapping[str, str] = {
    "BudgetExceeded": f"the rule takes more than {OPERATIONS:,} operations",
    "ConfigurationError": "the rule is nested too deep",
    "Thrown": "it computes with something that is no number",
    "ArithmeticError": "a number grows too large",
}


def _in_words(error: datalogic_py.DataLogicError) -> str:
    if error.error_type == "VariableNotFound":
        path = str(error).removeprefix("Variable not found: ").partition(" (in operator")[0]
        return f"{path} is not among the facts"
    found = _WORDS.get(error.error_type, f"the engine can't compute it ({error.error_type})")
    return f"{found}, in {error.operator}" if error.operator else found
