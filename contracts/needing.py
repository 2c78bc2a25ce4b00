"""Makes a rule of each required field of a step, so that one judge decides and one explanation tells."""

from collections.abc import Iterator
from typing import Any

from contracts.contract import Requirement, Step
from contracts.declared import Examples
from contracts.facts import FactSchema, FactType
from contracts.vocabulary import Otherwise

_SAMPLES: dict[str, object] = {"text": "something", "integer": 1, "number": 1, "boolean": True, "list": []}


def needed(step: Step, schema: FactSchema) -> Iterator[Requirement]:
    """A requirement for each fact that a step needs: it is not null and, being text, not empty; else the task waits."""
    for path in step.needs:
        kind = schema.at(path)
        if kind is not None and can_be_missing(kind):
            yield Requirement(
                name=f"{path} is there",
                before=step.name,
                rule=_rule(path, kind),
                because=f"{path.rpartition('.')[2].replace('_', ' ').capitalize()} is missing, and {step.name} needs it.",
                otherwise=Otherwise.BLOCKED,
                examples=_examples(path, kind),
            )


def can_be_missing(kind: FactType) -> bool:
    """Whether a fact can be null, or can be text that is empty."""
    return not kind.fields and (kind.nullable or (kind.kind == "text" and not kind.values))


def _rule(path: str, kind: FactType) -> Any:
    fact = {"var": path}
    tests = [{"!==": [fact, None]}] * kind.nullable + [{"!=": [fact, ""]}] * (kind.kind == "text" and not kind.values)
    return {"and": tests} if len(tests) > 1 else tests[0]


def _examples(path: str, kind: FactType) -> Examples:
    value = kind.values[0] if kind.values else _SAMPLES[kind.kind]
    return Examples(accepted=({path: value},), refused=({path: None if kind.nullable else ""},))
