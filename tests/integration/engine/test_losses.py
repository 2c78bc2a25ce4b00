"""What loses a runner its task without being a death of it never makes a task poison; deaths do, and the sentence says how."""

from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from contracts.vocabulary import TaskState, WaitingFor
from engine import shift
from engine.losses import Fate, losses_of, tell, tell_of_holders
from tests.builders import House
from tests.integration.engine.dying import Reaper, survive
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, open_shop
from tests.statements import at_statements, end_session

LOST = 4
"""How often a runner loses the task: one time more than makes it poison, were all of them deaths."""
AFTER_CLAIM = 8
"""Beginning, binding, the time, what is due; the lease, who has asked, the commit: the statement after those is given up."""
LEASE_S = 11.0
LONG_S = 3600.0
"""A lease that ends only when the record's clock is moved, and that no thread renews meanwhile."""


@pytest.mark.parametrize("lost", [lambda n: n == AFTER_CLAIM, lambda n: n >= AFTER_CLAIM], ids=["a moment", "a while"])
def test_a_task_whose_runners_lost_the_database_again_and_again_is_tried_again(
    office: House, monkeypatch: pytest.MonkeyPatch, lost: Callable[[int], bool]
) -> None:
    monkeypatch.setattr(shift, "_PAUSE_S", 0.0)
    open_shop(office)
    office.runner.claimant = replace(office.runner.claimant, lease_s=LONG_S)
    task = office.asked()

    for _ in range(LOST):
        with at_statements(office, lost, end_session) as hit:
            office.work()
        assert hit
        office.work()  # whoever comes back says so, though the lease has not run out
        office.wait(LONG_S + 1)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert {row.event for row in office.rows("select event from audit_entry where trail like 'runner:%'")} == {
        "outlived"
    }
    assert_trail_is_whole(office, task)


def lost_by_death(office: House, reaper: Reaper, fates: Collection[Fate | None]) -> int:
    """A task that one runner after the other has lost, each of which had that fate."""
    open_shop(office)
    task = office.asked()
    reaper.kill_in("claim.after_commit", passes=range(1, len(fates) + 1))
    for number, fate in enumerate(fates):
        next_runner(office, f"runner-{number}")
        survive(office.work)
        with office.deployment.database.transaction("morning") as unit:
            tell_of_holders(unit, {f"runner-{number}": fate} if fate else {})
        office.wait(LEASE_S)
    next_runner(office, "last")
    office.work()
    return task


def test_a_task_whose_runners_were_stopped_again_and_again_is_tried_again(office: House, reaper: Reaper) -> None:
    task = lost_by_death(office, reaper, [Fate.STOPPED] * LOST)

    assert office.task(task).state is TaskState.DONE


@pytest.mark.parametrize("fate", [Fate.STOPPED, Fate.OUTLIVED])
def test_a_task_that_ten_runners_in_a_row_have_lost_waits_for_a_person_who_can_let_it_go_on(
    office: House, reaper: Reaper, fate: Fate
) -> None:
    task = lost_by_death(office, reaper, [fate] * 11)

    row = office.task(task)
    assert (row.waiting_for, row.due_at) == (WaitingFor.BLOCKER, None)
    assert row.sentence.startswith(f"10 runners in a row have lost T-{task} at check, and nothing came of it")
    assert len(office.rows("select 1 from blocker")) == len(office.rows("select 1 from decision")) == 1

    office.answer_blocker("ruth")
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert_trail_is_whole(office, task)


def test_deaths_between_stops_are_counted_and_stops_are_not(office: House, reaper: Reaper) -> None:
    task = lost_by_death(office, reaper, [Fate.STOPPED, None, Fate.STOPPED, None])

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert row.sentence.startswith(f"T-{task} ended 2 runners, so")


@pytest.mark.parametrize(
    ("fates", "words"),
    [
        ([Fate.OVERDUE] * 3, "ended 3 runners, each killed because a step had passed its deadline, so it is not tried"),
        ([None, Fate.OVERDUE, None], "ended 3 runners, 1 of them killed because a step had passed its deadline, so"),
        ([None] * 3, "ended 3 runners, so it is not tried again."),
    ],
    ids=["each", "one", "none"],
)
def test_a_poison_task_says_how_its_runners_ended(
    office: House, reaper: Reaper, fates: list[Fate | None], words: str
) -> None:
    task = lost_by_death(office, reaper, fates)

    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert words in office.task(task).sentence


def test_who_outlived_one_loss_may_die_of_the_next(office: House, reaper: Reaper) -> None:
    task = office.asked()
    with office.deployment.database.transaction("morning") as unit:
        tell(unit, "runner", Fate.OUTLIVED, by="runner:runner")
    reaper.kill_in("claim.after_commit", passes=(1, 2, 3))
    for _ in range(3):
        next_runner(office, "runner")
        survive(office.work)
        office.wait(LEASE_S)

    with office.deployment.database.transaction("morning") as unit:
        found = losses_of(unit, office.task(task))

    assert (found.deaths, found.alone, found.killed) == (2, 1, 0)
    assert not found.are_poison
