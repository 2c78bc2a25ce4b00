"""At 3 a.m.: `chargehand doctor` on a running deployment says what is wrong, and a dead clock does not stay unnoticed."""

import json
import signal
from typing import Any

import psutil

from tests.stories.processes import said_to
from tests.stories.stack import Stack, until


def found_by(stack: Stack, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status of doctor and what its checks found, by name."""
    done = stack.chargehand("doctor", "--json", *words)
    assert done.stdout, done.stderr
    return done.returncode, {one["check"]: one for one in json.loads(done.stdout)}


def wrong(found: dict[str, dict[str, Any]]) -> set[str]:
    """The checks that found something."""
    return {name for name, one in found.items() if one["health"] != "good"}


def test_the_clock_dies_and_somebody_hears_of_it(morning: Stack) -> None:
    statuses = until(
        lambda: [status for status, found in [found_by(morning, "--online")] if not wrong(found)], "no harm"
    )
    assert statuses == [0]

    morning.ask(order="1008", amount="740.00")
    morning.card("U0PRIYA", "740.00")
    clock = the_clock(morning)
    clock.send_signal(signal.SIGSTOP)  # `up` brings back one that ends; this one just does nothing any more
    try:
        morning.wait(3600 + 120)
        status, found = found_by(morning)
        assert status == 1
        assert "timer" in found["late timer"]["said"]
        assert "the log of `clock`" in found["late timer"]["mend"]
        until(lambda: "No sign of life" in found_by(morning)[1]["clock"]["said"], "no sign of life")
        notice = until(lambda: noticed(morning), "the notice", within_s=90)
    finally:
        clock.send_signal(signal.SIGCONT)

    assert "chargehand doctor" in notice
    until(lambda: not wrong(found_by(morning)[1]), "nothing to mend again")


def noticed(stack: Stack) -> str:
    """What the last resort reads of things that did not move."""
    return next((one for one in map(json.dumps, stack.messages("U0JONAS")) if "did not" in one), "")


def the_clock(stack: Stack) -> psutil.Process:
    """The clock's process."""
    children = psutil.Process(stack.process.pid).children(recursive=True)
    return next(one for one in children if said_to(one).endswith("chargehand clock"))
