"""Deaths that come together: one after the other at one task, or while its money may still be on its way."""

import pytest
from sqlalchemy import text

from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on, survive
from tests.integration.engine.worlds import (
    Refund,
    assert_trail_is_whole,
    next_runner,
    open_shop,
    stuck,
)

AGAIN = ("claim.after_commit", "effect.before_call", "verify.after_look", "intend.after_commit")


def assert_paid_once(office: House, task: int) -> None:
    """One refund, one effect, one task, a whole trail, nothing left behind."""
    shop = office.runner.systems[office.company]["shop"]
    assert [(one.amount, one.key) for one in shop.refunds] == [(4200, f"morning/T-{task}/pay/1/1")]
    assert [row.state for row in office.rows("select state from effect")] == ["verified"]
    row = office.task(task)
    assert row.state is TaskState.DONE
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    assert len(office.rows("select 1 from task")) == 1
    assert len(office.rows("select 1 from outbox where message = 'result'")) == 1
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize("name", AGAIN)
def test_two_deaths_in_a_row_leave_exactly_one_refund(office: House, reaper: Reaper, name: str) -> None:
    open_shop(office)
    task = office.asked()
    died = reaper.kill_in(name, passes=[1, 2])

    live_on(office)

    assert died == [name, name]
    assert_paid_once(office, task)


def test_a_payment_that_may_still_be_on_its_way_is_not_made_again_before_it_must_have_settled(
    office: House, reaper: Reaper
) -> None:
    shop = open_shop(office)
    task = office.asked()
    reaper.kill_in("effect.before_call")
    survive(office.work)
    with office.deployment.database.unbound() as connection:
        connection.execute(text("select free_leases(array['test-default'])"))

    next_runner(office, "second")
    office.work()
    early = office.task(task)
    shop.refunds.append(Refund("1234", 4200, "The parcel was lost.", f"morning/T-{task}/pay/1/1"))
    office.wait(7)
    office.work()

    assert early.state is TaskState.VERIFYING
    assert shop.performs == 0
    assert_paid_once(office, task)


def test_a_poison_task_is_parked_after_two_lone_deaths_and_shown_while_the_others_go_on(
    office: House, reaper: Reaper
) -> None:
    open_shop(office)
    poison = office.asked()
    died = reaper.kill_in("claim.after_commit", passes=[1, 2, 3])

    for name in ("a", "b", "c", "d"):
        next_runner(office, f"runner-{name}")
        survive(office.work)
        office.wait(11)
    other = office.asked(order="1235", form="b")
    office.work()

    row = office.task(poison)
    assert len(died) == 3
    assert (row.state, row.waiting_for, row.due_at) == (TaskState.WAITING, WaitingFor.BLOCKER, None)
    assert "ended 3 runners" in row.sentence
    assert stuck(office) == []
    assert [r.person for r in office.rows("select person from outbox where message = 'card'")] == ["ruth"]
    assert office.task(other).state is TaskState.DONE


def test_a_poison_task_that_its_owner_sends_on_is_tried_again(office: House, reaper: Reaper) -> None:
    open_shop(office)
    task = office.asked()
    reaper.kill_in("claim.after_commit", passes=[1, 2, 3])
    for name in ("a", "b", "c", "d"):
        next_runner(office, f"runner-{name}")
        survive(office.work)
        office.wait(11)

    office.answer_blocker("ruth")
    office.work()

    assert_paid_once(office, task)
