"""The example company with a runner in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.builders import House, house


@pytest.fixture
def office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The morning company at work, on a fresh database and a fresh shop."""
    with house(morning_urls, valkey_server.url, home) as found:
        yield found
