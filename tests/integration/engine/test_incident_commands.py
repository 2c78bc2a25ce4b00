"""`chargehand incidents` and `token`, as an operator types them."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from tests.builders import House
from tests.integration.engine.test_incidents import done


@pytest.fixture(autouse=True)
def at_the_office(office: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands open the house of the test."""
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CHARGEHAND_HOME", str(tmp_path))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["incidents", *words])


def test_what_is_wrong_is_said_listed_and_closed(office: House) -> None:
    task = f"T-{done(office)}"

    said = run("report", task, "The wrong customer.", "--as", "anna")
    listed = run("list")
    number = str(json.loads(run("list", "--json").stdout)[0]["incident"])
    early = run("close", number, "--minutes", "12", "--as", "mei")
    closed = run("close", number, "--cause", "stale-facts", "--minutes", "12", "--as", "mei")

    assert said.stdout == f"Thank you. It is on record as incident {number}, and Mei-Lin Zhao looks into it.\n"
    assert [part in listed.stdout for part in (task, "refunds/refund-payer", "The wrong customer.", "anna")] == [
        True
    ] * 4
    assert early.exit_code == 1
    assert early.stderr.startswith(f"Incident {number} can't be closed without a cause. Say which: reasoning, rights, ")
    assert closed.stdout == f"Incident {number} is closed: stale facts, 12 min to put right.\n"
    assert run("list").stdout == "No incident is open.\n"
    assert "closed: stale facts, 12 min to put right" in run("list", "--all").stdout


def test_a_cause_that_is_none_names_those_that_are(office: House) -> None:
    answer = run("close", "1", "--cause", "bad-luck", "--as", "mei")

    assert answer.exit_code == 2
    assert "missing approval" in " ".join(answer.stderr.split())


def test_a_person_s_token_is_printed_and_that_it_was_made_is_on_their_trail(office: House) -> None:
    made = CliRunner().invoke(app, ["token", "anna", "--days", "7"])
    nobody = CliRunner().invoke(app, ["token", "nobody"])

    assert made.stdout.startswith("morning.anna.")
    assert nobody.exit_code == 2
    assert office.rows("select 1 from audit_entry where trail = 'person:anna' and event = 'token_made'")
