"""A runner works the shift that it is waked for, says so, and goes on whatever becomes of it."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis, exceptions
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from contracts.vocabulary import TaskState
from engine import pool
from engine.pool import ShiftWorker
from engine.shift import take_up, work_shift
from engine.wake_up_jobs import WakeUpQueue
from engine.wakeups import queue_name
from tests.builders import House
from tests.integration.engine.at_once import until
from tests.integration.engine.waking import as_a_runner_has_it, is_empty, queue, shifts_noted, work_off
from tests.integration.engine.worlds import open_shop


def test_a_shift_that_fails_ends_no_runner_and_leaves_no_job_behind(
    office: House, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    def fail(company: str, runtime: str) -> int:
        ended.append(company)
        raise ZeroDivisionError

    monkeypatch.setattr(pool, "work_shift", fail)
    for _ in range(2):
        office.deployment.wakeups.wake("morning", "default")

    work_off(office, redis)

    assert ended == ["morning", "morning"]
    assert redis.keys("rq:job:*") == redis.keys("rq:executions:*") == []
    assert redis.llen(queue(redis).intermediate_queue_key) == 0


def test_a_runner_says_that_it_is_busy_for_as_long_as_a_shift_may_take_and_then_that_it_waits(
    office: House, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[object, bool]] = []

    class Looking(ShiftWorker):
        def look(self) -> int:
            left_s = redis.ttl(self.key)
            said.append((redis.hget(self.key, "state"), left_s > self.worker_ttl + 60))
            return 0

        def check_for_suspension(self, burst: bool) -> None:
            if said:
                self.look()
            super().check_for_suspension(burst)

    def shift_until_it_is_said(*_: str) -> int:
        until(lambda: is_empty(redis))
        return worker.look()

    worker = Looking([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer, worker_ttl=45)
    worker.runner = office.runner
    monkeypatch.setattr(pool, "work_shift", shift_until_it_is_said)
    office.deployment.wakeups.wake("morning", "default")
    worker.work(burst=True, logging_level="CRITICAL")

    assert said == [(b"busy", True), (b"idle", False)]


def test_a_runner_of_one_runtime_works_no_shift_of_another(office: House, redis: Redis) -> None:
    other = WakeUpQueue(queue_name("gpu"), connection=redis, serializer=JSONSerializer)
    office.deployment.wakeups.wake("morning", "gpu")
    take_up(office.runner)
    worker = ShiftWorker([other], connection=redis, serializer=JSONSerializer)
    worker.runner = office.runner

    with shifts_noted() as begun:
        worker.work(burst=True, logging_level="CRITICAL")

    assert begun == []
    assert other.count == 0


@contextmanager
def runner_with(office: House, redis: Redis, during: Callable[[ShiftWorker], object]) -> Iterator[ShiftWorker]:
    """A runner in whose shifts something happens."""

    def work(company: str, runtime: str) -> int:
        during(worker)
        return work_shift(company, runtime)

    take_up(office.runner)
    worker = ShiftWorker([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer)
    worker.runner = office.runner
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "work_shift", work)
        yield worker


def test_a_quick_shift_has_its_wake_up_taken_when_it_is_over_before_the_runner_waits_again(
    office: House, redis: Redis
) -> None:
    open_shop(office)
    task = office.asked()
    found: list[object] = []

    def look(worker: ShiftWorker) -> None:
        found.extend((redis.llen(queue(redis).intermediate_queue_key), redis.hget(worker.key, "state")))

    with runner_with(office, redis, look) as worker:
        worker.work(burst=True, logging_level="CRITICAL")

    assert found == [1, b"idle"]
    assert office.task(task).state is TaskState.DONE
    assert is_empty(redis)


def test_a_runner_that_is_stopped_before_its_wake_up_is_taken_ends_after_the_shift(office: House, redis: Redis) -> None:
    open_shop(office)
    task = office.asked()
    office.deployment.wakeups.wake("morning", "default")

    with runner_with(office, redis, lambda one: one.request_stop(signal.SIGTERM, None)) as worker:
        worker.work(burst=True, logging_level="CRITICAL")

    assert worker.get_state() == "idle"
    assert office.task(task).state is TaskState.READY  # stopping: the shift claims nothing, and wakes somebody else
    assert queue(redis).count == 2
    assert redis.llen(queue(redis).intermediate_queue_key) == 0


class Failing(ThreadPoolExecutor):
    """Raises in place of sending what a runner has sent on the side."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__(1)
        self.trouble = trouble

    def submit(self, send: Callable[..., Any], /, *given: Any, **more: Any) -> "Future[Any]":
        def fail() -> None:
            raise self.trouble

        return super().submit(fail)


@pytest.mark.parametrize(
    ("trouble", "left"),
    [(exceptions.ConnectionError(), 0), (exceptions.OutOfMemoryError(), 0), (exceptions.TimeoutError(), 1)],
)
def test_a_shift_whose_wake_up_can_t_be_taken_is_worked_all_the_same(
    office: House, redis: Redis, trouble: Exception, left: int
) -> None:
    """A Redis that is away costs no shift; who had no answer in all that time does not wait again, but ends."""
    open_shop(office)
    task = office.asked()
    office.deployment.wakeups.wake("morning", "default")

    with runner_with(office, redis, bool) as worker, Failing(trouble) as failing, capture_logs() as logs:
        vars(worker)["_aside"] = failing
        worker.work(burst=True, logging_level="CRITICAL")

    assert office.task(task).state is TaskState.DONE
    assert queue(redis).count == left
    assert [one["error"] for one in logs if one["event"] == "wakeup.not_taken"] == 2 * (1 - left) * [
        type(trouble).__name__
    ]
