"""A worker has a budget of its own: held before it spends, for its runs only, and settled to what they have cost."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.budgets import begins
from contracts.vocabulary import TaskState, WaitingFor
from engine.cost import cost_of
from storage import budget_uses
from storage.budget_uses import Spending
from tests.builders import House, house
from tests.integration.engine.test_budgets import gate, spent
from tests.integration.engine.test_silent_peers import handed_to_the_peer
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, open_shop, press, stuck

LANE = "lanes/refunds/lane.yaml"
CHECKER, PAYER = "worker:refunds/order-checker", "worker:refunds/refund-payer"
CHECKERS, PAYERS = 'cost: {usual: "0.0005", at_most: "0.01"}', 'cost: {usual: "0.001", at_most: "0.02", minutes: 0.5}'
WHOLE_DAY_S = 86_400


class Opener(Protocol):
    """Opens the company in which one worker, known by its cost, has a budget."""

    def __call__(self, cost: str, budget: str) -> AbstractContextManager[House]: ...


@pytest.fixture
def offices(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Opener:
    @contextmanager
    def opened(cost: str, budget: str) -> Iterator[House]:
        folder = changed_company(home, {})
        path = folder / LANE
        path.write_text(path.read_text().replace(cost, f"{cost}\n    budget: {budget}", 1))
        with house(database_urls, valkey_server.url, home, folder=folder) as found:
            yield found

    return opened


def spend(office: House, node: str, amount: str, most: str) -> None:
    """Somebody has spent so much of a day's budget already."""
    with office.deployment.database.transaction(office.company) as unit:
        today = begins("day", unit.now, "America/New_York")
        assert budget_uses.take(unit, [Spending(node, "day", today, Decimal(amount), Decimal(most))])


def test_a_worker_whose_day_is_spent_stops_before_it_spends_and_goes_on_by_itself_the_next_day(
    offices: Opener,
) -> None:
    with offices(PAYERS, '{day: "0.05"}') as office:
        shop = open_shop(office)
        spend(office, PAYER, "0.04", "0.05")
        task = office.asked()
        office.work()

        row = office.task(task)
        assert (row.step, row.waiting_for, shop.performs) == ("pay", WaitingFor.BLOCKER, 0)
        assert [one.step for one in office.rows("select step from attempt")] == ["check"]
        kind, question, told = gate(office)
        assert kind == "gate"
        words = "the budget of 0.05 USD a day of Refund worker"
        assert f"A run may cost 0.02 USD, and {words} has not that left." in question
        assert told == f"Recommended: raise {words}, or let it wait for the next one."
        assert spent(office, "company:morning", "day") < Decimal("0.01")  # what the others took went back

        office.wait(WHOLE_DAY_S)
        office.work()

        assert office.task(task).state is TaskState.DONE
        assert office.rows("select state from decision")[0].state == "withdrawn"
        assert stuck(office) == []
        assert_trail_is_whole(office, task)


def test_what_a_worker_took_is_settled_to_what_its_own_runs_have_cost(offices: Opener) -> None:
    with offices(CHECKERS, '{day: "1.00", month: "9.00"}') as office:
        open_shop(office)
        tasks = [office.asked(order=str(7000 + n), form=f"f{n}") for n in range(3)]
        office.work()

        with office.deployment.database.transaction(office.company) as unit:
            whole = sum((cost_of(unit, task).amount or Decimal(0) for task in tasks), Decimal(0))
            price = office.deployment.businesses[office.company].company.prices[-1]
            rows = unit.connection.execute(
                text(
                    "select extract(epoch from sum(ended_at - started_at)) as seconds, sum(tool_calls) as calls "
                    "from attempt where step = 'check'"
                )
            ).one()
        own = price.compute_second * rows.seconds + price.tool_call * rows.calls
        assert {spent(office, CHECKER, span) for span in ("day", "month")} == {own}
        assert Decimal(0) < own < whole == spent(office, "company:morning", "day")


def test_a_budget_holds_its_own_worker_only_and_a_peer_takes_over_without_it(offices: Opener) -> None:
    with offices(CHECKERS, '{day: "0.05"}') as office:
        task = handed_to_the_peer(office)
        spend(office, CHECKER, "0.04", "0.05")
        office.work()  # the peer reads
        office.work()  # at home it is paid

        assert office.task(task).state is TaskState.DONE
        assert office.rows("select 1 from decision") == []


def test_who_reads_again_before_an_approved_effect_is_paid_for_too(offices: Opener) -> None:
    with offices(CHECKERS, '{day: "0.05"}') as office:
        shop = open_shop(office)
        task = office.asked(amount=60000)
        office.work()
        press(office, task, office.approvers[0])
        read = shop.orders_read
        spend(office, CHECKER, "0.04", "0.05")
        office.work()

        row = office.task(task)
        assert (row.waiting_for, shop.performs, shop.orders_read) == (WaitingFor.BLOCKER, 0, read)
        assert row.sentence.endswith("the budget of 0.05 USD a day of Order checker has not that left.")

        office.wait(WHOLE_DAY_S)
        office.work()

        assert (office.task(task).state, shop.performs) == (TaskState.DONE, 1)
        assert shop.orders_read > read


def test_a_day_pays_for_as_many_runs_as_it_has_and_no_more(offices: Opener) -> None:
    with offices(PAYERS, '{day: "0.02"}') as office:
        shop = open_shop(office)
        tasks = [office.asked(order=str(8000 + n), form=f"f{n}") for n in range(4)]
        office.work()

        done = [task for task in tasks if office.task(task).state is TaskState.DONE]
        assert len(done) == shop.performs == 1
        assert {office.task(task).waiting_for for task in tasks if task not in done} == {WaitingFor.BLOCKER}
        assert Decimal(0) < spent(office, PAYER, "day") < Decimal("0.02")
        assert len(office.rows("select 1 from blocker where lifted_at is null")) == 1
