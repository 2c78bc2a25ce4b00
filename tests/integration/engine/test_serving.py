"""The strategy can be walked both ways from the record: from a worker up to it, and from a number down to who moves it."""

import json
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.vocabulary import Standing
from engine.register import Wish, change
from engine.serving import NoSuchServant, why_kpi, why_lane, why_worker
from engine.whys.page import Why
from storage.database import Unit
from tests.builders import House

UP = "Refunds paid exactly once ‹ Nobody is paid twice ‹ Keep customers after something went wrong ‹ Keep the customers we have"


def rows(page: Why) -> dict[str, tuple[str, ...]]:
    """A page's rows by label."""
    return dict(page.rows)


def test_a_worker_is_walked_up_to_the_strategy(office: House) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        change(
            unit, office.deployment.businesses["morning"], Wish("refunds/refund-payer", Standing.PAUSED, "mei", "audit")
        )
        page = why_worker(unit, "refunds/refund-payer")

    told = rows(page)
    assert (page.headline, page.state) == ("Refund worker", "tier 3")
    assert told["Moves"] == (UP,)
    assert told["Owns"] == ("Every refund that is due is paid once",)
    assert told["Answers"] == ("Mei-Lin Zhao; the lane is Ruth Adeyemi's",)
    assert told["Stands"][0] == "paused"
    assert told["Stands"][1].endswith(" UTC paused, by Mei-Lin Zhao: audit")
    assert told["Works in"] == ("Refund an order (refunds), which serves Refunds answered within a day",)


def test_a_number_is_walked_both_ways(office: House) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        told = rows(why_kpi(unit, "refunds-paid-once"))

    assert told["Shows"] == (UP,)
    assert told["Moved by"] == ("refunds/refund-payer (Refund worker)", "refunds/night-payer (Refund worker)")
    assert "Served by" not in told


def test_a_lane_is_walked_up_and_down(office: House) -> None:
    with office.deployment.database.transaction(office.company) as unit:
        told = rows(why_lane(unit, "refunds"))

    assert told["Serves"][0].endswith("‹ Keep the customers we have")
    assert "refund-payer (Refund worker) moves Refunds paid exactly once" in told["Workers"]


@pytest.mark.parametrize(
    ("ask", "name", "said"),
    [
        (why_worker, "refunds/payer", "There is no worker refunds/payer. Did you mean refunds/"),
        (why_lane, "refund", "There is no lane refund. Did you mean refunds?"),
        (why_kpi, "refunds-once", "There is no KPI refunds-once. Did you mean refunds-paid-once?"),
    ],
)
def test_what_the_record_does_not_know_is_told_with_the_nearest(
    office: House, ask: Callable[[Unit, str], Why], name: str, said: str
) -> None:
    with office.deployment.database.transaction(office.company) as unit, pytest.raises(NoSuchServant) as error:
        ask(unit, name)

    assert str(error.value).startswith(said)


def test_the_command_asks_for_one_thing_and_prints_its_page(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    run = CliRunner().invoke

    told = json.loads(run(app, ["why", "--kpi", "refunds-paid-once", "--json"]).stdout)
    page = run(app, ["why", "--worker", "refunds/refund-payer"]).stdout
    neither, both = run(app, ["why"]), run(app, ["why", "T-1", "--lane", "refunds"])

    assert (told["kpi"], told["Shows"]) == ("refunds-paid-once", [UP])
    assert "Refund worker" in page
    assert [one.exit_code for one in (neither, both)] == [2, 2]
