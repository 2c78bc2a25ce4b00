"""`chargehand digest`: the week on paper, in the browser, and in the outbox."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chargehand.cli import app
from engine.scorecard.digests import kept
from tests.builders import House
from tests.integration.engine.worlds import changed_company, deploy

CARE = "{id: care, name: Customer care, manager: ruth}"


@pytest.fixture
def opened(office: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands work on this house; what they would open in a browser."""
    pages: list[str] = []
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    monkeypatch.setattr(typer, "launch", pages.append)
    return pages


def test_it_prints_the_week_so_far_and_writes_nothing(office: House, opened: list[str]) -> None:
    office.asked(order="1236")
    office.work()

    said = CliRunner().invoke(app, ["digest"])

    assert said.stdout.startswith("Customer care, week ")
    assert " so far: no number behind. Nothing needs you.\n" in said.stdout
    assert "1 done · 100% verified" in said.stdout
    assert office.rows("select 1 from digest") == []
    assert opened == []


def test_open_writes_the_page_into_the_home_folder_and_opens_it(office: House, opened: list[str]) -> None:
    said = CliRunner().invoke(app, ["digest", "--portfolio", "care", "--open"])

    (page,) = (office.deployment.home / "digests").iterdir()
    assert opened == [page.absolute().as_uri()]
    assert str(page.absolute()) in said.stderr
    assert said.stdout.splitlines()[0] in page.read_text()
    assert "prefers-color-scheme: dark" in page.read_text()


def test_send_puts_exactly_what_is_printed_into_the_outbox_beside_the_weekly_one(
    office: House, opened: list[str]
) -> None:
    said = [CliRunner().invoke(app, ["digest", "--portfolio", "care", "--send", "--json"]) for _ in range(2)]

    rows = office.rows("select name, made_by, manager, shown from digest order by made_at")
    letters = office.rows(
        "select details->>'digest' as digest, person from outbox where message = 'digest' order by id"
    )
    assert [json.loads(one.stdout)[0] for one in said] == [row.shown for row in rows]
    assert [(letter.digest, letter.person) for letter in letters] == [(row.name, "ruth") for row in rows]
    assert {(row.made_by, row.manager) for row in rows} == {("terminal", "ruth")}
    assert len({row.name for row in rows}) == 2
    assert all(row.name.startswith("care:") and row.name.count(":") == 2 for row in rows)
    with office.deployment.database.transaction(office.company) as unit:
        assert kept(unit, rows[0].name).scope.portfolio == "care"


def test_portfolios_that_have_nothing_to_tell_of_are_told_by_name_only(
    office: House, home: Path, opened: list[str]
) -> None:
    both = f"{CARE}\n      - {{id: growth, name: Growth, manager: mei}}"
    others = {f"lanes/{lane}/lane.yaml": ("stage: 3", "stage: 1") for lane in ("outreach", "publishing")}
    deploy(office, changed_company(home, {**others, "company.yaml": (CARE, both)}))

    said = CliRunner().invoke(app, ["digest"])
    one = CliRunner().invoke(app, ["digest", "--portfolio", "growth"])

    assert [line.partition(",")[0] for line in said.stdout.splitlines() if " so far: " in line] == ["Customer care"]
    assert one.stdout.startswith("Growth, week ")
