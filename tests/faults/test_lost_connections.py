"""The database's answers are lost and its connections cut while people work: nothing is lost, nothing done twice."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.faults.plant import DOUBT_S, Plant, plant
from tests.faults.test_failpoints import LARGE, SMALL, asked, gone_through
from tests.stories.stack import until
from tests.wire import Wire, wired

ROUNDS, OF_ACCEPTANCE = 3, 50
LATEST_ANSWER = 60
"""About as many answers as the processes hear while one refund is asked for and paid."""

FAR = "far"
"""What the sessions of the processes are called: the test's own are never cut."""

_OF_PROCESSES = text(
    "select pid from pg_stat_activity where application_name = :name and usename = current_user and datname = current_database()"
)


@dataclass(frozen=True, slots=True)
class Far:
    """Processes that have the database over a wire, and a session of the same role beside them."""

    works: Plant
    wire: Wire
    beside: Connection

    def cut_one(self, chance: random.Random) -> None:
        """End one of the processes' sessions from the server's side, as an operator or a failover does."""
        ended = chance.choice(list(self.beside.execute(_OF_PROCESSES, {"name": FAR}).scalars()))
        self.beside.execute(text("select pg_terminate_backend(:pid)"), {"pid": ended})


@pytest.fixture(scope="module")
def far(
    process_server: None,
    new_database: Callable[[], DatabaseUrls],
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
    short_temporary_folder: Path,
) -> Iterator[Far]:
    """The morning company with every process running, its database at the end of a wire."""
    urls, home = new_database(), tmp_path_factory.mktemp("far") / "home"
    beside = create_engine(urls.app, isolation_level="AUTOCOMMIT")
    with (
        wired(urls.app, folder=short_temporary_folder / "far") as wire,
        plant(urls, valkey_server.url, home, wire=_named(wire.url)) as works,
        beside.connect() as connection,
    ):
        yield Far(works, wire, connection)
    beside.dispose()


def _named(url: str) -> str:
    named = make_url(url).update_query_dict({"application_name": FAR})
    return named.render_as_string(hide_password=False)


def refunded(works: Plant, amount: str, harm: Callable[[], object]) -> None:
    """One refund from its request to its last message, with harm done as soon as it is asked for."""
    order = works.order()
    until(works.is_answering, "the gateway ready")
    harm()
    asked(works, order, amount)
    if amount == LARGE:
        card = until(lambda: works.stack.card("U0PRIYA", f"for order {order}?"), "the card")
        until(lambda: gone_through(works, lambda: works.stack.click("U0PRIYA", card, "decision.approve")), "approved")
    task = works.ended(order)
    until(
        lambda: works.all_carried(task.number) or works.stands_still(task.number),
        "everything told but what is in doubt",
    )
    works.later(0.0 if works.all_carried(task.number) else DOUBT_S)
    until(lambda: works.all_carried(task.number), "everything told")

    assert works.stack.refunds(order) == [int(float(amount) * 100)]
    assert works.trail_holds(task.number)
    assert max(works.copies(task.number).values()) == 1, works.copies(task.number)


@pytest.mark.timeout(1800)  # with --acceptance
def test_an_answer_that_is_lost_after_what_it_answers_was_done_repeats_nothing(far: Far, acceptance: bool) -> None:
    chance = random.Random(23)

    for number in range(OF_ACCEPTANCE if acceptance else ROUNDS):
        amount = LARGE if number % 3 == 2 else SMALL
        refunded(far.works, amount, lambda: far.wire.lose(chance.randint(1, LATEST_ANSWER)))

    assert far.wire.lost > 0
    assert far.works.stack.state()["stuck"] == 0


@pytest.mark.timeout(1800)  # with --acceptance
def test_sessions_that_are_ended_by_the_server_repeat_nothing(far: Far, acceptance: bool) -> None:
    chance = random.Random(22)

    for number in range(OF_ACCEPTANCE if acceptance else ROUNDS):
        amount = LARGE if number % 3 == 2 else SMALL
        refunded(far.works, amount, lambda: far.cut_one(chance))

    assert far.works.stack.state()["stuck"] == 0
