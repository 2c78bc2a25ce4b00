"""Runners killed, frozen and continued while they work: one effect, and another takes over in time."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from tests.faults.plant import Plant
from tests.stories.stack import until

TAKEN_OVER_WITHIN_S = 30.0
BEYOND_THE_LEASE_S = 11.0


@pytest.fixture
def second_pool(works: Plant) -> Iterator[None]:
    """A second pool of runners beside the first."""
    works.crew.start("runner.2")
    yield
    works.crew.halt("runner.2")


@pytest.mark.parametrize("failpoint", ["effect.before_call", "effect.after_call"])
def test_a_runner_killed_around_its_effect_pays_once_and_another_has_it_within_30_s(
    works: Plant, failpoint: str
) -> None:
    order = works.order()
    works.crew.arm("runner", failpoint)

    works.stack.ask(order=order, amount="42.00")
    until(lambda: works.crew.has_died_at(failpoint), "the runner's death")
    died = time.monotonic()
    task = works.ended(order)

    assert time.monotonic() - died < TAKEN_OVER_WITHIN_S
    assert works.stack.refunds(order) == [4200]
    assert works.trail_holds(task.number)
    events = works.events(task.number)
    assert events.index("taken_over") < events.index("looked") < events.index("verified")


def test_a_host_that_was_frozen_beyond_its_lease_finds_its_commits_refused(works: Plant, second_pool: None) -> None:
    order = works.order()

    with works.locked_shop():
        works.stack.ask(order=order, amount="42.00")
        pool = until(lambda: frozen_at_work(works, order), "a runner frozen at work")
        works.later(BEYOND_THE_LEASE_S)
        until(lambda: "taken_over" in events_of(works, order), "another runner at work")
        os.killpg(pool, signal.SIGCONT)
        until(lambda: "task.lost" in runners_log(works), "its commit refused")
    task = works.ended(order)

    assert works.stack.refunds(order) == [4200]
    assert works.trail_holds(task.number)
    assert task.fence > 1
    assert works.intruders(task.number) == []


def test_a_runner_frozen_in_the_middle_of_its_effect_is_ended_and_the_effect_happens_once(
    works: Plant, second_pool: None
) -> None:
    order = works.order()

    with works.locked_shop("immediate"):
        works.stack.ask(order=order, amount="42.00")
        until(lambda: "intended" in events_of(works, order), "the effect under way")
        pool = until(lambda: holder(works, order), "its runner")
        frozen = psutil.Process(pool).children()
        for runner in frozen:
            with suppress(psutil.NoSuchProcess):  # the pool may be replacing one
                runner.suspend()
    ended = works.ended(order)

    assert [one for one in frozen if not one.is_running()]
    assert works.stack.refunds(order) == [4200]
    assert works.trail_holds(ended.number)
    for runner in frozen:
        with suppress(psutil.NoSuchProcess):
            runner.resume()


def holder(works: Plant, order: str) -> int | None:
    """The number of the pool whose runner holds the lease of the task on an order, if one does."""
    task = works.task(order)
    if task is None or task.lease_runner is None:
        return None
    return int(task.lease_runner.rsplit("-", 2)[1])


def frozen_at_work(works: Plant, order: str) -> int | None:
    """The pool that is frozen now and holds the lease; one that has just let go of it goes on."""
    pool = holder(works, order)
    if pool is None:
        return None
    os.killpg(pool, signal.SIGSTOP)
    if holder(works, order) == pool:
        return pool
    os.killpg(pool, signal.SIGCONT)
    return None


def events_of(works: Plant, order: str) -> list[str]:
    """What has happened to the task on an order."""
    task = works.task(order)
    return works.events(task.number) if task else []


def runners_log(works: Plant) -> str:
    """What the runners of both pools said."""
    logs = works.stack.home.glob("runner*.log")
    return "\n".join(log.read_text(encoding="utf-8") for log in logs)
