"""Redis only wakes: without it, emptied or filled with strangers' jobs, work is late and never lost."""

import socket
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import pool, shift, wakeups
from engine.intake import Accepted
from engine.pool import ShiftWorker, names_a_shift
from engine.shift import Runner, take_up
from engine.wakeups import SHIFT, Wakeups, queue_name, short_connection
from engine.watch import Watch
from tests.builders import MORNING, House, build_world, house, published
from tests.integration.engine.worlds import changed_company, open_shop


@pytest.fixture
def redis(valkey_server: Valkey) -> Iterator[Redis]:
    """The queue's Redis, empty."""
    with Redis.from_url(valkey_server.url) as connection:
        connection.flushall()
        yield connection


def queue(redis: Redis) -> Queue:
    """The queue of the default runtime."""
    return Queue(queue_name("default"), connection=redis, serializer=JSONSerializer)


def work_off(office: House, redis: Redis) -> None:
    """An RQ worker takes what is queued, then ends."""
    take_up(office.runner)
    worker = ShiftWorker([queue(redis)], connection=redis, serializer=JSONSerializer)
    worker.runner = office.runner
    worker.work(burst=True, logging_level="CRITICAL")


@contextmanager
def silent_port() -> Iterator[str]:
    """A Redis whose connections are never answered: its port's queue is full, and nobody takes from it."""
    with ExitStack() as stack:
        door = stack.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        yield f"redis://127.0.0.1:{door.getsockname()[1]}"


@pytest.fixture
def neighbours(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, redis: Redis
) -> Iterator[tuple[House, House]]:
    """Two companies with one runner for both."""
    folder = changed_company(home / "other", {"company.yaml": ("company: morning\n", "company: other\n")})
    build_world(home)
    with published(load_businesses([MORNING, folder]), database_urls, valkey_server.url, home) as morning:
        alone = replace(morning.deployment, wakeups=replace(morning.deployment.wakeups, runners=1))
        morning.deployment = morning.runner.deployment = alone
        other = replace(morning, company="other")
        for one in (morning, other):
            open_shop(one)
        yield morning, other


REDIS_AWAY: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "no socket": lambda: nullcontext("unix:///nowhere/valkey.sock"),
    "refused": lambda: nullcontext("redis://127.0.0.1:1"),
    "silent": silent_port,
}


@pytest.mark.parametrize("away", REDIS_AWAY)
def test_without_redis_a_request_is_still_accepted_at_once(
    morning_urls: DatabaseUrls, home: Path, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    monkeypatch.setattr(wakeups, "LIMIT_S", 0.1)
    with REDIS_AWAY[away]() as address, house(morning_urls, address, home) as office:
        began = time.monotonic()
        answer = office.ask()
        took = time.monotonic() - began
        office.sweep()

        assert isinstance(answer, Accepted)
        assert took < 20.0
        assert office.task(answer.task).state is TaskState.READY


def test_a_wake_up_is_worked_off_by_an_rq_worker(office: House, redis: Redis) -> None:
    open_shop(office)
    task = office.asked()

    work_off(office, redis)

    assert office.task(task).state is TaskState.DONE
    assert queue(redis).count == 0


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

    worker = Looking([queue(redis)], connection=redis, serializer=JSONSerializer, worker_ttl=45)
    worker.runner = office.runner
    monkeypatch.setattr(pool, "work_shift", lambda *_: worker.look())
    office.deployment.wakeups.wake("morning", "default")
    worker.work(burst=True, logging_level="CRITICAL")

    assert said == [(b"busy", True), (b"idle", False)]


def test_after_flushall_one_round_of_the_clock_brings_everything_back(office: House, redis: Redis) -> None:
    open_shop(office)
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(20)]
    redis.flushall()
    work_off(office, redis)
    lost = {office.task(task).state for task in tasks}

    office.sweep()
    work_off(office, redis)

    assert lost == {TaskState.READY}
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}


def test_the_queue_is_never_longer_than_the_runners_are_many(office: House, redis: Redis) -> None:
    for i in range(10):
        office.ask(order=str(2000 + i), form=f"f{i}")
        office.sweep()

    assert queue(redis).count == office.deployment.wakeups.runners == 2


def test_a_queue_that_is_full_of_one_company_has_room_for_another(
    neighbours: tuple[House, House], redis: Redis
) -> None:
    for one in neighbours:
        for i in range(3):
            one.ask(order=str(2000 + i), form=f"f{i}")

    assert [job.args for job in queue(redis).jobs] == [["morning", "default"], ["other", "default"]]


