"""Asks json-logic-js and json-logic-engine what rules come out as."""

import json
import subprocess
from collections.abc import Iterable
from typing import Any

from tests.witness.slack import HERE, MISSING


def evaluated_elsewhere(cases: Iterable[tuple[Any, list[Any]]]) -> list[list[list[Any]]]:
    """For each rule, and each of its documents of facts, what the two say: one process, JSON lines, at most 60 s."""
    if not (HERE / "node_modules").is_dir():
        raise FileNotFoundError(MISSING)
    lines = "".join(json.dumps({"rule": rule, "facts": documents}) + "\n" for rule, documents in cases)
    command = ["node", str(HERE / "rules.mjs")]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def alike(left: Any, right: Any) -> bool:
    """JSON's equality: 1 is 1.0, but true is not 1."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
