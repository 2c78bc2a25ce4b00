"""A lane is taken out of the company's files while its tasks are under way: they wait for it, and its owner is asked."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.authoring import Transient
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import MORNING, House
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


def take_out(office: House, home: Path) -> None:
    """Deploy the example company as if it had never paid anything back."""
    folder = changed_company(home, {})
    shutil.rmtree(folder / "lanes" / "refunds")
    deploy(office, folder)


def ready(office: House, shop: Shop) -> int:
    """A task that nobody has begun."""
    return office.asked()


def asking(office: House, shop: Shop) -> int:
    """A task that waits for an approval."""
    task = office.asked(amount=74000)
    office.work()
    return task


def in_doubt(office: House, shop: Shop) -> int:
    """A task whose refund was taken by the shop, while the answer was lost and nobody could look."""
    lost = Transient("The connection broke.", cause="shop")
    shop.after, shop.looking = [raising(lost)], [raising(lost)] * 20
    task = office.asked()
    office.work()
    shop.looking = []
    return task


UNDER_WAY = [ready, asking, in_doubt]


@pytest.mark.parametrize("under_way", UNDER_WAY)
def test_its_tasks_wait_and_the_owner_who_was_on_record_is_asked(
    office: House, home: Path, under_way: Callable[[House, Shop], int]
) -> None:
    shop = open_shop(office)
    task = under_way(office, shop)
    performed = shop.performs
    take_out(office, home)

    go_on(office, task, under_way)

    row = office.task(task)
    asked = office.rows("select entitled, card from decision where kind = 'escalation'")
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert row.sentence == (
        "The lane refunds is no longer among the company's files. Deploy it again, or cancel what it has left."
    )
    assert [one.entitled for one in asked] == [["ruth"]]
    assert asked[0].card["recommendation"] == "Recommended: deploy what refunds needs, then try again."
    assert shop.performs == performed
    assert stuck(office) == []
    assert assert_trail_is_whole(office, task)[-1] is Event.PARKED


@pytest.mark.parametrize("under_way", UNDER_WAY)
def test_they_go_on_once_it_is_there_again_and_nothing_is_done_twice(
    office: House, home: Path, under_way: Callable[[House, Shop], int]
) -> None:
    shop = open_shop(office)
    task = under_way(office, shop)
    take_out(office, home)
    go_on(office, task, under_way)

    deploy(office, MORNING)
    office.wait(700)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert [one.amount for one in shop.refunds] == [office.task(task).request["amount"]]
    assert office.rows("select 1 from blocker where lifted_at is null") == []


def test_an_owner_who_has_left_as_well_is_followed_by_the_last_resort(office: House, home: Path) -> None:
    open_shop(office)
    task = office.asked()
    office.rows("update lane set owner = 'somebody-who-left' where id = 'refunds' returning 1")
    take_out(office, home)

    go_on(office, task, ready)

    assert [one.entitled for one in office.rows("select entitled from decision")] == [[last_resort(office)]]


def go_on(office: House, task: int, under_way: Callable[[House, Shop], int]) -> None:
    """What happens next anyway: the approver presses, time passes, runners work."""
    if under_way is asking:
        press(office, task, "priya")
    office.wait(60)
    office.work()


def last_resort(office: House) -> str:
    """Who is asked when nobody else is left."""
    return office.deployment.businesses[office.company].company.last_resort
