"""No worker passes a cap: not by many runners, not by one large effect, not by what was approved."""

import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Deterministic, Transient
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, TaskState, WaitingFor
from engine import shift
from engine.watch import Watch
from storage.claims import Claimant
from tests.builders import House, house
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    deploy,
    open_shop,
    press,
    raising,
    stuck,
)

AN_HOUR = "cap customers/spending/hour/count"
A_DAY = "cap customers/spending/day/amount"
RUNNERS = 4
Opener = Callable[[str], AbstractContextManager[House]]
DECLARED = "attempt: {count: 1}\n        hour: {count: 60}\n        day: {count: 300, amount: 500000}"


@pytest.fixture
def offices(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Opener:
    """Opens the company with other caps on spending."""

    @contextmanager
    def opened(caps: str) -> Iterator[House]:
        folder = changed_company(home, {"company.yaml": (DECLARED, caps)})
        with house(database_urls, valkey_server.url, home, folder=folder) as found:
            yield found

    return opened


def many(office: House, count: int, *, amount: int = 4200) -> list[int]:
    return [office.asked(order=str(5000 + n), amount=amount, form=f"form-{n}") for n in range(count)]


def work_at_once(office: House) -> None:
    """Four runners, each with a connection of its own, on what is due."""
    runners = [
        replace(office.runner, claimant=Claimant(f"r{n}", "default"), watch=Watch(array("d", [0.0, 0.0])))
        for n in range(RUNNERS)
    ]
    threads = [threading.Thread(target=shift._work, args=(one, office.company)) for one in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_four_runners_never_pass_a_cap_together(offices: Opener) -> None:
    with offices("hour: {count: 5}\n        day: {count: 12, amount: 500000}") as office:
        shop = open_shop(office)
        tasks = many(office, 20)

        work_at_once(office)

        assert shop.performs == 5
        states = [office.task(task) for task in tasks]
        assert [one.state for one in states].count(TaskState.DONE) == 5
        waiting = [one for one in states if one.state is TaskState.WAITING]
        assert {(one.waiting_for, one.waiting_on) for one in waiting} == {(WaitingFor.TIME, AN_HOUR)}
        assert "The cap of 5 times an hour on spending in Customers is reached. It goes on at" in waiting[0].sentence

        for _ in range(4):
            office.wait(3600 + 60)
            work_at_once(office)

        assert shop.performs == 12  # and then the day's cap
        assert {office.task(one).waiting_on for one in tasks} == {None, "cap customers/spending/day/count"}
        assert stuck(office) == []
        for task in tasks:
            assert_trail_is_whole(office, task)


def test_an_amount_is_counted_and_goes_on_by_itself_when_it_has_grown_old(offices: Opener) -> None:
    with offices("day: {count: 300, amount: 100000}") as office:
        shop = open_shop(office)
        first, second = many(office, 2, amount=50000)
        third = office.asked(order="9000", amount=1, form="small")
        office.work()

        assert [one.amount for one in shop.refunds] == [50000, 50000]
        waiting = office.task(third)
        assert (waiting.state, waiting.waiting_on) == (TaskState.WAITING, A_DAY)
        assert waiting.due_at is not None

        office.wait(86400 + 60)
        office.work()

        assert office.task(third).state is TaskState.DONE
        assert Event.DEFERRED in assert_trail_is_whole(office, third)
        assert {office.task(one).state for one in (first, second)} == {TaskState.DONE}


def test_what_alone_is_more_than_a_cap_is_put_to_the_owner_and_never_done(offices: Opener) -> None:
    with offices("day: {count: 300, amount: 10000}") as office:
        shop = open_shop(office)
        task = office.asked(amount=10001)
        office.work()

        found = office.task(task)
        assert (found.state, found.waiting_for, found.due_at) == (TaskState.WAITING, WaitingFor.BLOCKER, None)
        assert found.sentence.startswith(f"T-{task} alone is more than the cap of 100.00 USD a day on spending")
        assert office.answer_blocker("ruth", Answer.APPROVE) == "decided"
        office.work()
        assert (office.task(task).waiting_for, shop.performs) == (WaitingFor.BLOCKER, 0)


def test_a_cap_can_ask_the_owner_instead_of_waiting(offices: Opener) -> None:
    with offices("reached: owner\n        hour: {count: 1}\n        day: {count: 300, amount: 500000}") as office:
        shop = open_shop(office)
        _, task = many(office, 2)
        office.work()

        found = office.task(task)
        assert (found.waiting_for, found.due_at) == (WaitingFor.BLOCKER, None)
        cards = office.rows("select card ->> 'recommendation' as told from decision")
        assert "raise the cap of 1 time an hour on spending in Customers" in cards[0].told

        office.wait(3700)
        office.answer_blocker("ruth", Answer.APPROVE)
        office.work()
        assert (office.task(task).state, shop.performs) == (TaskState.DONE, 2)


def test_what_was_refused_by_the_world_gives_its_room_back(offices: Opener) -> None:
    with offices("hour: {count: 1}\n        day: {count: 300, amount: 500000}") as office:
        shop = open_shop(office)
        shop.before.append(raising(Deterministic("The shop takes no refunds on this order.", cause="shop")))
        refused, other = many(office, 2)
        office.work()

        assert office.task(refused).state is TaskState.FAILED
        assert office.task(other).state is TaskState.DONE


def test_an_effect_that_nobody_knows_of_keeps_its_room(offices: Opener) -> None:
    with offices("hour: {count: 1}\n        day: {count: 300, amount: 500000}") as office:
        shop = open_shop(office)
        shop.before.append(raising(Transient("The shop can't be reached.", cause="shop")))
        shop.looking.append(raising(Transient("The shop can't be reached.", cause="shop")))
        _, other = many(office, 2)
        office.work()
        assert (shop.performs, len(shop.refunds)) == (1, 0)

        office.wait(3 * 3600)
        with office.deployment.database.transaction(office.company) as unit:
            held = office.task(other)
        assert (held.state, held.waiting_on) == (TaskState.WAITING, AN_HOUR)
        assert held.due_at is not None
        assert held.due_at < unit.now  # it is tried again; the first one goes on too, and one of both gets the room
        office.work()
        assert len(shop.refunds) == 1


def test_an_approved_effect_waits_for_room_and_keeps_its_approval(offices: Opener) -> None:
    with offices("hour: {count: 1}\n        day: {count: 300, amount: 500000}") as office:
        shop = open_shop(office)
        many(office, 1)
        office.work()
        large = office.asked(order="7000", amount=74000, form="large")
        office.work()
        press(office, large, office.approvers[0])
        office.work()

        assert office.task(large).waiting_on == AN_HOUR
        office.wait(3700)
        office.work()

        assert office.task(large).state is TaskState.DONE
        assert [one.amount for one in shop.refunds] == [4200, 74000]
        assert office.rows("select count(*) as n from decision")[0].n == 1


def test_a_cap_that_was_lowered_holds_for_tasks_of_an_older_version(offices: Opener) -> None:
    with offices("hour: {count: 60}\n        day: {count: 300, amount: 500000}") as office:
        open_shop(office)
        task = office.asked()
        folder = office.deployment.home / "company"
        lane = folder / "lanes" / "refunds" / "lane.yaml"
        lane.write_text(lane.read_text().replace("stage: 3", "stage: 3\ncaps: {spending: {hour: {count: 0}}}"))
        deploy(office, folder)
        office.work()

        assert office.task(task).waiting_for is WaitingFor.BLOCKER
        assert "the cap of 0 times an hour on spending in Refund an order" in office.task(task).sentence


def test_a_cap_that_is_new_holds_for_tasks_of_an_older_version_and_counts_them(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    caps = f"    caps:\n      spending:\n        {DECLARED}  # 5,000.00 USD\n"
    caps += "      customer:\n        hour: {recipients: 60}\n        day: {recipients: 300}\n"
    folder = changed_company(home, {"company.yaml": (caps, "")})
    company = folder / "company.yaml"
    company.write_text(company.read_text().replace("[verification, approval, cap]", "[verification, approval]"))
    with house(database_urls, valkey_server.url, home, folder=folder) as office:
        shop = open_shop(office)
        tasks = many(office, 3)
        lane = folder / "lanes" / "refunds" / "lane.yaml"
        lane.write_text(lane.read_text().replace("stage: 3", "stage: 3\ncaps: {spending: {hour: {count: 2}}}"))
        deploy(office, folder)
        office.work()

        done = [office.task(task).state for task in tasks].count(TaskState.DONE)
        kept = office.rows("select settled_at from cap_use")
        assert (done, len(shop.refunds)) == (2, 2)
        assert len([one for one in kept if one.settled_at is not None]) == 2


def test_room_is_counted_over_any_hour_and_not_by_the_clock_on_the_wall(offices: Opener) -> None:
    with offices("hour: {count: 2}\n        day: {count: 300, amount: 500000}") as office:
        open_shop(office)
        many(office, 1)
        office.work()
        office.wait(1800)
        _, _, third = (office.asked(order=str(6000 + n), form=f"later-{n}") for n in range(3))
        office.work()

        due = office.task(third).due_at
        with office.deployment.database.transaction(office.company) as unit:
            assert due is not None
            assert timedelta(minutes=50) < due - unit.now < timedelta(minutes=61)
