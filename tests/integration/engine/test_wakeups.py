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
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import pool, shift, wakeups
from engine.intake import Accepted
from engine.pool import ShiftWorker
from engine.shift import Runner, take_up
from engine.wake_up_jobs import WakeUpQueue, company_of, new_id
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


def as_a_runner_has_it(redis: Redis) -> Queue:
    """The same queue."""
    return WakeUpQueue(queue_name("default"), connection=redis, serializer=JSONSerializer)


def work_off(office: House, redis: Redis) -> None:
    """An RQ worker takes what is queued, then ends."""
    take_up(office.runner)
    worker = ShiftWorker([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer)
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

    worker = Looking([as_a_runner_has_it(redis)], connection=redis, serializer=JSONSerializer, worker_ttl=45)
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
    for company in ("other", "morning-", "Morning", "-", "other-morning"):
        queue(redis).enqueue_call(SHIFT, args=["morning", "default"], job_id=new_id(company))
    task = office.asked()

    with shifts_noted() as begun:
        work_off(office, redis)

    assert begun == ["morning"]
    assert office.task(task).state is TaskState.DONE  # though the queue was full of them
    assert is_empty(redis)


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


def is_empty(redis: Redis) -> bool:
    """Whether nothing is left in Redis of any job."""
    return not redis.keys("rq:job:*") and not redis.llen(queue(redis).intermediate_queue_key) and not queue(redis).count


RUN: list[object] = []
HERE = "tests.integration.engine.test_wakeups.run_by_a_stranger"


def run_by_a_stranger(*given: object) -> None:
    """What hostile code would be."""
    RUN.append(given)


STRANGE_IDS = (
    *("e6f9b6a3-5a51-4a4c-8b58-0f6f0f2f9b11", "morning", "morning-", "-" + 32 * "a", "morning-" + 31 * "a"),
    *("morning-" + 32 * "A", "morning-" + 32 * "a" + "\n", "morning-" + 32 * "a" + ":1", "no id; del *", "ümläut", ""),
)


@pytest.mark.parametrize("strange", STRANGE_IDS)
def test_a_job_whose_id_is_no_wake_up_s_is_removed_unread(office: House, redis: Redis, strange: str) -> None:
    hostile(redis, strange)

    with shifts_noted() as begun, capture_logs() as logs:
        work_off(office, redis)

    assert [one["job"] for one in logs if one["event"] == "job.not_allowed"] == [strange]
    assert (begun, RUN) == ([], [])
    assert is_empty(redis)


def hostile(redis: Redis, job: str) -> None:
    """A job of this id of which every part would run a stranger's code if anybody read it."""
    made = queue(redis).enqueue_call(HERE, args=["morning", "default"])
    redis.rename(made.key, Job.key_for(job))
    for when in ("success", "failure", "stopped"):
        redis.hset(Job.key_for(job), f"{when}_callback_name", HERE)
    redis.lset(queue(redis).key, -1, job)


def test_a_job_with_the_id_of_a_wake_up_leads_to_a_shift_of_its_company_and_to_nothing_else(
    office: House, redis: Redis
) -> None:
    open_shop(office)
    task = office.asked()
    redis.flushdb()
    hostile(redis, new_id("morning"))
    unreadable, gone = new_id("morning"), new_id("morning")
    queue(redis).enqueue_call(SHIFT, job_id=unreadable)
    redis.hset(Job.key_for(unreadable), mapping={"data": b"\x80\x04\x95 no json", "timeout": "soon", "status": "odd"})
    queue(redis).push_job_id(gone)

    with shifts_noted() as begun:
        work_off(office, redis)

    assert begun == ["morning"] * 3
    assert RUN == []
    assert office.task(task).state is TaskState.DONE
    assert is_empty(redis)


def test_what_lies_in_rq_s_registries_is_not_run_by_its_upkeep_either(office: House, redis: Redis) -> None:
    job = queue(redis).enqueue_call(HERE, args=["morning", "default"], on_failure=Callback(HERE))
    redis.hset(job.key, "status", "started")
    redis.delete(queue(redis).key)
    redis.zadd(queue(redis).started_job_registry.key, {f"{job.id}:an-execution": 1.0})
    redis.zadd(queue(redis).ready_job_registry.key, {job.id: 1.0})

    work_off(office, redis)

    assert RUN == []
    assert redis.zcard(queue(redis).started_job_registry.key) == redis.zcard(queue(redis).ready_job_registry.key) == 0


def test_what_a_runner_died_with_before_it_had_taken_it_is_done_away_with_after_a_minute(
    office: House, redis: Redis
) -> None:
    left = [new_id("morning"), "a stranger's"]
    for one in left:
        hostile(redis, one)
        redis.lmove(queue(redis).key, queue(redis).intermediate_queue_key)

    work_off(office, redis)
    kept = redis.llen(queue(redis).intermediate_queue_key)
    for one in left:
        redis.set(queue(redis).intermediate_queue.get_first_seen_key(one), 1.0)
    work_off(office, redis)

    assert kept == 2
    assert is_empty(redis)
    assert RUN == []


# What deployments of each version have left in queues: a newer one meets it, works it or drops it, and the sweep wakes anew.
LEFT_BY = {"0.1.0": ("engine.shift.work_shift", ["morning", "default"], "morning-00000000000040008000000000000000")}


@pytest.mark.parametrize("version", LEFT_BY)
def test_a_wake_up_that_an_older_version_left_is_still_worked(office: House, redis: Redis, version: str) -> None:
    open_shop(office)
    task = office.asked()
    name, given, job = LEFT_BY[version]
    redis.flushdb()
    queue(redis).enqueue_call(name, args=given, job_id=job)

    work_off(office, redis)

    assert office.task(task).state is TaskState.DONE
    assert is_empty(redis)


@pytest.mark.parametrize("company", ["a", "a-", "a-b", "a--b-0123456789abcdef0123456789abcdef", 48 * "z"])
def test_the_id_of_a_wake_up_says_for_which_company_it_is(company: str) -> None:
    assert company_of(new_id(company)) == company
    assert new_id(company) != new_id(company)


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
