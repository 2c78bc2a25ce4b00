"""Redis only wakes: without it, or emptied, work is late and never lost."""

import socket
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import shift, wakeups
from engine.intake import Accepted
from engine.shift import Runner
from engine.wakeups import Wakeups, short_connection
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
