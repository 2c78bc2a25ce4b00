"""What came in and can't be handled is looked at again with growing pauses, then left, told of, and never lost."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from storage import deliveries
from storage.deliveries import GIVE_UP_AFTER, Delivery
from tests.builders import House, house

KEY = "slack:Ev1"


@pytest.fixture
def office(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The morning company, with one delivery that nobody handles."""
    with house(morning_urls, valkey_server.url, home) as found:
        deliveries.receive(found.deployment.database, Delivery("morning", KEY, "slack", "view_submission", {}))
        yield found


def brought(office: House, *, after: timedelta) -> list[str]:
    """What a sweep of the gateway brings at a later moment."""
    with office.deployment.database.transaction("morning") as unit:
        unit.now += after
        return [one.key for one in deliveries.overdue(unit, source="slack", limit=20)]


def notices(office: House) -> list[tuple[str, str]]:
    rows = office.rows("select person, details from outbox where message = 'notice'")
    return [(row.person, row.details["sentence"]) for row in rows]


def test_it_is_tried_often_enough_then_left_and_the_operator_is_told_once(office: House) -> None:
    tries = [brought(office, after=timedelta(days=day)) for day in range(1, GIVE_UP_AFTER + 1)]
    told_before = notices(office)

    last = [brought(office, after=timedelta(days=GIVE_UP_AFTER + day)) for day in (1, 2)]

    assert tries == [[KEY]] * GIVE_UP_AFTER
    assert told_before == []
    assert last == [[], []]
    ((person, sentence),) = notices(office)
    assert person == "jonas"
    assert "could not be handled in 8 tries" in sentence
    assert sentence.endswith(f"chargehand deliveries --retry {KEY}")


def test_the_command_lists_what_is_left_and_has_it_looked_at_again(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargehand.commands.opening.opened", lambda _: nullcontext((office.deployment, "morning")))
    for day in range(1, GIVE_UP_AFTER + 2):
        brought(office, after=timedelta(days=day))

    left = json.loads(CliRunner().invoke(app, ["deliveries", "--json"]).stdout)
    shown = CliRunner().invoke(app, ["deliveries"]).stdout
    retried = CliRunner().invoke(app, ["deliveries", "--retry", KEY])
    unknown = CliRunner().invoke(app, ["deliveries", "--retry", "slack:Ev2"])

    assert [(one["key"], one["due_at"]) for one in left] == [(KEY, None)]
    assert "left" in shown
    assert retried.exit_code == 0
    assert brought(office, after=timedelta(seconds=1)) == [KEY]
    assert unknown.exit_code != 0
    assert "there is no such delivery" in unknown.output


def test_what_was_dealt_with_is_not_looked_at_again(office: House) -> None:
    office.rows("update delivery set handled_at = now(), became = 'ignored' returning 1")

    with office.deployment.database.transaction("morning") as unit:
        assert not deliveries.look_again(unit, KEY)
        assert deliveries.unhandled(unit, limit=5) == []
