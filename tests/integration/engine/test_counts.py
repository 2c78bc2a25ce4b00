"""What a task costs in transactions, statements and round trips: exact counts, so that no change makes them grow unseen."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread
from typing import Any

import pytest
from redis import Redis
from redis.connection import AbstractConnection
from rq.serializers import JSONSerializer

from benchmarks.parts import COMPANY
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from engine import batch, moving_together, shift
from engine.intake import Draft, accept
from engine.pool import ShiftWorker
from engine.shift import BATCH, take_up, work_shift
from engine.wake_up_jobs import WakeUpQueue
from engine.wakeups import queue_name
from storage.deliveries import Delivery, receive
from tests.builders import House, house
from tests.integration.engine.at_once import ask_at_once, be_patient
from tests.integration.engine.worlds import open_shop
from tests.statements import Asked, asked_of

BATCHES = 2
TASKS = BATCHES * BATCH
NEVER_S = 1e9
CALLS = 10
"""Round trips that connect and call two runners."""
CLAIMS = 4
"""Two runners find nothing more; one claims twice before that. Each takes two round trips: the first one binds, too, and
looks up who has asked."""


@pytest.fixture
def bench(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The company that measurements run on."""
    with house(database_urls, valkey_server.url, home, folder=COMPANY) as found:
        found.company = "bench"
        yield found


@contextmanager
def counted(office: House) -> Iterator[tuple[Asked, Counter[str]]]:
    """Counts what PostgreSQL is asked, and the round trips of Redis, until the end; `aside` is what a runner has sent while
    it claims.
    """
    redis: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch, asked_of(office.deployment.database.engine) as asked:
        send: Callable[..., Any] = AbstractConnection.send_packed_command

        def sent(self: Any, *args: Any, **kwargs: Any) -> Any:
            redis["aside" if current_thread().name.startswith("aside") else "trips"] += 1
            return send(self, *args, **kwargs)

        patch.setattr(AbstractConnection, "send_packed_command", sent)
        yield asked, redis


def ask(office: House, lane: str, deliveries: Sequence[str | None] = (None,) * TASKS) -> None:
    for number, delivery in enumerate(deliveries):
        accept(office.deployment, "bench", Draft(lane, "ola", {"number": number}, {}, f"{lane}:{number}", delivery))


def emptied(valkey: Valkey) -> None:
    """Nobody else waits in the queues: enough runners are called, or none."""
    redis = Redis.from_url(valkey.url)
    redis.flushall()
    redis.close()


@pytest.mark.parametrize("lane", ["plain", "effect"])
@pytest.mark.parametrize("brought", [False, True], ids=["told", "brought"])
def test_accepting_a_task_takes_two_round_trips(bench: House, valkey_server: Valkey, lane: str, brought: bool) -> None:
    emptied(valkey_server)
    keys = [f"k{number}" for number in range(TASKS)] if brought else [None] * TASKS
    for key in keys:
        if key is not None:
            receive(bench.deployment.database, Delivery("bench", key, "slack", "view_submission", {}))

    with counted(bench) as (asked, redis):
        ask(bench, lane, keys)

    assert len(bench.rows("select 1 from delivery where reference is not null")) == (TASKS if brought else 0)
    assert asked.transactions == asked.trips == 2 * TASKS  # look up, write
    assert redis["trips"] <= TASKS + CALLS  # the call, or a look whether enough are called, with the courier's bell


@pytest.mark.parametrize("brought", [False, True], ids=["told", "brought"])
def test_sixteen_who_ask_at_once_share_two_round_trips(
    bench: House, valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch, brought: bool
) -> None:
    be_patient(monkeypatch)
    emptied(valkey_server)
    keys = [f"k{number}" if brought else None for number in range(16)]
    for key in filter(None, keys):
        receive(bench.deployment.database, Delivery("bench", key, "slack", "view_submission", {}))
    drafts = [Draft("plain", "ola", {"number": at}, {}, f"plain:{at}", key) for at, key in enumerate(keys)]

    with counted(bench) as (asked, redis):
        ask_at_once(bench, drafts)

    assert len(bench.rows("select 1 from task")) == 16
    assert len(bench.rows("select 1 from delivery where reference is not null")) == (16 if brought else 0)
    assert asked.transactions == asked.trips == 2
    assert redis["trips"] <= CALLS


