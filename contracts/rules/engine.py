"""The one place that calls the JSONLogic engine: guarded facts in, a JSON value or a sentence out."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

import datalogic_py

from contracts.facts import FactSchema
from contracts.rules.conform import Absent, value_along
from contracts.rules.engine_form import marked, unmarked
from contracts.rules.guard import FACT_LIMITS, Json, Refused, guarded
from contracts.rules.typed_copy import UNLIKE, copier_of

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


_LARGEST = 400_000
"""Bytes of a parsed document below which it is within the limits of facts: a value takes over 20, a character one."""


_UNMARKED = {bool, int, float, type(None), Absent}


class FactsHandle:
    """One document of facts, checked and parsed once for all rules; any thread may read it.

    `refused` says why the document can't be used, or is None. `schema` is set where all of it is as that declares.
    """

    __slots__ = ("_marked", "_plain", "parsed", "refused", "schema")

    def __init__(self, form: Json, schema: FactSchema | None = None, refused: str | None = None) -> None:
        """Parse facts in which every text is marked."""
        self.parsed = datalogic_py.DataHandle(form)
        self.schema, self.refused = schema, refused
        self._marked = form
        self._plain: Json = None

    @property
    def document(self) -> Json:
        """The facts, in a copy of their own."""
        if self._plain is None:
            self._plain = unmarked(self._marked)
        return self._plain

    def at(self, names: Sequence[str]) -> Json | Absent:
        """The value at a path that was taken apart: null below a null, ABSENT where nothing is."""
        found = value_along(self._marked, names)
        return found if type(found) in _UNMARKED else unmarked(cast("Json", found))

    def outline(self, names: Sequence[str]) -> Json | Absent:
        """The same, where nobody looks into an object: its texts may be as the engine has them."""
        found = value_along(self._marked, names)
        kind = type(found)
        if kind is str:
            return cast("str", found)[1:]
        return found if kind is dict or kind in _UNMARKED else unmarked(cast("Json", found))


def parse_facts(document: object, schema: FactSchema | None = None, reads: frozenset[str] | None = None) -> FactsHandle:
    """Copy and parse a JSON-shaped document. Never raises: on a refused one every verdict is "cannot tell".

    With the schema of the rules that will be asked this is ten times quicker, and only what is declared is looked at;
    with all the paths that they read, only that.
    """
    copier = copier_of(schema, reads) if schema is not None else None
    if copier is None:
        return _looked_through(document)
    try:
        handle = FactsHandle(copier.validate_python(document), schema)
    except (*UNLIKE, datalogic_py.DataLogicError):
        return _looked_through(document)
    return handle if handle.parsed.allocated_bytes <= _LARGEST else _looked_through(document)


def _looked_through(document: object) -> FactsHandle:
    try:
        plain = guarded(document, FACT_LIMITS)
    except Refused as refused:
        return FactsHandle(None, refused=f"the facts can't be read: {refused}")
    if not isinstance(plain, dict):
        return FactsHandle(None, refused="the facts can't be read: they are no object")
    return FactsHandle(marked(plain))


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
    """The rule's value, marks taken off; raises NotEvaluable."""
    try:
        value: Json = rule.evaluate_data(facts)
    except datalogic_py.DataLogicError as error:
        raise not_evaluable(error) from error
    return value if value is True or value is False else unmarked(value)


def loosely_evaluated(rule: CompiledRule, text: str) -> Json:
    """The rule's value on guarded JSON. As text, because the engine takes a Python str for JSON text."""
    try:
        value: Json = rule.evaluate_data(datalogic_py.DataHandle(text))
    except datalogic_py.DataLogicError as error:
        raise not_evaluable(error) from error
    return value


_WORDS: Mapping[str, str] = {
    "BudgetExceeded": f"the rule takes more than {OPERATIONS:,} operations",
    "ConfigurationError": "the rule is nested too deep",
    "Thrown": "it computes with something that is no number",
    "ArithmeticError": "a number grows too large",
}


def not_evaluable(error: datalogic_py.DataLogicError) -> NotEvaluable:
    """The engine's error, in words."""
    return NotEvaluable(_in_words(error))


def _in_words(error: datalogic_py.DataLogicError) -> str:
    if error.error_type == "VariableNotFound":
        path = str(error).removeprefix("Variable not found: ").partition(" (in operator")[0]
        return f"{path} is not among the facts"
    found = _WORDS.get(error.error_type, f"the engine can't compute it ({error.error_type})")
    return f"{found}, in {error.operator}" if error.operator else found