def test_a_company_with_much_to_do_lets_another_have_the_only_runner(
    neighbours: tuple[House, House], redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "BATCH", 2)
    morning, other = neighbours
    morning.runner.shift_s = 0.0
    tasks = [morning.asked(order=str(2000 + i), form=f"f{i}") for i in range(5)]
    waiting = other.asked()

    work_off(morning, redis)

    ended = other.task(waiting).ended_at
    before = [row.number for row in morning.rows("select number from task where ended_at < :at", at=ended)]
    assert sorted(before) == tasks[:2]
    assert {morning.task(task).state for task in tasks} == {TaskState.DONE}


def test_a_wake_up_carries_ids_only_and_in_json(office: House, redis: Redis) -> None:
    office.asked()

    (job,) = queue(redis).jobs

    assert (job.func_name, job.args, job.kwargs) == (SHIFT, ["morning", "default"], {})
    assert job.timeout == -1
    assert redis.hget(job.key, "data") is not None


def test_a_wake_up_for_a_company_that_is_not_here_is_answered_with_nothing(office: House, redis: Redis) -> None:
    queue(redis).enqueue_call(SHIFT, args=["other", "default"])
    queue(redis).enqueue_call(SHIFT, args=["morning", "gpu"])
    queue(redis).enqueue_call(SHIFT, args=[["morning"], {}])
    task = office.asked()

    work_off(office, redis)

    assert office.task(task).state is TaskState.DONE  # though the queue was full of them


def strangers(redis: Redis, mark: Path) -> list[Job]:
    """Jobs that would touch a file if anybody ran them."""
    q = queue(redis)
    touch = f"pathlib.Path({str(mark)!r}).touch"
    jobs = [
        q.enqueue_call("os.mkdir", args=[str(mark)]),
        q.enqueue_call("builtins.open", args=[str(mark), "w"]),
        q.enqueue_call(touch),
    ]
    with_callback = q.enqueue_call(SHIFT, args=["nobody", "default"])
    redis.hset(with_callback.key, "success_callback_name", "tests.integration.engine.test_wakeups.run_by_a_stranger")
    unreadable = q.enqueue_call(SHIFT, args=["morning", "default"])
    redis.hset(unreadable.key, "data", b"\x80\x04\x95 no json")
    return [*jobs, with_callback, unreadable]


RUN: list[object] = []


def run_by_a_stranger(*given: object) -> None:
    """What a hostile callback would be."""
    RUN.append(given)


def test_a_stranger_s_job_is_never_run_and_never_ends_the_runner(office: House, redis: Redis, tmp_path: Path) -> None:
    open_shop(office)
    mark = tmp_path / "run"
    jobs = strangers(redis, mark)
    task = office.asked()
    queue(redis).enqueue_call(SHIFT, args=["morning", "default"])

    work_off(office, redis)

    assert not mark.exists()
    assert RUN == []
    assert queue(redis).count == 0
    assert office.task(task).state is TaskState.DONE
    assert not any(redis.exists(job.key) for job in jobs)


# What deployments of each version have left in queues: a newer one meets it, works it or drops it, and the sweep wakes anew.
LEFT_BY = {"0.1.0": ("engine.shift.work_shift", ["morning", "default"])}


@pytest.mark.parametrize("version", LEFT_BY)
def test_a_wake_up_that_an_older_version_left_is_still_worked(office: House, redis: Redis, version: str) -> None:
    open_shop(office)
    task = office.asked()
    name, given = LEFT_BY[version]
    redis.flushdb()
    queue(redis).enqueue_call(name, args=given)

    work_off(office, redis)

    assert office.task(task).state is TaskState.DONE


def test_a_job_is_a_shift_only_if_it_says_so_and_nothing_more(redis: Redis) -> None:
    allowed = queue(redis).enqueue_call(SHIFT, args=["morning", "default"])

    assert names_a_shift(allowed)
    assert not names_a_shift(queue(redis).enqueue_call("os.system", args=["true"]))


def test_wake_ups_of_a_connection_that_comes_back_work_again(morning_urls: DatabaseUrls, valkey_server: Valkey) -> None:
    connection = short_connection(valkey_server.url)
    wakeups = Wakeups(connection, 2)
    away = Wakeups(short_connection("unix:///nowhere/valkey.sock"), 2)

    assert (wakeups.trouble(), away.trouble()) == (None, "Redis does not answer")
    connection.connection_pool.disconnect()
    assert wakeups.trouble() is None
    connection.close()
    away.redis.close()


def test_a_runner_of_another_runtime_leaves_the_tasks_alone(office: House) -> None:
    task = office.asked()
    office.runner.claimant = type(office.runner.claimant)("r", "gpu")
    other = Runner(office.deployment, office.runner.claimant, office.runner.systems, Watch(array("d", [0.0, 0.0])))
    office.runner = other

    assert office.work() == 0
    assert office.task(task).state is TaskState.READY
