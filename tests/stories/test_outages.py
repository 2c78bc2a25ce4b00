"""The shop is locked, Redis is wiped, a process dies: nothing is lost, nothing is done twice, and somebody is told."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port
from tests.stories.processes import alive, said_to
from tests.stories.stack import BOT, SUPPORT, Stack, running, started, until


def test_a_locked_shop_is_retried_with_backoff_then_waits_with_an_owner_and_goes_on(morning: Stack) -> None:
    shop = sqlite3.connect(morning.home / "shop.sqlite", isolation_level=None)
    shop.execute("begin exclusive")
    morning.ask(order="1001", amount="42.00")
    until(lambda: "waiting" in tasks_in(morning), "the task waiting")

    offset = 0.0
    end = time.monotonic() + 60
    while "Blocked" not in json.dumps(morning.messages("U0ANNA", "C0SUPPORT")) and time.monotonic() < end:
        if "waiting" in tasks_in(morning):  # a leap past a lease or a peer's 10 minutes is another story
            offset += 10
            morning.wait(offset)
        time.sleep(1.5)
    blocked = morning.live("Blocked: refund of 42.00 USD for order 1001")
    notice = morning.card("U0RUTH", "database is locked")
    shop.execute("rollback")
    shop.close()
    morning.click("U0RUTH", notice, "decision.approve")

    morning.live("Done: 42.00 USD refunded for order 1001")
    told = blocked["blocks"][0]["text"]["text"]
    assert "Ruth Adeyemi" in told
    assert "retried" in told
    assert morning.refunds("1001") == [4200]


def tasks_in(morning: Stack) -> set[str]:
    """The states in which tasks are."""
    return {state for state, count in morning.state()["tasks"].items() if count}


def test_wiping_redis_and_killing_processes_loses_nothing(own_home: Path) -> None:
    with running(own_home) as stack:
        flush(stack)
        stack.ask(order="1002", amount="19.99")
        kill(stack, "chargehand runner")
        stack.ask(order="1003", amount="126.50")
        kill(stack, "chargehand courier")
        flush(stack)
        kill(stack, "chargehand clock")

        for order, amount in (("1002", "19.99"), ("1003", "126.50")):
            done = f"Done: {amount} USD refunded for order {order}"
            until(partial(told, stack, done), done)
        assert stack.refunds("1002") == [1999]
        assert stack.refunds("1003") == [12650]


def told(stack: Stack, words: str) -> bool:
    """Whether Anna reads it in the channel, or directly: so where its courier died while it posted there."""
    return any(words in json.dumps(stack.messages("U0ANNA", place)) for place in (SUPPORT, BOT))


def flush(stack: Stack) -> None:
    """Wipe Redis."""
    code = (
        "from chargehand.settings import Settings; from redis import Redis; "
        "Redis.from_url(Settings.load().redis_url.get_secret_value()).flushall()"
    )
    subprocess.run([sys.executable, "-P", "-c", code], env=stack.environment, check=True, timeout=30)


def kill(stack: Stack, words: str) -> None:
    """Kill a child of `up` hard."""
    children = psutil.Process(stack.process.pid).children(recursive=True)
    for child in [one for one in children if words in said_to(one)][:1]:
        child.kill()


def test_a_second_up_is_ready_within_5_s_and_finds_yesterday_s_tasks(own_home: Path) -> None:
    with running(own_home) as first:
        first.ask(order="1004", amount="8.99")
        first.live("Done: 8.99 USD refunded for order 1004")
        environment = first.environment

    began = time.monotonic()
    with started(environment | {"CHARGEHAND_SANDBOX_PORT": str(free_port())}) as process:
        ready = time.monotonic() - began
        second = Stack(
            first.web, f"http://127.0.0.1:{environment['CHARGEHAND_SANDBOX_PORT']}", own_home, process, environment
        )
        found = json.loads(second.chargehand("find", "1004", "--json").stdout)

    assert [one["state"] for one in found] == ["done"]
    assert ready < 60  # the aim of 5 s is measured in benchmarks/, where nothing else runs


def test_a_killed_parent_leaves_no_orphan(own_home: Path) -> None:
    family: list[psutil.Process] = []

    with pytest.raises(AssertionError):
        kill_the_parent(own_home, family)

    assert len(family) >= 8
    until(lambda: not [one for one in family if alive(one)], "everybody gone")


def kill_the_parent(home: Path, family: list[psutil.Process]) -> None:
    """Bring a deployment up, note its processes and kill their parent hard."""
    with running(home) as stack:
        family += psutil.Process(stack.process.pid).children(recursive=True)
        os.kill(stack.process.pid, signal.SIGKILL)
