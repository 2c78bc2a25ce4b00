"""An outage is one blocker and one card: a dead system is not called by every task, and one answer releases all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from contracts.authoring import Transient
from contracts.vocabulary import TaskState, WaitingFor
from engine import shift
from engine.shift import Runner
from storage.circuits import MOST_FAILURES
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop, stuck

PROSPECTS, RUNNERS = 68, 4


class Outage:
    """A shop that is down until told otherwise, and counts who calls it."""

    def __init__(self, office: House) -> None:
        self.shop = open_shop(office)
        self.calls = 0
        self.is_down = True
        self._guard = threading.Lock()
        self.shop.reading = _Always(self)  # type: ignore[assignment]

    def call(self) -> None:
        with self._guard:
            self.calls += 1
        if self.is_down:
            raise Transient("The shop can't be reached.", cause="shop", case="provider_down")


class _Always(list[object]):
    """Never runs out."""

    def __init__(self, outage: Outage) -> None:
        super().__init__([outage])
        self._outage = outage

    def pop(self, *_: object) -> object:
        return self._outage.call


def work(office: House) -> None:
    """Four runners at once, two of each runtime, until nothing is due."""
    runners: list[Runner] = [
        replace(one, claimant=replace(one.claimant, runner=f"{one.claimant.runner}-{n}"))
        for one in (office.runner, office.peer)
        for n in range(RUNNERS // 2)
    ]
    with ThreadPoolExecutor(RUNNERS) as pool:
        list(pool.map(lambda runner: shift._work(runner, office.company), runners))


def worked(office: House, tasks: list[int], *, until: object, rounds: int, wait_s: float) -> set[object]:
    """What all tasks wait for in the end, or else their states: how many rounds it takes is chance, as retries are drawn."""
    standing: set[object] = set()
    while rounds and standing != {until}:
        work(office)
        standing = {task.waiting_for or task.state for task in map(office.task, tasks)}
        office.wait(wait_s)
        rounds -= 1
    return standing


def asked(office: House) -> list[int]:
    return [office.asked(order=str(5000 + i), form=f"f{i}") for i in range(PROSPECTS)]


def test_sixty_eight_tasks_four_runners_and_one_outage_make_one_card_and_few_calls(office: House) -> None:
    outage = Outage(office)
    tasks = asked(office)

    waiting = worked(office, tasks, until=WaitingFor.BLOCKER, rounds=11, wait_s=5)  # before the first probe is due
    calls = outage.calls
    cards = office.rows("select person from outbox where message = 'card'")
    blockers = office.rows("select cause from blocker where lifted_at is null")
    outage.is_down = False
    office.answer_blocker("ruth")
    ended = worked(office, tasks, until=TaskState.DONE, rounds=4, wait_s=3601)  # the lane may pay 60 refunds an hour

    assert waiting == {WaitingFor.BLOCKER}
    assert [one.person for one in cards] == ["ruth"]
    assert [one.cause for one in blockers] == ["shop"]
    assert calls <= 2 * (MOST_FAILURES + RUNNERS // 2)  # on each of the two runtimes
    assert ended == {TaskState.DONE}
    assert len(office.rows("select 1 from decision")) == 1
    assert stuck(office) == []
    assert_trail_is_whole(office, tasks[-1])


def test_one_task_tries_a_dead_system_when_due_and_its_success_releases_the_others(office: House) -> None:
    outage = Outage(office)
    tasks = asked(office)[:8]
    for _ in range(4):
        office.work()
        office.wait(10)
    calls = outage.calls

    office.wait(700)
    office.work()
    probes = outage.calls - calls
    outage.is_down = False
    office.wait(700)
    for _ in range(2):
        office.work()

    assert probes <= 2  # one on each runtime
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]
    assert office.rows("select 1 from circuit where opened_at is not null and runtime = 'default'") == []
