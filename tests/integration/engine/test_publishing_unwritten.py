"""A gateway that starts over a record which can't be written serves the business that the record has."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from chargehand.composition import publish_all
from chargehand.embedded.addresses import DatabaseUrls
from engine.deployment import Deployment
from storage.database import Database
from tests.builders import House

READ_ONLY = "options=-c%20default_transaction_read_only%3Don"


@pytest.fixture
def read_only(office: House, morning_urls: DatabaseUrls) -> Iterator[Deployment]:
    """The same deployment over a database in which nothing can be written."""
    url = f"{morning_urls.app}{'&' if '?' in morning_urls.app else '?'}{READ_ONLY}"
    database = Database(url)
    yield replace(office.deployment, database=database)
    database.close()


def test_the_business_that_is_on_record_as_it_is_need_not_be_written_again(read_only: Deployment) -> None:
    with capture_logs() as logs:
        publish_all(read_only)

    ((said, why),) = [(one["event"], one["why"]) for one in logs]
    assert said == "business.not_written"
    assert "read-only transaction" in why


def test_a_changed_business_that_can_not_be_written_is_not_served(read_only: Deployment) -> None:
    changed = {name: replace(business, hash="0" * 64) for name, business in read_only.businesses.items()}

    with pytest.raises(DBAPIError, match="read-only transaction"):
        publish_all(replace(read_only, businesses=changed))
