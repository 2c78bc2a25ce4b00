"""A session that the server ended is told as such, whatever was under way on it, and a silent server is not waited for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chargehand.embedded.addresses import DatabaseUrls
from storage.database import BoundConnection, Database, Unit, ping
from storage.pipeline import Sendable
from storage.silence import LIMITS
from tests.builders import House
from tests.wire import wired

CONNECT_S = LIMITS["connect_timeout"]  # before the tests are given more time than people are
NEVER_S = 3600.0
LONGEST_S = 60.0
ENDED = text("select pg_terminate_backend(pg_backend_pid())")
SESSION = text("select pg_backend_pid()")


@contextmanager
def from_a_statement(connection: BoundConnection) -> Iterator[Unit]:
    """A transaction that begins with a statement."""
    with connection.transaction_from((Sendable(text("select 1 as one")), {})) as (unit, _):
        yield unit


WAYS = [BoundConnection.transaction, BoundConnection.statement, from_a_statement]


@pytest.mark.parametrize("way", WAYS)
def test_a_session_that_is_lost_is_said_to_be_lost(office: House, way: object) -> None:
    with office.deployment.database.bound("morning") as connection:
        connection.now()
        begun: AbstractContextManager[Unit] = way(connection)  # type: ignore[operator]

        with pytest.raises(OperationalError) as lost, begun as unit:
            unit.connection.execute(ENDED)

        assert lost.value.connection_invalidated


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_session_in_the_place_of_a_lost_one_belongs_to_the_same_company_until_it_is_given_back(
    office: House, way: object, at_once: bool
) -> None:
    office.ask()
    database, tasks = office.deployment.database, text("select count(*) from task")
    with database.bound("morning", at_once=at_once) as connection:
        with pytest.raises(OperationalError), connection.transaction() as unit:
            unit.connection.execute(ENDED)
        begun: AbstractContextManager[Unit] = way(connection)  # type: ignore[operator]
        with begun as unit:
            seen = unit.connection.execute(tasks).scalar_one()
            session = unit.connection.execute(SESSION).scalar_one()

    with database.unbound() as given_back:
        assert given_back.execute(SESSION).scalar_one() == session
        assert given_back.execute(tasks).scalar_one() == 0
    assert seen == 1


@pytest.fixture
def told_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits that people are told."""
    monkeypatch.setitem(LIMITS, "connect_timeout", CONNECT_S)


@pytest.mark.usefixtures("told_limits")
def test_a_host_that_is_silent_is_given_up(morning_urls: DatabaseUrls, short_temporary_folder: Path) -> None:
    with wired(morning_urls.app, folder=short_temporary_folder / "silent", delay_s=NEVER_S) as wire:
        database = Database(wire.url)

        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(ping, database.engine)
            gave_up = asked.exception(timeout=LONGEST_S)
        database.close()

    assert isinstance(gave_up, OperationalError)
    assert "timeout" in str(gave_up.orig)


@pytest.mark.usefixtures("told_limits")
def test_a_connection_asks_whether_its_host_is_there_as_long_as_nothing_is_said(morning_urls: DatabaseUrls) -> None:
    database = Database(f"{morning_urls.app}&keepalives_idle=77")
    with database.unbound() as connection:
        driver: Any = connection.connection.driver_connection
        said = driver.info.get_parameters()
    database.close()

    assert (said["keepalives"], said["keepalives_idle"], said["keepalives_interval"]) == ("1", "77", "5")
    assert (said["tcp_user_timeout"], said["connect_timeout"]) == ("20000", "5")
