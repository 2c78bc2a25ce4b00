"""What is taken back heeds the circuit of its system and reports into it, as every other effect does."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Transient
from contracts.vocabulary import Answer, Standing, TaskState, WaitingFor
from engine.register import Wish as StandingWish
from engine.register import change
from storage.circuits import MOST_FAILURES
from tests.builders import House
from tests.integration.engine.test_taking_back import beds, effects, standing
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import during, recall, the_yard, wish, yard_with

BEDS = MOST_FAILURES + 3
LOOK_AGAIN_S = 601.0
KNOWN = "The yard can't be reached. It was not called again, because it is known to be down."


class Outage:
    """A yard of which nothing can be had while it is down; it counts how often it is to be changed then."""

    def __init__(self, office: House) -> None:
        self.is_down, self.changes = False, 0
        self._pass: Callable[[str], None] = the_yard(office)._pass
        the_yard(office)._pass = self._called

    def _called(self, name: str) -> None:
        self._pass(name)
        self.changes += self.is_down and not name.startswith("look")
        if self.is_down:
            raise Transient("The yard can't be reached.", cause="yard", case="provider_down")


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with a lane whose changes are taken back when it is cancelled."""
    with yard_with(beds(), database_urls, valkey_server.url, home) as found:
        yield found


@pytest.fixture
def tasks(office: House) -> list[int]:
    """Cancelled tasks, each paused before anything of it was taken back."""
    made = []
    for n in range(BEDS):
        made.append(wish(office, "beds", f"shed {n}"))
        during(office, "look the count", partial(recalled, office, made[-1]))
        office.work()
    office.wait(11)
    office.work()
    assert {office.task(task).waiting_for for task in made} == {WaitingFor.BLOCKER}
    return made


def recalled(office: House, task: int) -> None:
    recall(office, task)
    put(office, task, Standing.PAUSED)


def put(office: House, task: int, how: Standing) -> None:
    """From now on the task stands so."""
    said = StandingWish(f"T-{task}", how, "nuno", "audit")
    with office.deployment.database.transaction("yard") as unit:
        change(unit, office.deployment.businesses["yard"], said)


def resume(office: House, tasks: list[int]) -> None:
    for task in tasks:
        put(office, task, Standing.ACTIVE)


def down(office: House) -> list[str]:
    return [one.system for one in office.rows("select system from circuit where opened_at is not null")]


def begun(office: House) -> int:
    """How many undos were intended."""
    return sum(undoes is not None for _, _, undoes in effects(office))


def test_a_system_that_is_down_is_called_by_few_undos_and_its_return_lets_all_go_on(
    office: House, tasks: list[int]
) -> None:
    outage = Outage(office)
    outage.is_down = True
    resume(office, tasks)
    office.work()
    called, intended, known = outage.changes, begun(office), down(office)

    office.wait(LOOK_AGAIN_S)
    office.work()
    tried = outage.changes - called
    outage.is_down = False
    for _ in range(3):
        office.wait(LOOK_AGAIN_S)
        office.work()

    assert (called, intended, known) == (MOST_FAILURES, MOST_FAILURES, ["yard"])
    assert tried <= 1
    assert {office.task(task).state for task in tasks} == {TaskState.CANCELLED}
    assert standing(office) == ([], [])
    assert down(office) == []
    assert stuck(office) == []
    assert_trail_is_whole(office, tasks[-1])


def test_an_undo_that_waits_for_its_system_is_a_part_of_the_outage_and_can_be_stopped(
    office: House, tasks: list[int]
) -> None:
    outage = Outage(office)
    outage.is_down = True
    resume(office, tasks[:-1])
    office.work()
    resume(office, tasks[-1:])
    office.work()
    waiting, called = office.task(tasks[-1]), outage.changes

    office.answer_blocker("nuno", Answer.REJECT, "Leave it.")
    office.work()

    assert (waiting.waiting_for, waiting.sentence) == (WaitingFor.BLOCKER, KNOWN)
    assert outage.changes == called
    row = office.task(tasks[-1])
    assert row.state is TaskState.CANCELLED
    assert "yard.place" in row.sentence
