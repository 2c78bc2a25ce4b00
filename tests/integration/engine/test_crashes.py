"""A death at every place where a process can die: another runner goes on, and the refund is paid exactly once."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from contracts.vocabulary import TaskState, WaitingFor
from engine.intake import Accepted
from storage import failpoints
from tests.builders import House
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


class Died(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


class EveryName(str):
    """A failpoint's name that takes note of each name it is compared with."""

    passed: set[str]
    __slots__ = ("passed",)

    def __eq__(self, other: object) -> bool:
        self.passed.add(str(other))
        return False

    __hash__ = str.__hash__


def arm(monkeypatch: pytest.MonkeyPatch, name: str, *, times: int = 1) -> list[str]:
    """Die at the first passes of a place; the list tells how often that has happened."""
    died: list[str] = []

    def die() -> None:
        if len(died) < times:
            died.append(name)
            raise Died(name)

    monkeypatch.setattr(failpoints, "_count_and_kill", die)
    monkeypatch.setattr(failpoints._armed, "name", name)
    return died


def survive(act: Callable[[], object]) -> bool:
    """Do something that may die; whether it lived."""
    try:
        act()
    except Died:
        return False
    return True


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
def test_a_death_anywhere_leaves_exactly_one_refund(
    office: House, monkeypatch: pytest.MonkeyPatch, name: str, amount: int
) -> None:
    open_shop(office)
    died = arm(monkeypatch, name)

    task = live_through(office, amount)

    assert died == [name]
    assert_paid_once(office, task, amount)


@pytest.mark.parametrize("name", AGAIN)
def test_two_deaths_in_a_row_leave_exactly_one_refund(
    office: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    open_shop(office)
    died = arm(monkeypatch, name, times=2)

    task = live_through(office, 4200)

    assert died == [name, name]
    assert_paid_once(office, task, 4200)


def test_a_payment_that_may_still_be_on_its_way_is_not_made_again_before_it_must_have_settled(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(office)
    task = office.asked()
    arm(monkeypatch, "effect.before_call")
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
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(office)
    poison = office.asked()
    died = arm(monkeypatch, "claim.after_commit", times=3)

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


def test_a_poison_task_that_its_owner_sends_on_is_tried_again(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    open_shop(office)
    task = office.asked()
    arm(monkeypatch, "claim.after_commit", times=3)
    for name in ("a", "b", "c", "d"):
        next_runner(office, f"runner-{name}")
        survive(office.work)
        office.wait(11)

    office.answer_blocker("ruth")
    office.work()

    assert_paid_once(office, task, 4200)


@pytest.mark.parametrize(("amount", "known"), [(4200, SMALL), (74000, LARGE)])
def test_the_list_of_places_is_all_that_a_refund_passes(
    office: House, monkeypatch: pytest.MonkeyPatch, amount: int, known: tuple[str, ...]
) -> None:
    open_shop(office)
    every = EveryName("")
    every.passed = set()
    monkeypatch.setattr(failpoints._armed, "name", every)

    live_through(office, amount)

    assert every.passed == set(known)
