"""What is too old for a step is read again before it begins, and what is old even then changes nothing."""

from pathlib import Path

import pytest

from contracts.authoring import Reading, Transient
from contracts.vocabulary import Standing, TaskState
from tests.builders import House
from tests.integration.engine.test_standing import say, without_peers
from tests.integration.engine.test_whys import ask, rows
from tests.integration.engine.worlds import (
    Shop,
    assert_trail_is_whole,
    changed_company,
    deploy,
    open_shop,
    press,
    raising,
    stuck,
)

LANE = "lanes/refunds/lane.yaml"
RECHECK = "    recheck: [check]\n"
FRESH = (RECHECK, "    fresh: {order: 10m}\n")
HOUR_S = 3600


@pytest.fixture
def shop(office: House, home: Path) -> Shop:
    """The shop of a company whose payer wants orders that were read within ten minutes."""
    deploy(office, changed_company(home, {LANE: FRESH}))
    return open_shop(office)


def steps_done(office: House, task: int) -> list[str]:
    """The steps whose output is on record, in order."""
    return [
        row.step for row in office.rows("select step from step_result where task = :task order by version", task=task)
    ]


def now_s(office: House) -> int:
    """The record's clock, in epoch seconds."""
    return int(office.rows("select extract(epoch from chargehand_now()) as now")[0].now)


def test_what_is_fresh_enough_is_not_read_again(office: House, shop: Shop) -> None:
    task = office.asked(amount=60000)
    office.work()

    office.wait(300)
    press(office, task, office.approvers[0])
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert (shop.orders_read, shop.performs) == (1, 1)


def test_what_is_too_old_is_read_again_before_an_approval_is_carried_out(office: House, shop: Shop) -> None:
    task = office.asked(amount=60000)
    office.work()

    office.wait(HOUR_S)
    press(office, task, office.approvers[0])
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert (shop.orders_read, shop.performs) == (2, 1)
    assert_trail_is_whole(office, task)


def test_rules_are_judged_on_what_was_read_again(office: House, shop: Shop) -> None:
    task = office.asked(amount=60000)
    office.work()
    shop.tells = lambda order: {**order, "refunded": 60000}

    office.wait(HOUR_S)
    press(office, task, office.approvers[0])
    office.work()

    assert office.task(task).state is TaskState.REFUSED
    assert office.task(task).sentence.startswith("Order 1234 already had 600.00 USD paid back.")
    assert shop.performs == 0


def test_a_step_that_begins_late_reads_again_first(office: House, home: Path) -> None:
    without_peers(home, office)
    lane = home / "company" / LANE
    lane.write_text(lane.read_text().replace(*FRESH))
    deploy(office, home / "company")
    shop = open_shop(office)
    say(office, "refunds/refund-payer", Standing.PAUSED)
    task = office.asked()
    office.work()
    assert steps_done(office, task) == ["check"]

    office.wait(HOUR_S)
    say(office, "refunds/refund-payer", Standing.ACTIVE)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert (shop.orders_read, shop.performs) == (2, 1)


def test_a_step_waits_for_a_reader_that_is_paused_instead_of_going_by_what_is_old(office: House, shop: Shop) -> None:
    task = office.asked(amount=60000)
    office.work()
    say(office, "refunds/order-checker", Standing.PAUSED, because="it is looked into")

    office.wait(HOUR_S)
    press(office, task, office.approvers[0])
    office.work()

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for, shop.performs) == (TaskState.WAITING, "blocker", 0)
    say(office, "refunds/order-checker", Standing.ACTIVE)
    office.work()
    assert (office.task(task).state, shop.orders_read, shop.performs) == (TaskState.DONE, 2, 1)


def test_a_read_that_fails_is_tried_again_and_the_approval_stands(office: House, shop: Shop) -> None:
    task = office.asked(amount=60000)
    office.work()
    shop.reading = [raising(Transient("The shop is busy.", cause="shop"))]

    office.wait(HOUR_S)
    press(office, task, office.approvers[0])
    office.work()  # the retry may be due by chance before the shift ends
    office.wait(60)
    office.work()

    assert [row.move for row in office.rows("select move from tried where task = :task", task=task)] == ["retry"]
    assert (office.task(task).state, shop.performs) == (TaskState.DONE, 1)
    assert len(office.rows("select 1 from decision where task = :task", task=task)) == 1


