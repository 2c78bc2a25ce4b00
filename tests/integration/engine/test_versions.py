"""A task keeps the contract that it was accepted under; code that no longer fits it parks it and says why."""

from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import MORNING, House
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, deploy, open_shop, press, stuck

LANE = "lanes/refunds/lane.yaml"
WORKERS = "lanes/refunds/workers.py"


def test_a_task_that_waits_for_a_decision_is_carried_out_under_its_own_contract(office: House, home: Path) -> None:
    shop = open_shop(office)
    task = office.asked(amount=74000)
    office.work()
    was = office.task(task).lane_hash
    refuses_all = '{"<=": [{"var": "effect.args.amount"}, {"var": "state.order.paid"}]}'
    changed = changed_company(home, {LANE: ("Refund an order", "Pay an order back")})
    assert refuses_all in (changed / LANE).read_text()
    deploy(office, changed)

    press(office, task, "priya")
    office.work()
    new = office.asked(order="1235", form="new")

    assert office.task(task).state is TaskState.DONE
    assert office.task(task).lane_hash == was != office.task(new).lane_hash
    assert shop.performs == 1
    assert len(office.rows("select 1 from lane_version where lane = 'refunds'")) == 2


def test_a_raised_limit_does_not_reach_a_task_that_was_accepted_before_it(office: House, home: Path) -> None:
    open_shop(office)
    old = office.asked(amount=60000)
    limits = (
        'when: {">": [{"var": "effect.args.amount"}, 50000]}',
        'when: {">": [{"var": "effect.args.amount"}, 50500]}',
    )
    folder = changed_company(home, {LANE: limits})
    lane = (folder / LANE).read_text()
    lane = lane.replace("accepted: [{effect.args.amount: 50001}", "accepted: [{effect.args.amount: 50501}")
    (folder / LANE).write_text(lane)
    deploy(office, folder)

    office.work()

    assert office.task(old).waiting_for is WaitingFor.DECISION
    assert "500.00 USD" in office.rows("select card from decision")[0].card["because"]


def without_pay(home: Path) -> Path:
    """A deployment whose second step is called something else, in file and code."""
    folder = changed_company(home, {WORKERS: ("def pay(", "def pay_back(")})
    lane = (folder / LANE).read_text()
    lane = lane.replace("run: workers:pay", "run: workers:pay_back").replace("- name: pay\n", "- name: pay-back\n")
    (folder / LANE).write_text(lane.replace("before: pay\n", "before: pay-back\n"))
    return folder


def test_a_step_that_the_deployed_code_no_longer_has_parks_the_task_and_says_why(office: House, home: Path) -> None:
    shop = open_shop(office)
    task = office.asked(amount=74000)
    office.work()
    place = (office.task(task).step, office.task(task).worker)
    deploy(office, without_pay(home))

    press(office, task, "priya")
    office.work()

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "no longer fits" in row.sentence
    assert (row.step, row.worker) == place
    assert row.due_at is not None
    assert stuck(office) == []
    assert shop.performs == 0
    asked = office.rows("select entitled from decision where kind = 'escalation'")
    assert [one.entitled for one in asked] == [["ruth"]]
    assert Event.PARKED in assert_trail_is_whole(office, task)


def test_restoring_the_code_unparks_the_task_at_its_next_look(office: House, home: Path) -> None:
    shop = open_shop(office)
    task = office.asked(amount=74000)
    office.work()
    deploy(office, without_pay(home))
    press(office, task, "priya")
    office.work()

    deploy(office, MORNING)
    office.wait(700)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
    assert office.rows("select 1 from blocker where lifted_at is null") == []


def test_a_version_that_nobody_published_parks_the_task(office: House) -> None:
    open_shop(office)
    task = office.asked()
    office.rows("update task set lane_hash = 'ffff' where number = :n returning 1", n=task)

    office.work()

    row = office.task(task)
    assert row.state is TaskState.WAITING
    assert "was never published here" in row.sentence
    assert stuck(office) == []


@pytest.mark.parametrize("edit", ["update lane_version set files = '{}'", "delete from lane_version"])
def test_a_published_version_can_not_be_edited(office: House, edit: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        office.rows(f"{edit} where lane = 'refunds' returning 1")
