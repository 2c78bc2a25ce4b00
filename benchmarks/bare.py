"""Plain RQ: its in-process worker, told to do nothing, which is what everything here is measured beside."""

import time
from uuid import uuid4

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from benchmarks.parts import FORK


def noop() -> None:
    """Nothing."""


def bare_rq(redis_url: str, tasks: int) -> float:
    """Jobs a second."""
    redis = Redis.from_url(redis_url)
    queue = Queue(f"bare-{uuid4().hex}", connection=redis, serializer=JSONSerializer)
    for _ in range(tasks):
        queue.enqueue(f"{noop.__module__}.{noop.__name__}", result_ttl=60)
    process = FORK.Process(target=_burst, args=(redis_url, queue.name))
    began = time.perf_counter()
    process.start()
    process.join()
    seconds = time.perf_counter() - began
    redis.close()
    return tasks / seconds


def _burst(url: str, name: str) -> None:
    redis = Redis.from_url(url)
    queue = Queue(name, connection=redis, serializer=JSONSerializer)
    worker = SimpleWorker([queue], connection=redis, serializer=JSONSerializer, log_job_description=False)
    worker.work(burst=True, logging_level="ERROR")
