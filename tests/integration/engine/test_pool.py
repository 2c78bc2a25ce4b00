"""The real pool in its own process: whoever dies or hangs is replaced at once, and nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from redis import Redis

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from tests.builders import House, house
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, stuck

LONG_S = 600
"""A lease, or a deadline, that ends in no test: what is freed was freed by the pool."""
SLOW = '''
def _linger(number: str) -> None:
    """Say who works, and what of its memory no collection walks through; then linger as long as the test wants."""
    (FOLDER / f"{number}.kept").write_text(f"{gc.get_freeze_count()} of {gc.get_freeze_count() + len(gc.get_objects())}")
    (FOLDER / f"{number}.pid").write_text(str(os.getpid()))
    while (FOLDER / f"slow-{number}").exists():
        time.sleep(0.05)


@worker
def check('''


@contextmanager
def slow_house(urls: DatabaseUrls, redis_url: str, home: Path, deadline: str = "30s") -> Iterator[tuple[House, Path]]:
    """A company whose first step lingers while a file named for its order exists."""
    home.mkdir(parents=True)
    changes = {
        "lanes/refunds/workers.py": ("\n@worker\ndef check(", SLOW),
        "lanes/refunds/lane.yaml": (
            "evidence: [order.json]\n    deadline: 10s",
            f"evidence: [order.json]\n    deadline: {deadline}",
        ),
    }
    folder = changed_company(home, changes)
    code = folder / "lanes/refunds/workers.py"
    imports = "import gc\nimport json\nimport os\nimport time\nfrom pathlib import Path\n"
    text = code.read_text().replace("import json\n", imports)
    text = text.replace(
        "import Checked, Paid, Refund\n", f"import Checked, Paid, Refund\n\nFOLDER = Path({str(home)!r})\n"
    )
    code.write_text(
        text.replace("    order = desk.shop.order", "    _linger(request.order)\n    order = desk.shop.order")
    )
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    with house(urls, redis_url, home, folder=folder) as found:
        yield found, folder


@contextmanager
def pool_of_two(
    urls: DatabaseUrls, redis_url: str, home: Path, folder: Path, *, lease_s: float = 10.0
) -> Iterator[psutil.Process]:
    """`chargehand runner`, as the Procfile starts it: two runners, and one of the runtime that the peers are on."""
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG"}},
        "CHARGEHAND_HOME": str(home),
        "CHARGEHAND_BUSINESS": str(folder),
        "CHARGEHAND_RUNNERS": "2",
        "CHARGEHAND_LEASE": str(lease_s),
        "CHARGEHAND_TEST": "1",
        "DATABASE_URL": urls.app,
        "REDIS_URL": redis_url,
    }
    with (home / "runner.log").open("w") as log:
        command = [sys.executable, "-P", "-m", "chargehand", "runner"]
        started = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        process = psutil.Process(started.pid)
        try:
            until(lambda: len(children(process)) == 3, 60, (home / "runner.log").read_text)
            yield process
        finally:
            left = [process, *children(process)]
            started.kill()
            started.wait()
            for one in left[1:]:
                with suppress(psutil.NoSuchProcess):  # they end with their pool
                    one.kill()


def children(process: psutil.Process) -> list[psutil.Process]:
    """The pool's runners."""
    with suppress(psutil.NoSuchProcess):
        return process.children() if _runs(process) else []
    return []


def until(holds: Callable[[], bool], seconds: float, explain: Callable[[], str] = str) -> float:
    """Wait until something holds; how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, explain()
        time.sleep(0.05)
    return time.monotonic() - began


def until_done(office: House, task: int, seconds: float) -> float:
    """Wait for a task with the clock going round."""

    def done() -> bool:
        office.sweep()
        return office.task(task).state is TaskState.DONE

    return until(done, seconds, lambda: str(office.task(task)))


def linger(home: Path, order: str) -> Path:
    """Have the step of an order linger until the file is gone."""
    path = home / f"slow-{order}"
    path.touch()
    return path


def pid_of(home: Path, order: str) -> int:
    """The runner that works on an order, once one does."""
    path = home / f"{order}.pid"
    until(lambda: path.exists() and path.read_text() != "", 30)
    return int(path.read_text())


def assert_paid_once(office: House, task: int) -> None:
    """One refund in the shop, and a whole trail."""
    assert len(office.shop("select 1 from refunds where key = ?", f"morning/T-{task}/pay/1/1")) == 1
    assert_trail_is_whole(office, task)
    assert stuck(office) == []


def test_a_runner_killed_in_a_step_frees_its_task_at_once_and_is_replaced(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    """Not by the end of its lease, which is ten minutes away: the record's clock is put back before it dies."""
    with (
        slow_house(database_urls, valkey_server.url, home) as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder) as pool,
    ):
        slow = linger(home, "1234")
        task = office.asked()
        killed = pid_of(home, "1234")
        os.kill(killed, signal.SIGSTOP)
        slow.unlink()
        office.wait(-600)
        os.kill(killed, signal.SIGKILL)

        until_done(office, task, 60)

        assert_paid_once(office, task)
        events = [row.event for row in office.rows("select event from audit_entry where trail = :t", t=f"task:{task}")]
        assert "taken_over" in events
        until(lambda: len(children(pool)) == 3, 30)
        assert killed not in {one.pid for one in children(pool)}


