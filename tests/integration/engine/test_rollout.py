"""Swap the model, the code or a tool of a worker: where its lane says so, nothing is changed before it was compared."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from engine.register import NotChanged, NotEntitled
from engine.rollout import promote
from storage.audit import trail_of
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, deploy, open_shop

LANE, CODE = "lanes/refunds/lane.yaml", "lanes/refunds/workers.py"
PAYER = "    job: Refund worker\n"
HELD = (PAYER, f"{PAYER}    begins: compared\n")
SWAPPED = (PAYER, f"{PAYER}    begins: compared\n    model: larger\n")
CHANGED = ("reason=request.reason, because", "reason='lost', because")


@pytest.fixture
def run(office: House, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line on this house, whose shop is in memory."""
    shop = open_shop(office)
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    monkeypatch.setattr("chargehand.composition.systems", lambda deployed: {office.company: {"shop": shop}})
    return CliRunner()


def versions(office: House) -> dict[str, str]:
    """How each version of the refund worker stands, by its unit."""
    query = "select unit, standing from standing where unit like 'version:refunds/refund-payer@%'"
    return {row.unit: row.standing for row in office.rows(query)}


def test_a_swapped_model_changes_nothing_until_it_was_compared(office: House, run: CliRunner, tmp_path: Path) -> None:
    deploy(office, changed_company(tmp_path / "held", {LANE: HELD}))
    before = office.asked()
    office.work()
    assert office.task(before).state is TaskState.DONE
    deploy(office, changed_company(tmp_path / "swapped", {LANE: SWAPPED}))
    task = office.asked(form="form-2", order="5678")

    office.work()

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "of Refund worker is proposed, by deployment: it has not been compared" in row.sentence
    (blocker,) = office.rows("select owner, action from blocker where lifted_at is null")
    assert (blocker.owner, "chargehand compare refunds/refund-payer" in blocker.action) == ("mei", True)
    assert len(office.rows("select 1 from effect")) == 1
    told = run.invoke(app, ["compare", "refunds/refund-payer", "--as", "mei"], catch_exceptions=False)
    assert told.stdout == "1 of 1 are as they were.\n"
    assert len(office.rows("select 1 from effect")) == 1
    said = run.invoke(app, ["promote", "refunds/refund-payer", "--as", "mei", "--because", "the same"])
    assert said.stdout.endswith("of Refund worker is active. 1 task goes on\n")
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert Event.PARKED in assert_trail_is_whole(office, task)
    attempted = [one.worker_version for one in office.rows("select worker_version from attempt where step = 'pay'")]
    assert len(set(attempted)) == 2


def test_a_version_that_was_not_compared_is_not_promoted(office: House, run: CliRunner, tmp_path: Path) -> None:
    deploy(office, changed_company(tmp_path / "swapped", {LANE: SWAPPED}))

    with (
        pytest.raises(NotChanged, match="chargehand compare refunds/refund-payer"),
        office.deployment.database.transaction(office.company) as unit,
    ):
        promote(unit, office.deployment.businesses["morning"], "refunds/refund-payer", by="mei", because="I trust it")
    assert sorted(versions(office).values()) == ["active", "proposed"]


def test_a_comparison_tells_what_differs_and_carries_nothing_out(office: House, run: CliRunner, tmp_path: Path) -> None:
    shop = open_shop(office)
    deploy(office, changed_company(tmp_path / "held", {LANE: HELD}))
    task = office.asked()
    office.work()
    deploy(office, changed_company(tmp_path / "changed", {LANE: HELD, CODE: CHANGED}))

    told = json.loads(run.invoke(app, ["compare", "refunds/refund-payer", "--as", "mei", "--json"]).stdout)

    assert told["different"] == [{"task": f"T-{task}", "step": "pay", "differs": ["args"]}]
    assert shop.performs == 1
    with office.deployment.database.transaction(office.company) as unit:
        entry = trail_of(unit, "worker:refunds/refund-payer")[-1]
    assert (entry["event"], entry["content"]["different"]) == ("version_compared", 1)


def test_one_step_takes_a_version_back_and_the_one_before_works_where_it_is_deployed(
    office: House, run: CliRunner, tmp_path: Path
) -> None:
    held = changed_company(tmp_path / "held", {LANE: HELD})
    deploy(office, held)
    deploy(office, changed_company(tmp_path / "swapped", {LANE: SWAPPED}))
    run.invoke(app, ["compare", "refunds/refund-payer", "--as", "mei"])
    run.invoke(app, ["promote", "refunds/refund-payer", "--as", "mei", "--because", "looks good"])

    said = run.invoke(app, ["rollback", "refunds/refund-payer", "--as", "mei", "--because", "complaints"])
    task = office.asked()
    office.work()

    assert "of Refund worker is paused." in said.stdout
    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    deploy(office, held)
    office.wait(700)
    other = office.asked(form="form-2", order="5678")
    office.work()
    assert office.task(other).state is TaskState.DONE


def test_only_who_answers_for_a_worker_promotes_it(office: House, run: CliRunner, tmp_path: Path) -> None:
    deploy(office, changed_company(tmp_path / "swapped", {LANE: SWAPPED}))
    run.invoke(app, ["compare", "refunds/refund-payer", "--as", "anna"])

    wrong = run.invoke(app, ["promote", "refunds/refund-payer", "--as", "anna", "--because", "please"])

    assert isinstance(wrong.exception, NotEntitled)
    assert "proposed" in versions(office).values()


def test_where_nothing_is_said_a_new_version_begins_at_once(office: House, tmp_path: Path) -> None:
    open_shop(office)
    deploy(office, changed_company(tmp_path / "swapped", {LANE: (PAYER, f"{PAYER}    model: larger\n")}))
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert set(versions(office).values()) == {"active"}
