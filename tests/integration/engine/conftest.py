"""The example company with a runner in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.builders import House, house
from tests.integration.engine.dying import Reaper
from tests.integration.engine.prospects import company


@pytest.fixture
def office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The morning company at work, on a fresh database and a fresh shop."""
    with house(morning_urls, valkey_server.url, home) as found:
        yield found


@pytest.fixture
def growth(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, tmp_path: Path) -> Iterator[House]:
    """A company with two lanes on one subject."""
    with house(database_urls, valkey_server.url, home, folder=company(tmp_path / "prospects")) as found:
        found.company = "prospects"
        yield found


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    """Kills nobody before it is told whom."""
    return Reaper(monkeypatch)


@pytest.fixture
def redis(valkey_server: Valkey) -> Iterator[Redis]:
    """The queue's Redis, empty."""
    with Redis.from_url(valkey_server.url) as connection:
        connection.flushall()
        yield connection