def test_a_source_that_lags_too_far_behind_changes_nothing_until_it_has_caught_up(office: House, shop: Shop) -> None:
    behind_s = HOUR_S + 30  # a runner's clock may be a moment behind the record's
    shop.tells = lambda order: Reading(order, as_of=now_s(office) - behind_s)
    task = office.asked()

    office.work()

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for, shop.performs) == (TaskState.WAITING, "time", 0)
    assert waiting.sentence.startswith(
        "Order is 1 h old although it was just read again from shop.order, and pay needs it"
    )
    behind_s = 60
    office.wait(120)
    office.work()
    assert (office.task(task).state, shop.performs) == (TaskState.DONE, 1)
    assert all("shop.order 1234 (" in line and ", as of " in line for line in rows(ask(office, f"T-{task}"))["Read"])


def test_a_source_that_stays_behind_comes_to_a_person(office: House, shop: Shop) -> None:
    shop.tells = lambda order: Reading(order, as_of=now_s(office) - HOUR_S)
    task = office.asked()

    for _ in range(12):
        office.work()
        if office.rows("select 1 from blocker"):
            break
        office.wait(120)

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for, shop.performs) == (TaskState.WAITING, "blocker", 0)
    assert office.rows("select cause from blocker") == [("stale order",)]
    assert stuck(office) == []


def test_a_clock_of_theirs_that_is_ahead_makes_nothing_fresher_than_now(office: House, shop: Shop) -> None:
    shop.tells = lambda order: Reading(order, as_of=now_s(office) + 10 * HOUR_S)
    task = office.asked(amount=60000)
    office.work()

    office.wait(HOUR_S)
    press(office, task, office.approvers[0])
    office.work()

    assert (office.task(task).state, shop.orders_read) == (TaskState.DONE, 2)


def test_what_a_tool_calls_suspect_is_as_suspect_as_what_a_worker_does(office: House, shop: Shop) -> None:
    shop.tells = lambda order: Reading(order, suspect="The nightly import of orders did not finish.")
    task = office.asked()

    office.work()

    waiting = office.task(task)
    assert (waiting.waiting_for, shop.performs) == ("blocker", 0)
    assert waiting.sentence.endswith("Order checker: The nightly import of orders did not finish.")


KNOWN = """\
require:
  - name: read within a day
    before: pay
    rule: {{"and": [{{"<": [{{"var": "derived.order_age"}}, 86400]}}, {rest}]}}
    because: Order {{request.order}} was read {{derived.order_age}} ago, from {{known.order.source}}.
    examples:
      accepted: [{{derived.order_age: 60, {accepted}}}]
      refused: [{{derived.order_age: 86400, {accepted}}}]
"""


@pytest.mark.parametrize(
    ("rest", "facts", "ends"),
    [
        ('{"==": [{"var": "known.order.source"}, "shop.order"]}', 'known.order.source: "shop.order"', TaskState.DONE),
        ('{"==": [{"var": "known.order.source"}, "crm.order"]}', 'known.order.source: "crm.order"', TaskState.REFUSED),
        ('{"==": [{"var": "known.order.trust"}, "ok"]}', "known.order.trust: ok", TaskState.DONE),
    ],
)
def test_rules_read_when_a_field_was_read_and_where_and_whether_it_is_sound(
    office: House, home: Path, rest: str, facts: str, ends: TaskState
) -> None:
    rules = "derive:\n  order_age: {take: age, of: known.order.at}\n" + KNOWN.format(rest=rest, accepted=facts)
    deploy(office, changed_company(home, {LANE: ("require:\n", rules)}))
    shop = open_shop(office)
    task = office.asked(amount=60000)
    office.work()
    if ends is TaskState.DONE:
        press(office, task, office.approvers[0])
        office.work()

    assert office.task(task).state is ends, office.task(task).sentence
    assert shop.performs == (ends is TaskState.DONE)


def test_a_lane_that_does_not_ask_keeps_no_dates(office: House) -> None:
    open_shop(office)
    task = office.asked()
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert "known" not in office.task(task).way
