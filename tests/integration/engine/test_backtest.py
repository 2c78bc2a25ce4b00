"""A changed contract is held against what was recorded, and says whose way would have been another."""

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.business import load
from contracts.loaded import LoadedLane
from engine.backtest import Report, Way, backtest
from tests.builders import MORNING, House
from tests.integration.engine.worlds import open_shop, press

LANE = MORNING / "lanes" / "refunds" / "lane.yaml"


def changed(*changes: tuple[str, str]) -> bytes:
    """The refund contract with some of its text replaced."""
    written = LANE.read_text()
    for before, after in changes:
        assert before in written
        written = written.replace(before, after)
    return written.encode()


LOWER = (('effect.args.amount"}, 50000]', 'effect.args.amount"}, 30000]'), ("[{effect.args.amount: 50000}, ", "["))


def lane_with(office: House, written: bytes) -> LoadedLane:
    return load({**office.deployment.sources["morning"], "lanes/refunds/lane.yaml": written}).lanes["refunds"]


def report_on(office: House, written: bytes, *, days: int = 30) -> Report:
    lane = lane_with(office, written)
    with office.deployment.database.transaction("morning") as unit:
        return backtest(unit, lane, unit.now - timedelta(days=days))


@pytest.fixture
def past(office: House) -> House:
    """Four tasks: paid at once (42.00 and 400.00), asked and approved (740.00), refused (no such order)."""
    open_shop(office)
    for form, amount in enumerate((4200, 40000, 74000)):
        task = office.asked(form=f"f{form}", order=f"{1001 + form}", amount=amount)
        office.work()
        if amount > 50000:
            press(office, task, "priya")
            office.work()
    return office


def test_a_lower_limit_asks_people_for_more_and_names_each_task(past: House) -> None:
    report = report_on(past, changed(*LOWER))

    assert report.more(Way.ASKS) == 1
    assert report.more(Way.STOPS) == 0
    (one,) = report.changed
    assert (one.before.way, one.after.way, one.after.rules) == (Way.GOES_ON, Way.ASKS, ("large refund",))
    assert "400.00 USD is within the limit 500.00 USD" in one.before.because
    assert "400.00 USD is above the limit 300.00 USD" in one.after.because


def test_the_same_contract_changes_nothing_and_looks_at_each_step_once(past: House) -> None:
    report = report_on(past, LANE.read_bytes())

    assert report.changed == []
    assert report.ways == {(Way.GOES_ON, Way.GOES_ON): 2, (Way.ASKS, Way.ASKS): 1}


def test_a_rule_that_reads_what_no_rule_read_before_is_tried_on_the_whole_facts(past: House) -> None:
    rule = """require:
  - name: reason is long enough
    before: pay
    rule: {"==": [{"var": "person.id"}, "kwame"]}
    because: Kwame alone may ask.
    examples: {accepted: [{person.id: kwame}], refused: [{person.id: anna}]}

"""
    report = report_on(past, changed(("require:\n", rule)))

    assert report.more(Way.STOPS) == 3
    assert {one.after.rules for one in report.changed} == {("reason is long enough",)}


def test_facts_that_were_erased_are_counted_and_not_guessed(past: House) -> None:
    past.rows("update judged_facts set facts = null where task = (select min(task) from judged_facts) returning 1")

    report = report_on(past, changed(*LOWER))

    assert (report.looked, report.erased) == (3, 1)


def test_what_is_older_is_left_out_and_other_companies_are_never_read(past: House) -> None:
    past.wait(40 * 86400)

    assert report_on(past, changed(*LOWER)).looked == 0
    assert report_on(past, changed(*LOWER), days=41).looked == 3
    with past.deployment.database.transaction("another") as unit:
        assert unit.connection.execute(text("select count(*) from judged_facts")).scalar_one() == 0


def test_a_step_that_is_gone_is_told_apart(past: House) -> None:
    past.rows("update judged_facts set step = 'wrap' where task = (select min(task) from judged_facts) returning 1")

    assert report_on(past, LANE.read_bytes()).homeless == 1


def test_the_command_prints_totals_and_tasks(past: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chargehand.commands.opening.opened", lambda _: nullcontext((past.deployment, "morning")))
    contract = tmp_path / "lower.yaml"
    contract.write_bytes(changed(*LOWER))
    words = ["backtest", "refunds", "--contract", str(contract)]

    told = CliRunner().invoke(app, words)
    as_json = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    broken = CliRunner().invoke(app, ["backtest", "refunds", "--contract", str(tmp_path / "none.yaml")])
    unclear = CliRunner().invoke(app, [*words, "--since", "a month"])

    lines = told.stdout.splitlines()
    assert lines[0] == "3 judgements of the last 30d: 1 would have gone another way."
    assert lines[1] == "-1 that go on by themselves, +1 approvals, +0 refusals"
    assert lines[3].endswith("at pay: goes on → asks a human")
    assert lines[5].startswith("  would be large refund: ")
    assert [one["after"]["way"] for one in as_json["changed"]] == ["asks a human"]
    assert "No such file" in broken.output
    assert "such as 30d" in unclear.output


def test_a_broken_contract_is_refused_with_its_mistakes(
    past: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargehand.commands.opening.opened", lambda _: nullcontext((past.deployment, "morning")))
    contract = tmp_path / "broken.yaml"
    contract.write_bytes(changed(('effect.args.amount"}, 50000]', 'effect.args.ammount"}, 50000]')))

    told = CliRunner().invoke(app, ["backtest", "refunds", "--contract", str(contract)])

    assert told.exit_code == 1
    assert "unknown fact effect.args.ammount" in str(told.exception)