def test_no_collection_of_garbage_walks_through_what_a_runner_began_with(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home) as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder),
    ):
        task = office.asked()
        pid_of(home, "1234")

        until_done(office, task, 60)

        kept, objects = map(int, (home / "1234.kept").read_text().split(" of "))
        assert kept > 0.9 * objects


def test_a_step_that_hangs_past_its_deadline_is_ended_from_outside(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home, "4s") as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder, lease_s=LONG_S) as pool,
    ):
        slow = linger(home, "1234")
        task = office.asked()
        hung = pid_of(home, "1234")

        until(lambda: not psutil.pid_exists(hung), 30)
        slow.unlink()

        until_done(office, task, 60)
        assert_paid_once(office, task)
        until(lambda: len(children(pool)) == 3, 60)
        assert hung not in {one.pid for one in children(pool)}
        assert "overdue" in fates(office)


def fates(office: House) -> set[str]:
    """What is on record of runners that lost a task."""
    return {row.event for row in office.rows("select event from audit_entry where trail like 'runner:%'")}


def test_a_step_that_outlasts_the_stop_of_its_pool_is_no_death_of_its_runner(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home, f"{LONG_S}s") as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder, lease_s=LONG_S) as pool,
    ):
        slow = linger(home, "1234")
        task = office.asked()
        pid_of(home, "1234")

        pool.terminate()
        until(lambda: not _runs(pool), 60)
        slow.unlink()
        until_worked(office, task)

        assert fates(office) == {"stopped"}
        assert_paid_once(office, task)


def until_worked(office: House, task: int) -> None:
    """Wait for a task with the runner of this process."""

    def done() -> bool:
        office.work()
        return office.task(task).state is TaskState.DONE

    until(done, 60, lambda: str(office.task(task)))


def test_a_stopped_pool_finishes_the_step_under_way_and_hands_back_the_rest(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home) as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder) as pool,
    ):
        slow = [linger(home, order) for order in ("1001", "1002")]
        first = [office.asked(order=order, form=order, amount=100) for order in ("1001", "1002")]
        for order in ("1001", "1002"):
            office.sweep()
            pid_of(home, order)
        rest = [office.asked(order=order, form=order, amount=100) for order in ("1003", "1004")]

        began = time.monotonic()
        pool.terminate()
        for path in slow:
            path.unlink()
        until(lambda: not children(pool) and not _runs(pool), 30)

        assert time.monotonic() - began < 30
        assert {office.task(task).state for task in first} == {TaskState.DONE}
        assert {office.task(task).state for task in rest} == {TaskState.READY}
        assert office.rows("select 1 from task where lease_runner is not null") == []


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_runners_whose_pool_was_killed_end_by_themselves(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home) as (_, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder) as pool,
    ):
        runners = children(pool)

        pool.kill()

        until(lambda: not any(_runs(one) for one in runners), 30)


@pytest.mark.parametrize("times", [3])
def test_runners_that_are_killed_again_and_again_lose_nothing(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, times: int
) -> None:
    with (
        slow_house(database_urls, valkey_server.url, home) as (office, folder),
        pool_of_two(database_urls, valkey_server.url, home, folder) as pool,
    ):
        orders = [row[0] for row in office.shop("select number from orders where status = 'paid' and paid > 100")]
        tasks = [office.asked(order=order, form=order, amount=100) for order in orders]
        for _ in range(times):
            office.sweep()
            time.sleep(0.3)
            for one in children(pool)[:1]:
                with suppress(psutil.NoSuchProcess):
                    one.kill()

        def all_ended() -> bool:
            office.sweep()
            open_ones = "select 1 from task where state not in ('done', 'refused')"
            return office.rows(open_ones) == []

        until(
            all_ended, 60, lambda: str(office.rows("select number, state, sentence from task where ended_at is null"))
        )
        for task in tasks:
            if office.task(task).state is TaskState.DONE:
                assert_paid_once(office, task)
        doubles = "select key from refunds group by key having count(*) > 1"
        assert office.shop(doubles) == []
