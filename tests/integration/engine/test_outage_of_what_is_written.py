"""A system that is only written to has a circuit like any other, which closes when an effect was verified."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Seen, Transient
from contracts.vocabulary import TaskState, WaitingFor
from storage.circuits import MOST_FAILURES, PROBE_S
from tests.builders import House
from tests.integration.engine.worlds import stuck
from tests.integration.engine.yard import lane, step, the_yard, wish, worker, yard_with

CODE = """
@worker
def place(request: Wish, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=request.what, because="it is wanted")
"""
FILES = lane(
    "signs",
    {"placer": worker("requester", "request", "placed", reads=[], writes=["yard.place"])},
    [step("place", "placer", "Placed", "placed")],
    CODE,
)


class Outage:
    """A yard of which nothing can be had while it is down; it counts how often it is written to and looked at then."""

    def __init__(self, office: House) -> None:
        self.is_down, self.writes, self.looks = False, 0, 0
        self._yard = the_yard(office)
        self._look = self._yard.placed_by_key
        self._yard._pass, self._yard.placed_by_key = self._write, self._looked_at

    def _write(self, _: str) -> None:
        self.writes += self.is_down
        self._answer()

    def _looked_at(self, **given: str) -> Seen | None:
        self.looks += self.is_down
        self._answer()
        found: Seen | None = self._look(**given)
        return found

    def _answer(self) -> None:
        if self.is_down:
            raise Transient("The yard can't be reached.", cause="yard", case="provider_down")


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """A lane that only writes to the yard."""
    with yard_with(FILES, database_urls, valkey_server.url, home) as found:
        yield found


def go_on(office: House, *, rounds: int = 1) -> None:
    """Work as often as a system that is down may be tried."""
    for _ in range(rounds):
        office.wait(PROBE_S + 1)
        office.work()


def states(office: House, tasks: list[int]) -> set[TaskState]:
    """The states of these tasks."""
    return {office.task(task).state for task in tasks}


def down(office: House) -> list[str]:
    """The systems whose circuit is open."""
    return [one.system for one in office.rows("select system from circuit where opened_at is not null")]


def test_a_blip_that_retries_get_past_leaves_nothing_known_to_be_down(office: House) -> None:
    outage = Outage(office)
    outage.is_down = True
    early = [wish(office, "signs", f"sign {n}") for n in range(MOST_FAILURES)]
    office.work()
    known = down(office)

    outage.is_down = False
    go_on(office, rounds=2)
    late = [wish(office, "signs", f"late sign {n}") for n in range(2)]
    office.work()

    assert known == ["yard"]
    assert states(office, [*early, *late]) == {TaskState.DONE}
    assert down(office) == []
    assert office.rows("select 1 from decision") == []


def test_a_task_that_writes_when_the_probe_is_due_releases_what_was_blocked(office: House) -> None:
    outage = Outage(office)
    outage.is_down = True
    tasks = [wish(office, "signs", f"sign {n}") for n in range(MOST_FAILURES + 3)]
    office.work()
    blocked = [task for task in tasks if office.task(task).waiting_for is WaitingFor.BLOCKER]

    outage.is_down = False
    go_on(office, rounds=2)

    assert len(blocked) == 3
    assert states(office, tasks) == {TaskState.DONE}
    assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]
    assert (down(office), stuck(office)) == ([], [])
