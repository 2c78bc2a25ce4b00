"""The morning company's outbox, with Slack played on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from tests.builders import house
from tests.integration.notifications.post_office import PostOffice, slack_team
from tests.plain_http import plain_client
from tests.unit.sandbox.playing import PATIENT


@pytest.fixture
def post_office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[PostOffice]:
    """The company at work, with the app installed in its Slack team and no courier yet."""
    with house(morning_urls, valkey_server.url, home) as office:
        team = slack_team(office.deployment.businesses["morning"])
        config = Config.model_validate({"teams": [team]}, strict=False)
        with served(create_app(config, pace=PATIENT)) as slack, plain_client(timeout=60) as http:
            made = PostOffice(office, slack, http, valkey_server.url)
            made.install()
            yield made
