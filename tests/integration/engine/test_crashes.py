"""A death at every place where a process can die: another runner goes on, and the refund is paid exactly once."""

import pytest
from sqlalchemy import text

from contracts.vocabulary import TaskState, WaitingFor
from engine.intake import Accepted
from tests.builders import House
from tests.integration.engine.dying import Reaper, survive
from tests.integration.engine.worlds import (
    Refund,
    assert_trail_is_whole,
    next_runner,
    open_shop,
    press,
    stuck,
)

SMALL = (
    "intake.before_commit",
    "intake.after_commit",
    "wake.before_enqueue",
    "wake.after_enqueue",
    "claim.after_commit",
    "intend.before_commit",
    "intend.after_commit",
    "effect.before_call",
    "effect.after_call",
    "verify.after_look",
    "verify.before_commit",
    "verify.after_commit",
)
AGAIN = ("claim.after_commit", "effect.before_call", "verify.after_look", "intend.after_commit")
LARGE = (*SMALL, "ask.before_commit", "ask.after_commit", "decide.before_commit")


def live_through(office: House, amount: int) -> int:
    """A refund from request to end, with a new runner, the sweep and the approver coming back after each death."""
    while not survive(lambda: office.ask(amount=amount)):
        pass
    answer = office.ask(amount=amount)
    assert isinstance(answer, Accepted)
    for turn in range(6):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
            office.wait(11)
        if office.rows("select 1 from decision where state = 'open'"):
            survive(lambda: press(office, answer.task, "priya"))
    return answer.task


def assert_paid_once(office: House, task: int, amount: int) -> None:
    """One refund, one effect, one task, a whole trail, nothing left behind."""
    shop = office.runner.systems[office.company]["shop"]
    assert [(one.amount, one.key) for one in shop.refunds] == [(amount, f"morning/T-{task}/pay/1/1")]
    assert [row.state for row in office.rows("select state from effect")] == ["verified"]
    row = office.task(task)
    assert row.state is TaskState.DONE
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    assert len(office.rows("select 1 from task")) == 1
    assert len(office.rows("select 1 from outbox where message = 'result'")) == 1
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize(("name", "amount"), [*((n, 4200) for n in SMALL), *((n, 74000) for n in LARGE)])
def test_a_death_anywhere_leaves_exactly_one_refund(office: House, reaper: Reaper, name: str, amount: int) -> None:
    open_shop(office)
    died = reaper.kill_in(name)

    task = live_through(office, amount)

    assert died == [name]
    assert_paid_once(office, task, amount)


@pytest.mark.parametrize("name", AGAIN)
def test_two_deaths_in_a_row_leave_exactly_one_refund(office: House, reaper: Reaper, name: str) -> None:
    open_shop(office)
    died = reaper.kill_in(name, passes=[1, 2])

    task = live_through(office, 4200)

    assert died == [name, name]
    assert_paid_once(office, task, 4200)


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
    assert_paid_once(office, task, 4200)


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

    assert_paid_once(office, task, 4200)


@pytest.mark.parametrize(("amount", "known"), [(4200, SMALL), (74000, LARGE)])
def test_the_list_of_places_is_all_that_a_refund_passes(
    office: House, reaper: Reaper, amount: int, known: tuple[str, ...]
) -> None:
    open_shop(office)
    every = reaper.kill_at(0)

    live_through(office, amount)

    assert set(every.passed) == set(known)
