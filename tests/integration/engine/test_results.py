"""What each worker came to: successes, costs with people's time, and fitness, from what stands on record."""

import json
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chargehand.cli import app
from contracts.vocabulary import Answer, CauseClass
from engine.scorecard.results import Result, results
from tests.builders import House
from tests.integration.engine.test_economics import unpriced
from tests.integration.engine.test_incidents import done, end, say
from tests.integration.engine.worlds import deploy, open_shop, press, raising

PAYER, CHECKER = ("refunds", "refund-payer"), ("refunds", "order-checker")
HOUR = Decimal("39.60")


def scored(office: House, *, days: int = 30) -> dict[tuple[str, str], Result]:
    business = office.deployment.businesses[office.company]
    with office.deployment.database.transaction(office.company) as unit:
        return {(one.lane, one.worker): one for one in results(unit, business, days=days)}


def layers(one: Result) -> dict[str, float | None]:
    return {name: layer.score for name, layer in one.fitness.layers.items()}


def test_every_worker_is_there_and_who_did_nothing_has_no_score_of_its_own(office: House) -> None:
    found = scored(office)

    idle = found[PAYER]
    assert len(found) == sum(len(one.lane.workers) for one in office.deployment.businesses["morning"].lanes.values())
    assert (idle.runs, idle.success_rate, idle.per_run, idle.per_success) == (0, None, None, None)
    assert layers(idle)["task quality"] is None


def test_both_workers_of_a_refund_have_their_run_and_what_it_cost(office: House) -> None:
    done(office)

    found = scored(office)

    for name in (PAYER, CHECKER):
        one = found[name]
        assert (one.runs, one.settled, one.successes, one.success_rate) == (1, 1, 1, 1.0)
        assert one.per_run == one.per_success == one.cost.machine
        assert (one.correction_s, one.correction) == (0, Decimal(0))
    assert found[CHECKER].cost.tool_calls == 1
    assert found[PAYER].cost.tool_calls == 2  # performed, and looked at once


def test_a_result_that_is_wrong_is_no_success_of_the_worker_behind_it_and_of_nobody_else(office: House) -> None:
    open_shop(office)
    tasks = [done(office, order=f"10{n}", form=f"f{n}") for n in range(4)]
    before = scored(office)
    number = say(office, tasks[0]).incident or 0
    say(office, tasks[0], by="priya")

    said = scored(office)
    end(office, number, cause=CauseClass.DATA, minutes=10)
    closed = scored(office)

    assert (before[PAYER].success_rate, said[PAYER].success_rate, said[CHECKER].success_rate) == (1.0, 0.75, 1.0)
    assert (said[PAYER].wrong, closed[PAYER].success_rate) == (1, 0.75)
    assert closed[PAYER].correction == closed[PAYER].cost.people == HOUR / 6
    assert closed[PAYER].per_success == (closed[PAYER].cost.machine or HOUR) / 3 + HOUR / 18
    assert (before[PAYER].per_success or 0) < (said[PAYER].per_success or 0) < (closed[PAYER].per_success or 0)


@pytest.mark.parametrize(
    ("cause", "layer"),
    [
        (CauseClass.REASONING, "task quality"),
        (CauseClass.RIGHTS, "contract compliance"),
        (CauseClass.TOOL, "reliability"),
    ],
)
def test_a_wrong_result_moves_the_layer_of_its_cause(office: House, cause: CauseClass, layer: str) -> None:
    task = done(office)
    before = layers(scored(office)[PAYER])
    number = say(office, task).incident or 0
    still_open = layers(scored(office)[PAYER])
    end(office, number, cause=cause, minutes=0)

    closed = layers(scored(office)[PAYER])

    assert still_open == before | {"task quality": 0.0, "economy": None}
    assert closed == before | {layer: 0.0, "economy": None}


def test_what_people_took_to_put_right_makes_a_worker_dearer_than_it_should_be(office: House) -> None:
    open_shop(office)
    tasks = [done(office, order=f"10{n}", form=f"f{n}") for n in range(2)]
    number = say(office, tasks[0]).incident or 0
    before = layers(scored(office)[PAYER])["economy"]

    end(office, number, cause=CauseClass.DATA, minutes=60)

    assert before == 1.0
    assert (layers(scored(office)[PAYER])["economy"] or 1) < 0.01


def test_a_refusal_is_neither_success_nor_failure_until_somebody_says_that_it_is_wrong(office: House) -> None:
    refused = done(office, order="9999")
    before = scored(office)[PAYER]

    say(office, refused)

    after = scored(office)[PAYER]
    assert (before.runs, before.settled, before.success_rate) == (1, 0, None)
    assert (after.settled, after.success_rate) == (1, 0.0)


def test_tries_that_failed_cost_and_count_as_unreliable(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError())]
    task = office.asked()
    for _ in range(3):
        office.work()
        office.wait(10)

    one = scored(office)[CHECKER]

    assert office.task(task).state == "done"
    assert (one.runs, layers(one)["reliability"]) == (1, 0.5)
    assert one.fitness.layers["reliability"].inputs == {"attempts": 2, "failed": 1, "wrong": 0}


def test_deciding_is_part_of_what_a_success_costs(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()
    press(office, task, "priya", Answer.APPROVE)
    office.work()

    one = scored(office)[PAYER]

    assert one.cost.people_s > 0
    assert (one.correction_s, one.per_success) == (0, one.cost.amount)


def test_without_a_price_nothing_is_free(office: House, home: Path) -> None:
    done(office)
    deploy(office, unpriced(home))

    one = scored(office)[PAYER]

    assert (one.runs, one.per_run, one.per_success, layers(one)["economy"]) == (1, None, None, None)


def test_what_ended_before_is_left_out(office: House) -> None:
    say(office, done(office), minutes=5)
    office.wait(8 * 86400)

    assert (scored(office, days=7)[PAYER].runs, scored(office, days=7)[PAYER].correction_s) == (0, 0)
    assert (scored(office, days=9)[PAYER].runs, scored(office, days=9)[PAYER].correction_s) == (1, 300)


def test_the_command_shows_them(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("opening", "scores"):
        monkeypatch.setattr(
            f"chargehand.commands.{place}.opened", lambda company: nullcontext((office.deployment, office.company))
        )
    monkeypatch.setenv("COLUMNS", "160")
    end(office, say(office, done(office)).incident or 0, cause=CauseClass.DATA, minutes=12)

    shown = CliRunner().invoke(app, ["workers", "--score"]).stdout
    found = json.loads(CliRunner().invoke(app, ["workers", "--score", "--days", "1", "--json"]).stdout)

    (line,) = [line for line in shown.splitlines() if line.startswith("refunds/refund-payer")]
    (payer,) = [one for one in found if one["worker"] == "refunds/refund-payer"]
    assert "12 min, 7.92 USD" in line
    assert (payer["success_rate"], payer["correction_minutes"], payer["correction"]) == (0.0, 12.0, "7.92")
    assert payer["fitness"]["layers"]["task quality"] == {"score": 0.0, "inputs": {"runs": 1, "wrong": 1}}
