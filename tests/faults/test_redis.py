"""Redis wiped again and again, full, slow or silent, while work comes in: it costs time, and no work."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.faults.plant import Plant, plant
from tests.faults.test_failpoints import asked
from tests.stories.stack import until
from tests.wire import Wire, between

FLUSHES, WHILE_FULL = 10, 3
NEVER_S = 3600.0
BACK_WITHIN_S = 60.0


def test_ten_wipes_under_load_lose_nothing_and_all_is_back_at_work_within_60_s(works: Plant) -> None:
    orders = [works.order() for _ in range(2 * FLUSHES)]
    redis = Redis.from_url(works.crew.environment["REDIS_URL"])

    with ThreadPoolExecutor(1) as pool:
        asking = [pool.submit(works.stack.ask, order=order, amount="42.00") for order in orders]
        for asked in asking[::2]:
            asked.result()
            redis.flushall()
    wiped = time.monotonic()
    redis.close()
    for order in orders:
        works.ended(order)

    assert time.monotonic() - wiped < BACK_WITHIN_S
    assert [works.stack.refunds(order) for order in orders] == [[4200]] * len(orders)
    assert works.stack.state()["stuck"] == 0


@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru"])
def test_a_full_redis_is_told_of_and_loses_nothing(works: Plant, policy: str) -> None:
    orders = [works.order() for _ in range(WHILE_FULL)]

    with full(works.crew.environment["REDIS_URL"], policy):
        for order in orders:
            asked(works, order, "42.00")
        until(lambda: "Redis is full" in said_of_the_queue(works), "the alarm")
    for order in orders:
        works.ended(order)

    assert [works.stack.refunds(order) for order in orders] == [[4200]] * len(orders)
    until(lambda: said_of_the_queue(works) == "ok", "all well again")


@contextmanager
def full(url: str, policy: str) -> Iterator[None]:
    """A Redis that has less room than it uses already."""
    with Redis.from_url(url) as redis:
        redis.config_set("maxmemory-policy", policy)
        redis.config_set("maxmemory", "1")
        try:
            yield
        finally:
            redis.config_set("maxmemory", "0")
            redis.config_set("maxmemory-policy", "noeviction")


def said_of_the_queue(works: Plant) -> str:
    """What the gateway's readiness says of it."""
    lines = works.stack.client.get(f"{works.stack.web}/readyz").text.splitlines()
    return next(line.removeprefix("queue: ") for line in lines if line.startswith("queue: "))


@pytest.fixture
def far(
    process_server: None,
    new_database: Callable[[], DatabaseUrls],
    valkey_server: Valkey,
    tmp_path: Path,
    short_temporary_folder: Path,
) -> Iterator[tuple[Plant, Wire]]:
    """The morning company with every process running, its Redis at the end of a wire."""
    parsed, here = urlsplit(valkey_server.url), short_temporary_folder / "far.sock"
    other = parsed._replace(path=str(here)).geturl()
    with between(Path(parsed.path), here) as wire, plant(new_database(), other, tmp_path / "home") as works:
        yield works, wire


@pytest.mark.parametrize("delay_s", [1.0, NEVER_S], ids=["slow", "silent"])
def test_a_redis_that_answers_late_or_never_holds_no_request_up_and_loses_nothing(
    far: tuple[Plant, Wire], delay_s: float
) -> None:
    works, wire = far
    order = works.order()

    wire.delay_s = delay_s
    asked(works, order, "42.00")
    until(lambda: works.task(order), "the request accepted")
    until(lambda: said_of_the_queue(works) == "Redis does not answer", "the alarm")
    wire.mend()
    works.ended(order)

    assert works.stack.refunds(order) == [4200]
    until(lambda: said_of_the_queue(works) == "ok", "all well again")
