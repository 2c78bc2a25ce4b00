"""The example company with a runner in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.builders import House, house
from tests.databases import stop_the_clock


@pytest.fixture
def office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The morning company at work, on a fresh database and a fresh shop."""
    with house(morning_urls, valkey_server.url, home) as found:
        yield found


@pytest.fixture
def standing_clock(morning_urls: DatabaseUrls) -> None:
    """For what depends on a second more or less: the record's time stands still between two waits."""
    stop_the_clock(morning_urls)
