"""The parts that a measurement runs on: durable embedded PostgreSQL and Valkey, and the bench company."""

import multiprocessing
import time
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from redis import Redis

from chargehand.composition import load_businesses, publish_all, systems
from chargehand.embedded import postgres, valkey
from engine.deployment import Deployment
from engine.intake import Draft, accept
from engine.lifelines import keep_for_life
from engine.shift import Runner, take_up, warm_up, work_shift
from engine.wakeups import Wakeups, short_connection
from engine.watch import Watch
from storage import migrate
from storage.claims import Claimant
from storage.database import Database

COMPANY = Path(__file__).parent / "company"
FORK = multiprocessing.get_context("fork")
AT_ONCE = 16
"""So many callers ask at once."""
LOOK_S = 0.005
"""How long a runner that has found nothing waits before it looks again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Addresses of what is running, and the database server for whoever needs one more database."""

    app_url: str
    owner_url: str
    redis_url: str
    home: Path
    server: postgres.Postgres


@contextmanager
def running() -> Iterator[Parts]:
    """PostgreSQL (writes through) and Valkey, migrated, with the bench company published."""
    with TemporaryDirectory(prefix="chargehand-bench-") as folder, _servers(Path(folder)) as parts:
        with deployed(parts) as deployment:
            publish_all(deployment)
        yield parts


@contextmanager
def _servers(home: Path) -> Iterator[Parts]:
    with postgres.running(home) as database, valkey.running(home) as queue:
        urls = database.create_database("bench")
        migrate.upgrade(urls.owner)
        yield Parts(urls.app, urls.owner, queue.url, home, database)


@contextmanager
def deployed(parts: Parts) -> Iterator[Deployment]:
    """A deployment of the bench company."""
    businesses, sources = load_businesses([COMPANY])
    redis, database = short_connection(parts.redis_url), Database(parts.app_url, size=4)
    try:
        yield Deployment(database, businesses, sources, Wakeups(redis, 2), parts.home)
    finally:
        database.close()
        redis.close()


def ask(deployment: Deployment, lane: str, numbers: range) -> float:
    """Accept a task for each number; returns seconds."""
    began = time.perf_counter()
    for number in numbers:
        accept(deployment, "bench", Draft(lane, "ola", {"number": number}, {}, f"{lane}:{number}", None))
    return time.perf_counter() - began


def ask_at_once(deployment: Deployment, lane: str, numbers: range, askers: int = AT_ONCE) -> float:
    """As `ask`, by so many threads: each asks once more when it has its answer."""
    began = time.perf_counter()
    with ThreadPoolExecutor(askers) as threads:
        for asked in [threads.submit(ask, deployment, lane, numbers[at::askers]) for at in range(askers)]:
            asked.result()
    return time.perf_counter() - began


def ask_while_working(parts: Parts, lane: str, numbers: range) -> float:
    """Let requests come at once while one runner works; returns seconds from the first request to the last task's end."""
    gate, ended = FORK.Barrier(2), FORK.Queue()
    runner = FORK.Process(target=_be_busy_runner, args=(parts, len(numbers), gate, ended))
    runner.start()
    with deployed(parts) as deployment:
        gate.wait()
        began = time.perf_counter()
        ask_at_once(deployment, lane, numbers)
        wall = float(ended.get()) - began
    runner.join()
    return wall


def work(parts: Parts, runners: int) -> tuple[float, float]:
    """Let runners work all that is due; returns (seconds on the wall, processor seconds of the runners)."""
    gate, spent = FORK.Barrier(runners + 1), FORK.Queue()
    processes = [FORK.Process(target=_be_runner, args=(parts, f"runner-{n}", gate, spent)) for n in range(runners)]
    for process in processes:
        process.start()
    gate.wait()
    began = time.perf_counter()
    processor = sum(spent.get() for _ in processes)
    wall = time.perf_counter() - began
    for process in processes:
        process.join()
    return wall, processor


@contextmanager
def _runner(parts: Parts, name: str, gate: Any) -> Iterator[None]:
    """This process is a runner, made ready as one of a pool is, which begins when all are there."""
    with deployed(parts) as deployment:
        claimant, watch = Claimant(name, "default"), Watch(array("d", [0.0, 0.0]))
        runner = Runner(deployment, claimant, systems(deployment), watch, shift_s=inf)
        warm_up(runner)
        take_up(runner)
        keep_for_life()
        gate.wait()
        yield


def _be_busy_runner(parts: Parts, tasks: int, gate: Any, ended: Any) -> None:
    """Until it has ended so many tasks: it looks again and again, as one does that is called for each round of requests."""
    with _runner(parts, "runner-0", gate):
        while tasks > 0:
            worked = work_shift("bench", "default")
            tasks -= worked
            if not worked:
                time.sleep(LOOK_S)
        ended.put(time.perf_counter())


def _be_runner(parts: Parts, name: str, gate: Any, spent: Any) -> None:
    with _runner(parts, name, gate):
        began = time.process_time()
        work_shift("bench", "default")
        spent.put(time.process_time() - began)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the servers have counted so far."""

    transactions: int
    commands: int


def counts(parts: Parts) -> Counts:
    """Transactions committed in the database, and commands that Valkey was sent in round trips of ours."""
    with psycopg.connect(parts.owner_url.replace("+psycopg", "")) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        connection.execute("select pg_sleep(1.2)")  # each backend reports once a second
        row = connection.execute(
            "select xact_commit from pg_stat_database where datname = current_database()"
        ).fetchone()
    redis = Redis.from_url(parts.redis_url)
    commands = int(redis.info("stats")["total_commands_processed"])
    redis.close()
    return Counts(int(row[0]) if row else 0, commands)
