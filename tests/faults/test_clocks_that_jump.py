"""Somebody sets the machine's clock while people work: no lease ends, nothing falls due, no request is refused."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.faults.machine_clock import OBEYED, MachineClock, set_to
from tests.faults.plant import Plant, plant
from tests.faults.test_acknowledgements import status_of
from tests.faults.test_digest import copies, rows, until_due
from tests.faults.test_processes import frozen_at_work, holder
from tests.stories.stack import until

HOUR, DAY = 3600.0, 86_400.0
JUMPS = (HOUR, -2 * HOUR, DAY, -2 * DAY, -5.0)
LEASE_S = 600.0
"""Far longer than a machine stands still, and ended at once by whoever believes its clock."""


@dataclass(frozen=True, slots=True)
class Astray:
    """A deployment with two pools of runners, and the clock of the machine that it runs on."""

    works: Plant
    clock: MachineClock

    def jump(self, seconds: float) -> None:
        """Set the clock of all that run."""
        self.clock.jump(seconds, self.works.crew.numbers)


@pytest.fixture(scope="module")
def astray(
    process_server: None,
    new_database: Callable[[], DatabaseUrls],
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Astray]:
    """The morning company with every process running on a machine whose clock a test sets."""
    folder = tmp_path_factory.mktemp("machine")
    set_to(folder / "set", 0.0)
    settings = {OBEYED: str(folder), "CHARGEHAND_LEASE": str(LEASE_S)}
    with plant(new_database(), valkey_server.url, tmp_path_factory.mktemp("astray") / "home", **settings) as works:
        works.crew.start("runner.2")
        yield Astray(works, MachineClock(folder))


def frozen_at_rest(works: Plant, order: str) -> int | None:
    """The pool that is frozen at work on an order, with nothing of it under way to the record that would change the row."""
    pool = frozen_at_work(works, order)
    if pool is None:
        return None
    query = text("select 1 from task where subject = :subject for update skip locked")
    with works.database.transaction("morning") as unit:
        at_rest = unit.connection.execute(query, {"subject": f"order {order}"}).first()
    if at_rest and holder(works, order) == pool:
        return pool
    os.killpg(pool, signal.SIGCONT)
    return None


def refunded(works: Plant) -> int:
    """A small refund from its request to the last word on it, with all processes at work; its task."""
    order = works.order()
    works.stack.ask(order=order, amount="42.00")
    task = works.ended(order).number
    until(lambda: works.all_carried(task), "everything told")
    until(works.is_sealed, "its trail sealed by the clock")
    assert (works.stack.refunds(order), max(works.copies(task).values())) == ([4200], 1)
    return task


def timers(works: Plant, task: int) -> list[tuple[str, bool]]:
    """The timers of the decision on a task, and which of them have fired."""
    query = """select t.kind, t.fired_at is not null as fired from timer t
        join decision d on (d.company, d.number) = (t.company, t.decision) where d.task = :task order by t.due_at"""
    with works.database.transaction("morning") as unit:
        return [(row.kind, row.fired) for row in unit.connection.execute(text(query), {"task": task})]


def test_the_machines_clock_has_no_say_in_leases_deadlines_digests_and_signatures(astray: Astray) -> None:
    works = astray.works
    digest = until_due(works)
    (letter,) = until(lambda: rows(works, f"select id from outbox where dedupe = 'digest:{digest}'"), "the digest")
    held, asked = works.order(), works.order()
    works.stack.ask(order=asked, amount="740.00")
    card = works.stack.card("U0PRIYA", f"for order {asked}?")
    with works.locked_shop():
        works.stack.ask(order=held, amount="42.00")
        pool = until(lambda: frozen_at_rest(works, held), "a runner frozen at work")
    before = works.task(held)
    waiting = works.task(asked)
    assert before is not None
    assert waiting is not None

    for number, seconds in enumerate(JUMPS):
        astray.jump(seconds)
        assert status_of(works, f"Ev{number}") == 200, seconds
        refunded(works)
        assert works.task(held) == before, seconds
        assert timers(works, waiting.number) == [("remind", False), ("remind", False), ("lapse", False)], seconds
    os.killpg(pool, signal.SIGCONT)
    until(lambda: works.stack.click("U0PRIYA", card, "decision.approve")["status"] == 200, "approved")

    assert (works.ended(asked).number, works.ended(held).number) == (waiting.number, before.number)
    assert (works.stack.refunds(asked), works.stack.refunds(held)) == ([74000], [4200])
    assert works.trail_holds(waiting.number)
    assert works.trail_holds(before.number)
    until(lambda: copies(works, letter.id), "Ruth told")
    assert rows(works, "select name from digest where portfolio = 'care'") == [(digest,)]
    assert copies(works, letter.id) == 1
