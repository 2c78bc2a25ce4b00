"""Runs a rule on the examples that its contract gives of it: what it must accept and what it must refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.declared import Examples
from contracts.facts import FactSchema, FactType
from contracts.loading.pages import Page
from contracts.mistakes import Mistake, Pointer, listed
from contracts.rules import FactsHandle, NotEvaluable, Rule, parse_facts

_KINDS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}


def example_mistakes(page: Page, at: Pointer, examples: Examples, rule: Rule, schema: FactSchema) -> Iterator[Mistake]:
    """Examples that can't be facts, and examples of which the rule says the opposite."""
    for side, expected, facts in (("accepted", True, examples.accepted), ("refused", False, examples.refused)):
        for index, example in enumerate(facts):
            place: Pointer = (*at, side, index)
            wrong = list(_not_facts(page, place, example, schema))
            yield from wrong or _verdict(page, place, example, rule, expected=expected)


def document_of(example: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an example, which gives them as dotted path and value."""
    document: dict[str, Any] = {}
    for path, value in example.items():
        *above, last = path.split(".")
        inside = document
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return document


def _not_facts(page: Page, at: Pointer, example: Mapping[str, Any], schema: FactSchema) -> Iterator[Mistake]:
    for path, value in example.items():
        kind = schema.at(path)
        if kind is not None and kind.fields and value is None and kind.nullable:
            continue  # what is null is so as a whole
        if kind is None or kind.fields:
            yield page.mistake((*at, path), f"unknown fact {path}", fact_hint(path, schema), shown=at, key=True)
        elif not _fits(value, kind):
            message = f"{path} is {kind.words()}, and {value!r} is not"
            hint = f"It is one of {listed([str(one) for one in kind.values], last='or')}." if kind.values else None
            yield page.mistake((*at, path), message, hint, shown=at)


def fact_hint(path: str, schema: FactSchema) -> str | None:
    """The nearest declared fact, with its type."""
    if (inner := schema.at(path)) is not None and inner.fields:
        return f"It is a group of facts: {listed([f'{path}.{name}' for name in inner.fields])}."
    near = schema.nearest(path)
    kind = schema.at(near) if near else None
    return f"Did you mean {near}? ({kind.words()})" if kind is not None else None


def _fits(value: object, kind: FactType) -> bool:
    if value is None:
        return kind.nullable
    if isinstance(value, bool) != (kind.kind == "boolean"):
        return False
    return isinstance(value, _KINDS[kind.kind]) and (not kind.values or value in kind.values)


def _verdict(page: Page, at: Pointer, example: Mapping[str, Any], rule: Rule, *, expected: bool) -> Iterator[Mistake]:
    facts = parse_facts(document_of(example))
    if _holds(rule, facts) is expected:
        return
    verdict = rule.verdict(facts)  # explained only now: it costs more than to evaluate
    if verdict.holds is None:
        missing = [path for path in rule.reads if path not in example]
        hint = f"Give {listed(missing)} too." if missing else None
        yield page.mistake(at, f"the rule can't tell from this example: {verdict.failed}", hint)
    else:
        told = "holds for an example that it must refuse" if verdict.holds else "does not hold for one it must accept"
        yield page.mistake(at, f"the rule {told}", verdict.sentence)


def _holds(rule: Rule, facts: FactsHandle) -> object:
    try:
        return rule(facts)
    except NotEvaluable:
        return None
