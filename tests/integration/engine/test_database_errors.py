"""A statement that the database gives up on, wherever it stands: the transaction is done again whole, the effect is not."""

import random
from typing import Any

import psycopg.errors
import pytest

from contracts.vocabulary import TaskState
from engine import shift
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.worlds import Shop, assert_trail_is_whole, deploy, open_shop, press, stuck
from tests.statements import Act, at_statements, end_session

LEASE_S = 61.0
"""Until what a shift that ended in trouble had in its hands is taken up by another."""
FEWEST_STATEMENTS = 8
ROUNDS, OF_ACCEPTANCE = 12, 1000


def _raised(kind: type[Exception], why: str) -> Act:
    """What happens to a statement in place of being carried out."""

    def give_up(cursor: Any) -> None:
        raise kind(why)

    return give_up


GIVEN_UP: dict[str, Act] = {
    "deadlock": _raised(psycopg.errors.DeadlockDetected, "deadlock detected"),
    "serialization failure": _raised(psycopg.errors.SerializationFailure, "could not serialize access"),
    "disk full": _raised(psycopg.errors.DiskFull, "could not extend file: No space left on device"),
    "connection lost": _raised(psycopg.OperationalError, "server closed the connection unexpectedly"),
    "session ended": end_session,
}


def brought_to_its_end(office: House, task: int) -> None:
    """Shifts, a decision if one is asked for, and time between them, until the task has ended."""
    for _ in range(12):
        office.work()
        if office.task(task).state is TaskState.DONE:
            return
        if office.rows("select 1 from decision where task = :t and state = 'open'", t=task):
            press(office, task, "mei")
        office.wait(LEASE_S)
    raise AssertionError(office.task(task))


def lived_through(office: House, shop: Shop, nth: int, give_up: Act, *, amount: int) -> bool:
    """One refund whose nth statement is given up; whether it has so many. It is paid once, and its trail is whole."""
    order = str(4000 + len(shop.refunds))
    task = office.asked(order=order, form=order, amount=amount)
    with at_statements(office, lambda number: number == nth, give_up) as hit:
        office.work()
    brought_to_its_end(office, task)

    assert [one.amount for one in shop.refunds if one.order == order] == [amount], hit
    assert_trail_is_whole(office, task)
    return bool(hit)


@pytest.mark.parametrize("error", ["deadlock", "session ended"])
@pytest.mark.parametrize("amount", [4200, 74000], ids=["small", "asked for"])
def test_whichever_statement_is_given_up_the_refund_is_paid_once(
    office: House, monkeypatch: pytest.MonkeyPatch, error: str, amount: int
) -> None:
    monkeypatch.setattr(shift, "_PAUSE_S", 0.0)
    deploy(office, busy_company(office.deployment.home))
    shop, nth = open_shop(office), 1

    while lived_through(office, shop, nth, GIVEN_UP[error], amount=amount):
        nth += 1

    assert nth > FEWEST_STATEMENTS
    assert stuck(office) == []


@pytest.mark.timeout(900)  # with --acceptance
def test_statements_that_are_given_up_at_random_repeat_nothing(
    office: House, monkeypatch: pytest.MonkeyPatch, acceptance: bool
) -> None:
    monkeypatch.setattr(shift, "_PAUSE_S", 0.0)
    deploy(office, busy_company(office.deployment.home))
    shop, chance = open_shop(office), random.Random(24)

    for _ in range(OF_ACCEPTANCE if acceptance else ROUNDS):
        error = GIVEN_UP[chance.choice(list(GIVEN_UP))]
        lived_through(office, shop, chance.randint(1, 14), error, amount=4200)

    assert len(shop.refunds) == (OF_ACCEPTANCE if acceptance else ROUNDS)
