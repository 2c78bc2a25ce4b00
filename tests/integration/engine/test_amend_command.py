"""`chargehand amend`, as somebody types it."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chargehand.cli import app
from contracts.vocabulary import TaskState
from engine.request_changes import offer
from tests.builders import House
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import open_shop

DIFFERS = "Amount to pay back: 42.00 USD → 30.00 USD"


@pytest.fixture(autouse=True)
def at_the_office(office: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands open the house of the test."""
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CHARGEHAND_HOME", str(tmp_path))


def amend(*words: str, says: str = "") -> Result:
    return CliRunner().invoke(app, ["amend", *words, "--as", "anna"], input=says)


def test_what_differs_is_shown_and_changed_after_a_yes(office: House) -> None:
    task = office.asked(by="anna")

    said = amend(f"T-{task}", "amount=30.00", "--because", "my mistake", says="y\n")

    assert said.stderr.startswith(f"{DIFFERS}\nChange T-{task} to that?")
    assert f"{DIFFERS}. T-{task} begins anew with that" in said.stdout
    assert said.exit_code == 0
    assert office.task(task).request == {"order": "1234", "amount": 3000, "reason": "The parcel was lost."}
    (kept,) = office.rows("select actor, content from audit_entry where event = 'request_changed'")
    assert (kept.actor, kept.content["via"], kept.content["reason"]) == ("person:anna", "terminal", "my mistake")


def test_a_no_changes_nothing(office: House) -> None:
    task = office.asked(by="anna")

    said = amend(f"T-{task}", "amount=30.00", says="n\n")

    assert said.exit_code == 1
    assert office.task(task).request["amount"] == 4200


def test_a_script_says_yes_beforehand_and_reads_json(office: House) -> None:
    task = office.asked(by="anna")

    said = amend(f"T-{task}", "amount=30.00", "--yes", "--json")

    assert json.loads(said.stdout)["outcome"] == "changed_it"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("amuont=30.00", "there is no field 'amuont'; refunds asks for order, amount, reason"),
        ("amount", "write KEY=VALUE; refunds asks for order, amount, reason"),
        ("amount=-3", "amount: Input should be greater than 0"),
        ("reason=", "reason: Field required"),
        ("amount=thirty", "amount: Write the amount like 42.00."),
        ("order=x", "order: String should match pattern"),
    ],
)
def test_a_mistake_names_its_field_and_the_way_out(office: House, field: str, said: str) -> None:
    task = office.asked(by="anna")

    answer = amend(f"T-{task}", field, "--yes")

    assert answer.exit_code == 2
    assert said in " ".join(answer.stderr.split())
    assert office.task(task).version == 2


def test_what_can_not_be_changed_any_more_ends_with_status_1_and_says_what_has_happened(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna")
    office.work()

    answer = amend(f"T-{task}", "amount=30.00", "--yes")

    assert answer.exit_code == 1
    assert answer.stdout.startswith(f"T-{task} has ended already: 42.00 USD refunded for order 1234. Ask anew")
    assert office.task(task).state is TaskState.DONE


def test_what_was_changed_between_the_question_and_the_yes_is_not_overwritten(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = office.asked(by="anna")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: rethink(office, task, amount=5000))

    answer = amend(f"T-{task}", "amount=30.00")

    assert answer.exit_code == 1
    assert answer.stdout == f"What T-{task} asks for was changed while you looked at it. Look again, and change that.\n"
    assert office.task(task).request["amount"] == 5000


def test_looking_changes_nothing(office: House) -> None:
    task = office.asked(by="anna")

    with office.deployment.database.transaction("morning") as unit:
        offer(office.deployment, unit, task, "anna")

    assert office.task(task).version == 2
