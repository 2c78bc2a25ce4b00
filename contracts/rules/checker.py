"""Reads a rule against the types of the facts before anything runs, so that a verdict is never a surprise."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.facts import FactSchema, FactType, Kind
from contracts.rules import check_conditions as conditions
from contracts.rules import check_facts as facts
from contracts.rules import check_values as values
from contracts.rules.guard import RULE_LIMITS, Json, Pointer, Refused, guarded
from contracts.rules.mistakes import RuleMistake
from contracts.rules.walk import Form, Scope, Walk


@dataclass(frozen=True, slots=True)
class Examination:
    """What the checker found: mistakes, the paths that are read, which `in` look into text, and the type of each part."""

    rule: Json
    mistakes: tuple[RuleMistake, ...]
    reads: tuple[str, ...]
    substrings: frozenset[Pointer]
    types: Mapping[Pointer, FactType]


def check(rule: object, schema: FactSchema | None, *, gives: Kind | None = "boolean") -> list[RuleMistake]:
    """Every mistake in a rule, in the order of its text; an empty list is a good rule. Never raises.

    Without a schema only what needs no types is found. `gives` is what the whole rule must come out as.
    """
    return list(examine(rule, schema, gives=gives).mistakes)


def examine(
    rule: object, schema: FactSchema | None, *, gives: Kind | None = "boolean", declared: bool = True
) -> Examination:
    """Check a rule and tell what it reads; `declared` is False when the schema was only inferred from facts."""
    try:
        plain = guarded(rule, RULE_LIMITS)
    except Refused as refused:
        message = f"the rule can't be read: found {refused.found}, expected {refused.expected}"
        mistake = RuleMistake(refused.pointer, message, refused.found, refused.expected)
        return Examination(None, (mistake,), (), frozenset(), {})
    walk = Walk(_FORMS, declared=declared)
    _check_root(walk, plain, Scope(schema), gives)
    return Examination(
        plain, tuple(walk.mistakes), tuple(dict.fromkeys(walk.reads)), frozenset(walk.substrings), walk.types
    )


def _check_root(walk: Walk, rule: Json, scope: Scope, gives: Kind | None) -> None:
    if gives == "boolean":
        walk.condition(rule, (), scope)
        return
    found = walk.expression(rule, (), scope)
    if gives is not None and found.kind not in {gives, None}:
        walk.add((), f"the rule gives {found.words()}", found.words(), gives)


_FORMS: Mapping[str, Form] = {
    "var": facts.variable,
    **dict.fromkeys(("==", "===", "!=", "!=="), conditions.equality),
    **dict.fromkeys((">", ">=", "<", "<="), conditions.ordering),
    **dict.fromkeys(("and", "or"), conditions.junction),
    **dict.fromkeys(("!", "!!"), conditions.negation),
    "if": conditions.choice,
    "in": conditions.membership,
    **dict.fromkeys(("+", "-", "*", "/", "%", "max", "min"), values.arithmetic),
    **dict.fromkeys(("cat", "substr"), values.texts),
    "merge": values.merged,
    "map": values.mapped,
    **dict.fromkeys(("filter", "all", "some", "none"), values.quantified),
    "reduce": values.reduced,
}
