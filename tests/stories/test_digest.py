"""The manager's Monday morning: one letter with last week's numbers, whatever is restarted, and the same on demand."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from contracts.company import DigestTime
from engine.scorecard.weeks import Week, due_at, week_of
from tests.stories.stack import Stack, running, until

RUTH, NEW_YORK = "ruth@morning.example", "America/New_York"
HOUR_S = 3600.0


def letters(stack: Stack) -> list[dict[str, Any]]:
    """The digests in Ruth's mailbox."""
    found = stack.client.get(f"{stack.sandbox}/sandbox/mail/letters", params={"address": RUTH}).json()
    return [letter for letter in found if letter["subject"].startswith("Customer care, week ")]


def seconds_until_due(week: Week) -> float:
    """How far the company's hour after a week is ahead of the true time."""
    due = due_at(week.monday + timedelta(days=7), DigestTime(), NEW_YORK)
    return (due - datetime.now(UTC)).total_seconds()


def kill_the_clock(stack: Stack) -> None:
    """Kill the clock's process hard, and wait for the one that takes its place."""
    (clock,) = [one for one in psutil.Process(stack.process.pid).children(recursive=True) if _is_clock(one)]
    clock.kill()
    parent = psutil.Process(stack.process.pid)
    until(lambda: [one for one in parent.children(recursive=True) if one != clock and _is_clock(one)], "another clock")


def _is_clock(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[-2:] == ["chargehand", "clock"]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_monday_at_eight_the_manager_reads_the_week_once_whoever_dies(own_home: Path) -> None:
    with running(own_home) as stack:
        week = week_of(datetime.now(UTC), NEW_YORK)
        stack.ask(order="1002", amount="19.99")
        stack.live("Done: 19.99 USD refunded for order 1002")

        stack.wait(seconds_until_due(week) - 60)
        time.sleep(1.5)
        early = letters(stack)
        stack.wait(seconds_until_due(week) + 1)
        (letter,) = until(lambda: letters(stack), "the digest")
        for hours in (0.0, 1.0, 5.0):
            kill_the_clock(stack)
            stack.wait(seconds_until_due(week) + hours * HOUR_S + 2)
            time.sleep(1.5)

        assert early == []
        assert [one["id"] for one in letters(stack)] == [letter["id"]]
        assert letter["subject"] == f"Customer care, week {week.number}: no number behind. Nothing needs you."
        assert "1 done · 100% verified" in letter["text"]
        assert "Nobody had to decide." in letter["text"]


def test_the_command_prints_the_week_mails_it_beside_the_weekly_one_and_names_the_way_out(morning: Stack) -> None:
    morning.ask(order="1008", amount="740.00")
    morning.card("U0PRIYA", "740.00 USD for order 1008")
    week = week_of(datetime.now(UTC), NEW_YORK)

    printed = morning.chargehand("digest")
    sent = morning.chargehand("digest", "--send", "--portfolio", "care", "--week", week.name, "--json")
    again = morning.chargehand("digest", "--send", "--portfolio", "care")
    nowhere = morning.chargehand("digest", "--portfolio", "cure")
    never = morning.chargehand("digest", "--week", "2026-W60")

    assert printed.stdout.startswith(f"Customer care, week {week.number} so far: ")
    assert "Refund 740.00 USD for order 1008?" in printed.stdout
    (content,) = json.loads(sent.stdout)
    assert content["scope"]["week"] == week.name
    assert sent.stderr == "The courier takes it to Ruth Adeyemi (ruth@morning.example).\n"
    until(lambda: len(letters(morning)) == 2, "both letters")
    assert letters(morning)[1]["text"].replace("\r\n", "\n") == again.stdout
    assert (nowhere.returncode, nowhere.stderr) == (
        1,
        "There is no portfolio 'cure'; there are care, outbound, content.\n",
    )
    assert never.returncode == 1
    assert f"write it like {week.name}, which is this week." in never.stderr
