"""No run passes a budget: what it may cost is taken before it is spent, settled after, and unpriced is never free."""

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from unittest.mock import Mock

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.budgets import begins
from contracts.vocabulary import Answer, TaskState, WaitingFor
from engine.cost import cost_of
from storage import budget_uses
from storage.budget_uses import Spending
from storage.database import Unit
from tests.builders import House, house
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, open_shop, stuck
from tests.stores import keep_all_in_store

WORKSPACE = 'budget: {day: "10.00"}'
COMPANY = 'budget: {run: "0.10", day: "20.00", month: "400.00"}'


class Opener(Protocol):
    """Opens the company with something else in one of its files."""

    def __call__(self, was: str, now: str, *, file: str = "company.yaml") -> AbstractContextManager[House]: ...


@pytest.fixture
def offices(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Opener:
    @contextmanager
    def opened(was: str, now: str, *, file: str = "company.yaml") -> Iterator[House]:
        folder = changed_company(home, {file: (was, now)})
        with house(database_urls, valkey_server.url, home, folder=folder) as found:
            yield found

    return opened


def spent(office: House, node: str, span: str) -> Decimal:
    rows = office.rows("select spent from budget_use where node = :node and span = :span", node=node, span=span)
    return sum((row.spent for row in rows), Decimal(0))


def gate(office: House) -> tuple[str, str, str]:
    (row,) = office.rows(
        "select kind, card ->> 'question' as question, card ->> 'recommendation' as told from decision"
    )
    return row.kind, row.question, row.told


def test_what_was_taken_is_settled_to_what_the_record_says_was_spent(office: House) -> None:
    open_shop(office)
    tasks = [office.asked(order=str(7000 + n), form=f"f{n}") for n in range(3)]
    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        amounts = [cost_of(unit, task).amount for task in tasks]
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    assert total > 0
    for node, span in (("company:morning", "day"), ("company:morning", "month"), ("workspace:customers", "day")):
        assert spent(office, node, span) == total


def test_a_day_that_is_spent_stops_the_run_at_a_gate_and_the_next_day_goes_on_by_itself(offices: Opener) -> None:
    with offices(WORKSPACE, 'budget: {day: "0.05"}') as office:
        shop = open_shop(office)
        first, second = office.asked(order="101", form="a"), office.asked(order="102", form="b")
        with office.deployment.database.transaction(office.company) as unit:
            today = begins("day", unit.now, "America/New_York")
            row = Spending("workspace:customers", "day", today, Decimal("0.03"), Decimal("0.05"))
            assert len(budget_uses.take(unit, [row])) == 1
        office.work()

        assert shop.performs == 0
        for task in (first, second):
            found = office.task(task)
            assert (found.state, found.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
        kind, question, told = gate(office)
        assert kind == "gate"
        assert "A run may cost 0.03 USD, and the budget of 0.05 USD a day of Customers has not that left." in question
        assert told == (
            "Recommended: raise the budget of 0.05 USD a day of Customers, or let it wait for the next one."
        )
        assert office.rows("select count(*) as n from attempt")[0].n == 0  # a gate, not a failed run

        office.wait(86400)
        office.work()

        assert [office.task(task).state for task in (first, second)] == [TaskState.DONE, TaskState.DONE]
        assert office.rows("select state from decision")[0].state == "withdrawn"
        assert stuck(office) == []
        assert_trail_is_whole(office, first)


def test_a_task_that_becomes_too_dear_stops_before_its_next_step(offices: Opener) -> None:
    with offices(COMPANY, 'budget: {run: "0.012", day: "20.00", month: "400.00"}') as office:
        shop = open_shop(office)
        task = office.asked()
        office.work()

        assert shop.performs == 0
        sentence = office.task(task).sentence
        assert sentence.startswith(f"T-{task} has cost 0.0004")
        assert sentence.endswith(
            "USD and pay may cost 0.02 USD: more than the budget of 0.012 USD a run of The morning company."
        )
        assert gate(office)[0] == "gate"


def test_unpriced_counts_as_more_than_any_budget(offices: Opener) -> None:
    with offices('from: "2026-01-01"', 'from: "2126-01-01"') as office:
        shop = open_shop(office)
        task = office.asked()
        office.work()

        assert (shop.performs, office.task(task).waiting_for) == (0, WaitingFor.BLOCKER)
        assert office.task(task).sentence.startswith("What machines cost is unpriced, and unpriced counts as more than")
        assert "add a price in USD that holds today to company.yaml" in gate(office)[2]


def test_a_worker_is_stopped_at_its_desk_before_its_run_is_dearer_than_its_profile(offices: Opener) -> None:
    reads_once = "    order = desk.shop.order("
    with offices(
        reads_once,
        "    [desk.shop.order(number=request.order) for _ in range(100)]\n" + reads_once,
        file="lanes/refunds/workers.py",
    ) as office:
        open_shop(office)
        task = office.asked()
        office.work()

        assert office.task(task).state is TaskState.FAILED
        assert "Order checker stopped before its run would cost more than 0.01 USD." in office.task(task).sentence
        assert office.rows("select tool_calls from attempt")[0].tool_calls <= 25


def test_a_run_that_dies_leaves_all_that_it_took(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    open_shop(office)
    office.asked()
    with monkeypatch.context() as dying:
        dying.setattr(budget_uses, "settle", lambda *_: None)
        office.work()

    assert spent(office, "workspace:customers", "day") == Decimal("0.03")  # the most that both steps may cost


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("unforeseen")])
def test_what_fails_again_and_again_before_it_is_written_does_not_use_up_the_day(
    offices: Opener, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A full disk, say: each look takes what both steps may cost, and the day has that once and a half."""
    with offices(WORKSPACE, 'budget: {day: "0.05"}') as office:
        shop, looks = open_shop(office), 3
        task = office.asked()
        with monkeypatch.context() as full:
            keep_all_in_store(full)
            full.setattr(type(office.deployment.store), "put", Mock(side_effect=error))
            for _ in range(looks):
                office.work()
                stopped = office.task(task)
                office.wait(601)

        office.work()

        assert stopped.sentence.startswith((f"The evidence of T-{task} can't be kept", "Chargehand itself stopped"))
        assert (shop.orders_read, shop.performs) == (looks + 1, 1)
        assert office.task(task).state is TaskState.DONE
        assert_trail_is_whole(office, task)


def _each(unit: Unit, rows: list[Spending]) -> int:
    return len(budget_uses.take(unit, rows))


def _all_or_none(unit: Unit, rows: list[Spending]) -> int:
    try:
        budget_uses.take_all(unit, rows)
    except budget_uses.NotAll:
        return 0
    return len(rows)


@pytest.mark.parametrize("take", [_each, _all_or_none])
def test_runs_at_the_same_time_never_take_more_than_there_is(
    office: House, take: Callable[[Unit, list[Spending]], int]
) -> None:
    database, most = office.deployment.database, Decimal("0.10")
    won: list[int] = []

    def run() -> None:
        with database.bound(office.company) as connection:
            for _ in range(20):
                with connection.statement() as unit:
                    rows = [
                        Spending(node, "day", unit.now.date(), Decimal("0.01"), most)
                        for node in ("lane:a", "company:x")
                    ]
                    won.append(take(unit, rows))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [0] * 70 + [2] * 10
    assert spent(office, "lane:a", "day") == most


def test_of_all_or_none_a_budget_that_is_short_leaves_the_others_as_they_are(office: House) -> None:
    with office.deployment.database.bound(office.company) as connection, connection.statement() as unit:
        budgets = {"lane:a": "0.10", "company:x": "0.01"}
        rows = [Spending(one, "day", unit.now.date(), Decimal("0.02"), Decimal(most)) for one, most in budgets.items()]
        with pytest.raises(budget_uses.NotAll):
            budget_uses.take_all(unit, rows)

    assert office.rows("select 1 from budget_use") == []


def test_the_owner_can_let_it_try_again_and_the_budget_still_holds(offices: Opener) -> None:
    with offices(WORKSPACE, 'budget: {day: "0.001"}') as office:
        shop = open_shop(office)
        task = office.asked()
        office.work()
        office.answer_blocker("ruth", Answer.APPROVE)
        office.work()

        assert (shop.performs, office.task(task).waiting_for) == (0, WaitingFor.BLOCKER)
