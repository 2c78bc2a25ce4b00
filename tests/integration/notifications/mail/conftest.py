"""The morning company's outbox with Slack and a mail server played on loopback; Mei prefers mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from tests.builders import house
from tests.integration.notifications.mail.mail_office import MailOffice
from tests.integration.notifications.post_office import PostOffice, slack_team
from tests.plain_http import plain_client
from tests.ports import free_port
from tests.unit.sandbox.playing import PATIENT


@pytest.fixture
def mail_office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[MailOffice]:
    """The company at work, with its app installed, its mail server up and no courier yet."""
    with house(morning_urls, valkey_server.url, home) as office:
        team = slack_team(office.deployment.businesses["morning"])
        mail = {"relay": "127.0.0.1:1", "authserv_id": "mail.morning.example"}
        config, smtp_port = Config.model_validate({"teams": [team], "mail": mail}, strict=False), free_port()
        with (
            served(create_app(config, pace=PATIENT, smtp_port=smtp_port)) as sandbox,
            plain_client(timeout=60) as http,
        ):
            post = PostOffice(office, sandbox, http, valkey_server.url)
            post.install()
            yield MailOffice(post, smtp_port)