def test_a_lone_task_takes_five_round_trips_of_redis_from_its_request_to_its_end(
    bench: House, valkey_server: Valkey
) -> None:
    emptied(valkey_server)
    take_up(bench.runner)
    rounds: list[tuple[int, int]] = []

    class OneByOne(ShiftWorker):
        def check_for_suspension(self, burst: bool) -> None:
            """Where each round of RQ's loop begins: somebody asks for one more task."""
            rounds.append((redis["trips"], redis["aside"]))
            if len(rounds) <= 2:  # the first pays for connections, and for what RQ does once
                draft = Draft("plain", "ola", {"number": len(rounds)}, {}, f"plain:{len(rounds)}", None)
                accept(bench.deployment, "bench", draft)
            super().check_for_suspension(burst)

    with Redis.from_url(valkey_server.url) as connection, counted(bench) as (_, redis):
        queue = WakeUpQueue(queue_name("default"), connection=connection, serializer=JSONSerializer)
        worker = OneByOne([queue], connection=connection, serializer=JSONSerializer)
        worker.runner = bench.runner
        worker.work(burst=True, logging_level="CRITICAL")

    assert len(bench.rows("select 1 from task where state = 'done'")) == 2
    (trips, aside), (trips_after, aside_after) = rounds[1:3]
    assert (trips_after - trips, aside_after - aside) == (5, 0)


@pytest.mark.parametrize(
    ("lane", "moves"),
    [
        ("plain", BATCHES),
        ("effect", 1 + BATCHES + 2),  # the first effect, of which nobody knows how quick it is; then intents, then ends
    ],
)
def test_quick_tasks_share_the_transactions_of_their_effects_and_ends(
    bench: House, valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch, lane: str, moves: int
) -> None:
    everything_takes(monkeypatch, quick_s=NEVER_S)
    ask(bench, lane)
    emptied(valkey_server)

    with counted(bench) as (asked, redis):
        assert bench.work() == TASKS

    # By the side the connection is bound by which moves are sent, and once what was sent is written somebody claims again.
    assert asked.transactions == asked.trips == moves + 1 + CLAIMS + 1
    assert redis["trips"] <= TASKS


@pytest.mark.parametrize(("lane", "effects"), [("plain", 0), ("effect", 1)])
def test_a_slow_task_takes_a_transaction_for_its_effect_and_one_for_its_end(
    bench: House, valkey_server: Valkey, monkeypatch: pytest.MonkeyPatch, lane: str, effects: int
) -> None:
    everything_takes(monkeypatch, quick_s=0.0)
    ask(bench, lane)
    emptied(valkey_server)

    with counted(bench) as (asked, redis):
        assert bench.work() == TASKS

    assert asked.transactions == asked.trips == (effects + 1) * TASKS + CLAIMS
    assert redis["trips"] <= TASKS


def test_a_lone_refund_under_caps_and_budgets_with_its_evidence_takes_six_round_trips(office: House) -> None:
    """The claim; its budgets; held against caps, intended with its evidence and committed; its end; its budgets settled;
    the claim that finds nothing.
    """
    open_shop(office)
    office.asked(order="101", form="first")  # pays for connections
    office.work()
    office.asked(order="102", form="second")
    take_up(office.runner)

    with asked_of(office.deployment.database.engine) as asked:
        assert work_shift(office.company, "default") == 1

    assert office.rows("select count(*) as n from task where state = 'done'")[0].n == 2
    assert asked.transactions == asked.trips == 6


def everything_takes(monkeypatch: pytest.MonkeyPatch, *, quick_s: float) -> None:
    """Nothing depends on how quick this machine is: a lane is quick if its tasks took less than that, claims stay small, and
    no lease has to be renewed.
    """
    monkeypatch.setattr(batch.Renewal, "_keep", lambda _: None)
    monkeypatch.setattr(moving_together, "LONGEST_S", NEVER_S)
    monkeypatch.setattr(moving_together, "QUICK_S", quick_s)
    monkeypatch.setattr(shift, "MOST", BATCH)
