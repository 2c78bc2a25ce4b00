"""Plain RQ, told to do nothing: what everything here is measured beside."""

import time
from uuid import uuid4

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from benchmarks.parts import FORK


def noop() -> None:
    """Nothing."""


def bare_rq(redis_url: str, tasks: int, *, worker: type[BaseWorker] = SimpleWorker) -> float:
    """Jobs a second of a kind of RQ worker: in its own process, unless it is one that forks for each job."""
    redis = Redis.from_url(redis_url)
    queue = Queue(f"bare-{uuid4().hex}", connection=redis, serializer=JSONSerializer)
    for _ in range(tasks):
        queue.enqueue(f"{noop.__module__}.{noop.__name__}", result_ttl=60)
    process = FORK.Process(target=_burst, args=(redis_url, queue.name, worker))
    began = time.perf_counter()
    process.start()
    process.join()
    seconds = time.perf_counter() - began
    redis.close()
    return tasks / seconds


def _burst(url: str, name: str, kind: type[BaseWorker]) -> None:
    redis = Redis.from_url(url)
    queue = Queue(name, connection=redis, serializer=JSONSerializer)
    worker = kind([queue], connection=redis, serializer=JSONSerializer, log_job_description=False)
    worker.work(burst=True, logging_level="ERROR")
