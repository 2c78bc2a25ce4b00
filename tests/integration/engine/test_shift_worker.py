"""A runner works the shift that it is waked for, says so, and goes on whatever becomes of it."""

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from engine import pool
from engine.pool import ShiftWorker
from engine.shift import take_up
from engine.wake_up_jobs import WakeUpQueue
from engine.wakeups import queue_name
from tests.builders import House
from tests.integration.engine.waking import as_a_runner_has_it, queue, shifts_noted, work_off


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

    worker = Looking([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer, worker_ttl=45)
    worker.runner = office.runner
    monkeypatch.setattr(pool, "work_shift", lambda *_: worker.look())
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
