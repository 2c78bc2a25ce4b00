"""Every process is asked to stop, and started again, under load: what is in hand is finished or handed back."""

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.faults.asking import Slack, ask_for_all
from tests.faults.crew import NAMES
from tests.faults.ledger import Ledger, posts_in, surplus
from tests.faults.plant import Plant, plant
from tests.faults.test_acknowledgements import is_known, send_events, status_of
from tests.faults.test_processes import holder
from tests.integration.gateway.world import SIGNING
from tests.stories.stack import until

OF_THEIR_OWN = {0, -signal.SIGTERM}
"""How a process ends that nobody had to kill: uvicorn sends itself the signal once more when all is done."""

AT_ONCE, CENTS = 3, 4200
ROUNDS, OF_ACCEPTANCE = 1, 5
LEASE_S = "600"
"""No task is taken over because a machine stood still: it would be because a runner left it behind."""


@pytest.fixture(scope="module")
def urls(new_database: Callable[[], DatabaseUrls]) -> DatabaseUrls:
    """Where the record of this module is."""
    return new_database()


@pytest.fixture(scope="module")
def works(
    process_server: None, urls: DatabaseUrls, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    """The morning company with every process running."""
    home = tmp_path_factory.mktemp("rolling") / "home"
    with plant(urls, valkey_server.url, home, CHARGEHAND_LEASE=LEASE_S) as made:
        yield made


def replaced(works: Plant, number: int) -> int | None:
    """How a process ended that was asked to stop, as soon as another has its place."""
    until(lambda: number in works.crew.ends, "an end of its own")
    until(works.is_answering, "the gateway ready")
    return works.crew.ends[number]


@dataclass(slots=True)
class Load:
    """What people and Slack send meanwhile: refunds whose form was taken, and events with what was answered to each."""

    works: Plant
    ledger: Ledger = field(default_factory=Ledger)
    events: dict[str, int | None] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Some people ask for one refund after the other, each form sent until it is taken, and events come besides."""
        with ThreadPoolExecutor(AT_ONCE + 1) as threads:
            sending = [threads.submit(self._ask) for _ in range(AT_ONCE)]
            sending.append(threads.submit(send_events, self.works, self.events, self.over, "r"))
            try:
                yield
            finally:
                self.over.set()
            for one in sending:
                one.result()

    def goes_on(self) -> None:
        """Wait until one more refund was asked for and paid."""
        had = len(self.ledger.acknowledged)
        until(lambda: len(self.ledger.acknowledged) > had, "one more refund")

    def _ask(self) -> None:
        while not self.over.is_set():
            with self._turn:
                order = self.works.order()
            asyncio.run(self._send(order))
            until(partial(self.works.stack.refunds, order), f"order {order} paid back")
            self.ledger.acknowledged.add(order)

    async def _send(self, order: str) -> None:
        async with httpx2.AsyncClient(timeout=60) as http:
            slack = Slack(self.works.stack.web, self.works.stack.sandbox, SIGNING, http)
            await ask_for_all(slack, Ledger(asked={order: CENTS}))


@pytest.mark.timeout(600)  # with --acceptance
def test_a_rolling_restart_under_load_loses_nothing_and_doubles_nothing(works: Plant, acceptance: bool) -> None:
    load, ends = Load(works), []

    with load.going_on():
        for name in NAMES * (OF_ACCEPTANCE if acceptance else ROUNDS):
            load.goes_on()
            ends.append(replaced(works, works.crew.ask_to_stop(name)))
    orders = sorted(load.ledger.acknowledged)
    tasks = [works.ended(order).number for order in orders]
    until(lambda: all(works.all_carried(task) for task in tasks), "everything told")

    assert set(ends) <= OF_THEIR_OWN
    assert [works.stack.refunds(order) for order in orders] == [[CENTS]] * len(orders)
    assert [task for task in tasks if "taken_over" in works.events(task) or not works.trail_holds(task)] == []
    assert doubts(works) == []
    assert surplus(Counter(posts_in(works.stack.look("calls", method="chat.postMessage")))) == 0
    assert set(load.events.values()) <= {200, 503, None}
    assert {event for event, said in load.events.items() if said == 200} <= kept_events(works)


def doubts(works: Plant) -> list[int]:
    """The messages of which nobody knows whether they arrived."""
    with works.database.transaction("morning") as unit:
        return list(unit.connection.execute(text("select id from outbox where state = 'unknown'")).scalars())


def kept_events(works: Plant) -> set[str]:
    """The events of Slack's that are on record."""
    with works.database.transaction("morning") as unit:
        keys = unit.connection.execute(text("select key from delivery where kind = 'event'")).scalars()
        return {key.removeprefix("slack:event:") for key in keys}


def test_what_slack_has_sent_is_kept_and_answered_before_the_gateway_ends(works: Plant, urls: DatabaseUrls) -> None:
    owner = create_engine(urls.owner)
    writing = "not granted and relation = 'delivery'::regclass and mode = 'RowExclusiveLock'"  # sweeps wait to read
    waiting = text(f"select 1 from pg_locks where {writing}")

    with ThreadPoolExecutor(1) as threads, owner.begin() as record:
        record.execute(text("lock table delivery in access exclusive mode"))
        answer = threads.submit(status_of, works, "EvInFlight")
        until(lambda: record.execute(waiting).first(), "the insert under way")
        number = works.crew.ask_to_stop("web")
        until(lambda: not _takes_anybody(works), "a gateway that takes nobody any more")
        record.commit()
        said = answer.result()
    owner.dispose()

    assert said == 200
    assert replaced(works, number) in OF_THEIR_OWN
    assert is_known(works, "EvInFlight")


def _takes_anybody(works: Plant) -> bool:
    """One that was let in and is never served is not taken."""
    try:
        return bool(httpx2.get(f"{works.stack.web}/healthz", timeout=1))
    except httpx2.HTTPError:
        return False


def test_what_a_runner_has_in_hand_when_it_is_asked_to_stop_is_nobodys_to_take_over(works: Plant) -> None:
    orders = [works.order() for _ in range(3)]
    redis: Any = Redis.from_url(works.stack.environment["REDIS_URL"])

    with works.locked_shop():
        for order in orders:
            works.stack.ask(order=order, amount="42.00")
        runner = until(lambda: _at_work(works, orders), "a runner at work")
        number = works.crew.ask_to_stop("runner")
        told = partial(redis.hget, f"rq:worker:{runner}", "shutdown_requested_date")
        until(lambda: told() or number in works.crew.ends, "the runner told to stop")
    redis.close()

    assert replaced(works, number) in OF_THEIR_OWN
    tasks = [works.ended(order).number for order in orders]
    assert [works.stack.refunds(order) for order in orders] == [[CENTS]] * 3
    assert [task for task in tasks if "taken_over" in works.events(task)] == []


def _at_work(works: Plant, orders: list[str]) -> str | None:
    """The runner that has one of them in hand."""
    held = (works.task(order) for order in orders if holder(works, order) is not None)
    return next((one.lease_runner for one in held if one is not None), None)
