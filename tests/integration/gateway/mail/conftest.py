"""The morning company with its mail door open: SMTP on loopback, and the gateway's route for providers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from gateway.app import GatewayParts, SlackConfig, create_app
from gateway.slack.signatures import SigningSecret
from sandbox.serving import served
from tests.builders import house
from tests.integration.gateway.mail.mail_door import SECRET, MailDoor, config, listening
from tests.plain_http import plain_client


@pytest.fixture
def door(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[MailDoor]:
    """The company in a database of its own."""
    settings = config()
    with house(morning_urls, valkey_server.url, home) as office:
        slack = SlackConfig((SigningSecret("0" * 32),), "http://127.0.0.1:1/", SECRET)
        app = create_app(GatewayParts(office.deployment, slack, "http://page.invalid", test=True, mail=settings))
        with served(app) as web, listening(office.deployment, settings) as port, plain_client(timeout=60) as http:
            yield MailDoor(office, port, web, http)
