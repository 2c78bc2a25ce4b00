"""Tries hostile rules and facts one after the other and prints what became of each; run it as a process of its own.

`python -m tests.contracts.hostile [small]`: `small` tries them in a thread with a stack of 256 KiB.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import Any

from contracts.facts import FactSchema, FactType
from contracts.rules import NotEvaluable, Rule, RuleRefused, compile, parse_facts  # noqa: A004 - read as rules.compile
from tests.contracts.hostile_inputs import Hostile, inputs

SMALL_STACK = 256 * 1024
TRIES = 3
OURS = {"refused", "not evaluable", "value"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input: `refused`, `not evaluable`, `value`, or the name of an error that is not ours."""

    name: str
    became: str
    words: str
    cpu_ms: float


def main() -> None:
    """Try all, in this thread or in a small one."""
    if sys.argv[1:] != ["small"]:
        return _print_all()
    threading.stack_size(SMALL_STACK)
    thread = threading.Thread(target=_print_all)
    thread.start()
    return thread.join()


def _print_all() -> None:
    for one in inputs():
        sys.stdout.write(json.dumps(asdict(_tried(one))) + "\n")
        sys.stdout.flush()


def _tried(one: Hostile) -> Outcome:
    """The fastest of a few tries, in time of this thread alone, so that a busy machine does not count."""
    outcomes = [_try(one) for _ in range(TRIES)]
    return min(outcomes, key=lambda outcome: outcome.cpu_ms)


def _try(one: Hostile) -> Outcome:
    rule, facts = one.make()
    tries: list[Callable[[], Any]] = [lambda: compile(rule, one.profile)(facts)]
    if one.profile == "contract":
        tries += [partial(_as_declared, each, facts) for each in _typed()]
    found = [_timed(one.name, attempt) for attempt in tries]
    worst = next((outcome for outcome in found if outcome.became not in OURS), found[0])
    return replace(worst, cpu_ms=max(outcome.cpu_ms for outcome in found))


def _timed(name: str, attempt: Callable[[], Any]) -> Outcome:
    began = time.thread_time()
    became, words = _outcome(attempt)
    return Outcome(name, became, words[:300], round((time.thread_time() - began) * 1000, 2))


def _as_declared(rule: Rule, facts: Any) -> Any:
    return rule(parse_facts(facts, rule.schema))


def _outcome(evaluate: Callable[[], Any]) -> tuple[str, str]:
    try:
        value = evaluate()
    except RuleRefused as refused:
        return "refused", str(refused)
    except NotEvaluable as error:
        return "not evaluable", str(error)
    except BaseException as error:  # noqa: BLE001 - the engine's panics are BaseExceptions: to find them is the point
        return type(error).__name__, str(error)
    return "value", type(value).__name__


@cache
def _typed() -> tuple[Rule, ...]:
    """Rules on facts whose types are declared: of each kind, and as deep as facts may be."""
    text, number = FactType("text"), FactType("integer")
    kinds = [text, number, FactType("number"), FactType("boolean"), FactType("text", values=("x",))]
    kinds += [FactType(shape, item=item) for shape in ("list", "object") for item in (text, number)]
    for shape in ("list", "object"):
        deep = FactType("boolean")
        for _ in range(30):
            deep = FactType(shape, item=deep)
        kinds.append(deep)
    kinds.append(FactType("object", fields={"a": FactType("list", item=FactType("object", item=text))}))
    schemas = [FactSchema(FactType("object", fields={"a": replace(kind, nullable=True)})) for kind in kinds]
    return tuple(compile({"===": [{"var": "a"}, None]}, schema=schema) for schema in schemas)


def names() -> Iterator[str]:
    """The names of all inputs."""
    return (one.name for one in inputs())


if __name__ == "__main__":
    main()
