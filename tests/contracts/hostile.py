"""Tries hostile rules and facts one after the other and prints what became of each; run it as a process of its own.

`python -m tests.contracts.hostile [small]`: `small` tries them in a thread with a stack of 256 KiB.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from contracts.rules import NotEvaluable, RuleRefused, compile  # noqa: A004 - read as rules.compile
from tests.contracts.hostile_inputs import Hostile, inputs

SMALL_STACK = 256 * 1024
TRIES = 3


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
    began = time.thread_time()
    became, words = _outcome(lambda: compile(rule, one.profile)(facts))
    return Outcome(one.name, became, words[:300], round((time.thread_time() - began) * 1000, 2))


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


def names() -> Iterator[str]:
    """The names of all inputs."""
    return (one.name for one in inputs())


if __name__ == "__main__":
    main()
