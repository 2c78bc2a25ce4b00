"""Hostile rules and facts are refused or evaluated, quickly, and nothing but our own errors comes out.

They are tried in processes of their own: an engine that overflows its stack takes the whole process down.
"""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from tests.contracts.hostile import OURS, names

AT_MOST_MS = 100.0
STACKS: tuple[list[str], ...] = ([], ["small"])


@cache
def outcomes(*stack: str) -> dict[str, dict[str, Any]]:
    """What became of each input."""
    command = [sys.executable, "-m", "tests.contracts.hostile", *stack]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {lines[-1:]}: {done.stderr[-500:]}"
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("stack", STACKS, ids=["usual stack", "256 KiB"])
def test_nothing_crashes_or_hangs_and_only_our_errors_come_out(stack: list[str]) -> None:
    found = outcomes(*stack)

    assert [name for name in names() if name not in found] == []
    assert len(found) >= 200
    assert {name: line for name, line in found.items() if line["became"] not in OURS} == {}


@pytest.mark.parametrize("stack", STACKS, ids=["usual stack", "256 KiB"])
def test_none_takes_a_tenth_of_a_second(stack: list[str]) -> None:
    found = outcomes(*stack)

    assert {name: line["cpu_ms"] for name, line in found.items() if line["cpu_ms"] >= AT_MOST_MS} == {}


def test_what_is_refused_says_so_in_words_that_are_not_python() -> None:
    words = [line["words"] for line in outcomes().values() if line["became"] != "value"]

    assert [text for text in words if not text or " at 0x" in text or "Traceback" in text] == []
