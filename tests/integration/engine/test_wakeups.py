"""Redis only wakes: without it, or emptied, work is late and never lost."""

import socket
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import TimeoutError as NoAnswer

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import shift, wakeups
from engine.intake import Accepted
from engine.shift import Runner
from engine.wake_up_jobs import company_of
from engine.wakeups import COURIER_LIST, Wakeups, short_connection
from engine.watch import Watch
from tests.builders import MORNING, House, build_world, house, published
from tests.integration.engine.waking import queue, work_off
from tests.integration.engine.worlds import changed_company, open_shop


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


def test_one_process_never_calls_more_than_there_are_runners(office: House, redis: Redis) -> None:
    wakeups = office.deployment.wakeups
    counts: list[int] = []

    for _ in range(3):
        for _ in range(10):
            wakeups.wake("morning", "default")
        counts.append(queue(redis).count)
        redis.ltrim(queue(redis).key, 1, 1)  # runners have taken all but one
        wakeups.wake_both("morning", "default", tasks=5)  # a look finds room: for one more
        counts.append(queue(redis).count)

    assert wakeups.runners == 2
    assert counts == 3 * [2, 2]


@pytest.mark.parametrize(("tasks", "calls"), [(1, 1), (2, 2), (16, 2)])
def test_as_many_runners_are_called_as_there_are_tasks_and_no_more_than_a_pool_has(
    office: House, redis: Redis, tasks: int, calls: int
) -> None:
    office.deployment.wakeups.wake_both("morning", "default", tasks=tasks)

    assert queue(redis).count == calls
    assert redis.llen(COURIER_LIST) == 1


def test_who_has_called_the_last_looks_first_until_there_is_room(office: House, redis: Redis) -> None:
    wakeups, trips = office.deployment.wakeups, []
    wakeups.wake_both("morning", "default")  # the first asks for the version of Redis, too
    redis.flushdb()

    with commands_counted() as sent:
        for waiting in (0, 1, 2, 2, 1, 0, 0):
            redis.ltrim(queue(redis).key, -waiting, -1) if waiting else redis.delete(queue(redis).key)
            before = sent["trips"]
            wakeups.wake_both("morning", "default")
            trips.append((sent["trips"] - before, queue(redis).count - waiting))

    assert trips == [(1, 1), (1, 1), (1, 0), (1, 0), (2, 1), (2, 1), (1, 1)]


def test_processes_that_have_called_nobody_yet_call_nobody_where_enough_are_called(office: House, redis: Redis) -> None:
    """As with a command that a script runs for each of a thousand requests."""
    for _ in range(10):
        replace(office.deployment.wakeups).wake("morning", "default")

    assert queue(redis).count == 2


def test_a_queue_that_is_full_is_no_other_runtime_s(office: House, redis: Redis) -> None:
    for _ in range(4):
        office.deployment.wakeups.wake("morning", "default")

    office.deployment.wakeups.wake("morning", "gpu")

    assert redis.llen("rq:queue:chargehand-gpu") == 1


def test_many_threads_call_one_too_many_each_at_most(office: House, redis: Redis) -> None:
    wakeups = office.deployment.wakeups

    wakeups.wake("morning", "default")
    with ThreadPoolExecutor(8) as threads:
        for _ in range(100):
            threads.submit(wakeups.wake, "morning", "default")

    assert wakeups.runners <= queue(redis).count < wakeups.runners + 8


def test_an_emptied_redis_is_called_on_again_after_a_crowd(office: House, redis: Redis) -> None:
    for _ in range(4):
        office.deployment.wakeups.wake("morning", "default")
    redis.flushall()

    office.deployment.wakeups.wake("morning", "default")

    assert queue(redis).count == 1


def test_a_redis_that_answers_too_late_finds_no_more_than_one_call_of_a_process(
    office: House, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Pipeline.execute

    def late(self: Pipeline, raise_on_error: bool = True) -> None:
        execute(self, raise_on_error)
        raise NoAnswer

    office.deployment.wakeups.wake("morning", "default")
    monkeypatch.setattr(Pipeline, "execute", late)
    for _ in range(10):
        office.deployment.wakeups.wake("morning", "default")
    monkeypatch.undo()

    assert queue(redis).count == 2


def test_bytes_that_are_no_text_among_the_calls_keep_nobody_from_calling(office: House, redis: Redis) -> None:
    wakeups = office.deployment.wakeups
    redis.rpush(queue(redis).key, *(3 * [b"\xff\xfe"]))

    for _ in range(3):
        wakeups.wake("morning", "default")

    assert queue(redis).count == 4


@contextmanager
def commands_counted() -> Iterator[Counter[str]]:
    """Counts what this process sends to Redis by pipelines of wake-ups, until the end."""
    counts: Counter[str] = Counter()
    execute = Pipeline.execute

    def counted(self: Pipeline, raise_on_error: bool = True) -> Any:
        counts["trips"] += 1
        return execute(self, raise_on_error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipeline, "execute", counted)
        yield counts


def test_a_queue_that_is_full_of_one_company_has_room_for_another(
    neighbours: tuple[House, House], redis: Redis
) -> None:
    for one in neighbours:
        for i in range(3):
            one.ask(order=str(2000 + i), form=f"f{i}")

    assert [company_of(job) for job in queue(redis).job_ids] == ["morning", "other"]


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
