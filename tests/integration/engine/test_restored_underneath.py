"""A record that is restored underneath living runners, or while they start, is worked by none before it is reconciled."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres
from chargehand.embedded.valkey import Valkey
from chargehand.heads import heads, may_work, set_aside
from engine import shift
from storage.database import Unit
from storage.sealed import sealed_size
from tests.builders import MORNING, House
from tests.databases import name_of
from tests.integration.engine.restoring import Backup, paid, seal, settle
from tests.integration.engine.test_pool import pool_of_two, until, until_done

Restore = Callable[[], None]


@pytest.fixture
def known(office: House, home: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A refund that was asked for and sealed; runners ask before they work, and don't linger over an error."""
    monkeypatch.setattr(shift, "_PAUSE_S", 0.0)
    for runner in (office.runner, office.peer):
        runner.may_work = partial(may_work, home)
    task = office.asked()
    seal(office)
    return task


@pytest.fixture
def lost(office: House, known: int, backup: Backup, postgres_server: Postgres) -> Restore:
    """A backup from before the refund was paid. The disk dies at once with all connections, and is restored when told."""
    copy, name = backup(office), str(office.deployment.database.engine.url.database)
    assert office.work()
    seal(office)
    assert len(paid(office)) == 1
    postgres_server.drop_database(name)
    return lambda: put_in_place(postgres_server, name, copy)


def put_in_place(server: Postgres, name: str, copy: DatabaseUrls) -> None:
    server.create_database(name, template=name_of(copy))


def reconciled(office: House, home: Path) -> None:
    settle(office)
    set_aside(home, office.company, stamp="then")
    assert heads(home, office.company) == []


def test_a_runner_that_lives_across_a_restore_works_nothing_before_it_is_reconciled(
    office: House, known: int, lost: Restore, home: Path
) -> None:
    assert office.work() == 0
    lost()

    worked = [office.work() for _ in range(3)]

    assert worked == [0, 0, 0]
    assert (office.task(known).state, office.task(known).fence) == ("ready", 0)
    assert len(paid(office)) == 1

    reconciled(office, home)

    assert office.work()
    assert office.task(known).state == "refused"
    assert len(paid(office)) == 1


def test_a_connection_that_breaks_is_asked_about_anew_and_one_that_holds_is_not(
    office: House, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def size(unit: Unit) -> int:
        asked.append(unit.company)
        return sealed_size(unit)

    monkeypatch.setattr("chargehand.heads.sealed_size", size)
    assert office.work()
    office.asked(form="form-2", order="1122", amount=100)
    assert office.work()
    once = list(asked)

    office.deployment.database.close()
    office.work()

    assert once == ["morning"]
    assert asked == ["morning"] * 2


@pytest.mark.parametrize("lives", [True, False], ids=["they live", "they start"])
def test_the_pool_waits_with_what_is_restored_while(
    lives: bool,
    office: House,
    known: int,
    backup: Backup,
    morning_urls: DatabaseUrls,
    postgres_server: Postgres,
    valkey_server: Valkey,
    home: Path,
) -> None:
    copy, log = backup(office), home / "runner.log"
    with Redis.from_url(valkey_server.url) as redis:
        redis.flushall()

    with ExitStack() as running:
        if lives:
            running.enter_context(pool_of_two(morning_urls, valkey_server.url, home, MORNING))
            until_done(office, known, 60)
        else:
            assert office.work()
        seal(office)
        office.deployment.database.close()
        postgres_server.drop_database(name_of(morning_urls))
        if not lives:
            running.enter_context(pool_of_two(morning_urls, valkey_server.url, home, MORNING))
        put_in_place(postgres_server, name_of(morning_urls), copy)

        until(lambda: swept(office) and "runner.waits" in log.read_text(), 60, log.read_text)
        assert (office.task(known).state, office.task(known).fence) == ("ready", 0)
        reconciled(office, home)
        until(lambda: swept(office) and office.task(known).state == "refused", 60, log.read_text)

    assert len(paid(office)) == 1


def swept(office: House) -> bool:
    office.sweep()
    return True
