"""A queue of wake-ups as tests see it, and runners that work it off in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from engine import shift
from engine.pool import ShiftWorker
from engine.shift import Runner, take_up
from engine.wake_up_jobs import WakeUpQueue
from engine.wakeups import queue_name
from tests.builders import House


def queue(redis: Redis) -> Queue:
    """The queue of the default runtime."""
    return Queue(queue_name("default"), connection=redis, serializer=JSONSerializer)


def as_a_runner_has_it(redis: Redis) -> Queue:
    """The same queue."""
    return WakeUpQueue(queue_name("default"), connection=redis, serializer=JSONSerializer)


def work_off(office: House, redis: Redis) -> None:
    """An RQ worker takes what is queued, then ends."""
    take_up(office.runner)
    worker = ShiftWorker([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer)
    worker.runner = office.runner
    worker.work(burst=True, logging_level="CRITICAL")


def is_empty(redis: Redis) -> bool:
    """Whether nothing is left in Redis of any job."""
    return not redis.keys("rq:job:*") and not redis.llen(queue(redis).intermediate_queue_key) and not queue(redis).count


@contextmanager
def shifts_noted() -> Iterator[list[str]]:
    """The companies of the shifts that are really begun until the end."""
    begun: list[str] = []
    work = shift._work

    def noting(runner: Runner, company: str) -> int:
        begun.append(company)
        return work(runner, company)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shift, "_work", noting)
        yield begun
