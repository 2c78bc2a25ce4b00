"""Three chained Celery tasks for each piece of work, acknowledged late, results kept in Redis, one solo worker."""

import json
import sys
import threading
import time
from urllib.parse import urlsplit

from celery import Celery, chain
from celery.contrib.testing.worker import start_worker

count, _, redis_url = int(sys.argv[1]), sys.argv[2], sys.argv[3]
found = urlsplit(redis_url)
address = f"redis+socket://:{found.password}@{found.path}?virtual_host=1"
backend = f"socket://:{found.password}@{found.path}?virtual_host=2"
app = Celery("work", broker=address, backend=f"redis+{backend}")
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=16, result_expires=600)
done = threading.Semaphore(0)


@app.task
def look(number: int) -> dict:
    """Read something."""
    return {"number": number, "seen": True}


@app.task
def judge(known: dict) -> dict:
    """Make something of it."""
    return {**known, "fit": True}


@app.task
def write(known: dict) -> dict:
    """Put it down."""
    done.release()
    return {**known, "written": True}


for number in range(count):
    chain(look.s(number), judge.s(), write.s()).apply_async()
began = time.perf_counter()
with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
    for _ in range(count):
        done.acquire()
    seconds = time.perf_counter() - began
sys.stdout.write(json.dumps({"tasks": count, "seconds": seconds}) + "\n")
