"""What a lane can't do without is looked for before a run; what is missing is one gate with one owner."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Transient
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from storage import circuits
from storage.circuits import MOST_FAILURES, PROBE_S
from tests.builders import House, house
from tests.integration.engine.worlds import assert_trail_is_whole, changed_company, deploy, open_shop, raising, stuck

LANE = "lanes/refunds/lane.yaml"
BEFORE = "# Rules are tried from the top"
ANSWERS = """{name: the shop answers, answers: shop.order, given: {number: "0"}, because: The shop does not answer,
    action: "start the shop, then wait a minute", owner: jonas, look_again: 1m}"""
ONE_MORE = MOST_FAILURES + 1
GROUP = "{name: somebody pays, group: payers, because: Nobody is in payers, action: name somebody}"
PERSON = "{name: Tomas is here, person: tomas, because: Tomás is away, action: call him}"
SETTING = "{name: the path, setting: shop.path, because: The shop has no path, action: write one}"


class Opener(Protocol):
    def __call__(self, one: str, **files: tuple[str, str]) -> AbstractContextManager[House]: ...


@pytest.fixture
def offices(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Opener:
    """Opens the company with one prerequisite of refunds."""

    @contextmanager
    def opened(one: str, **files: tuple[str, str]) -> Iterator[House]:
        changes = {LANE: (BEFORE, f"prerequisites:\n  - {one}\n{BEFORE}")}
        if "company" in files:
            changes["company.yaml"] = files["company"]
        with house(database_urls, valkey_server.url, home, folder=changed_company(home, changes)) as found:
            yield found

    return opened


def gates(office: House) -> list[tuple[str, list[str], str]]:
    rows = office.rows("select kind, entitled, card ->> 'recommendation' as told from decision order by number")
    return [(row.kind, row.entitled, row.told) for row in rows]


def test_a_system_that_does_not_answer_is_one_gate_and_no_failed_run(offices: Opener) -> None:
    with offices(ANSWERS) as office:
        shop = open_shop(office)
        shop.reading.extend(raising(Transient("The shop can't be reached.", cause="shop")) for _ in range(ONE_MORE))
        tasks = [office.asked(order=str(500 + n), form=f"f{n}") for n in range(ONE_MORE)]
        office.work()

        assert len(shop.reading) == 1  # the last was not asked: by then the shop was known to be down
        shop.reading.clear()
        for task in tasks:
            found = office.task(task)
            assert (found.state, found.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
            assert found.sentence == "The shop does not answer: The shop can't be reached."
        assert gates(office) == [("gate", ["jonas"], "Recommended: start the shop, then wait a minute")]
        assert office.rows("select count(*) as n from attempt")[0].n == 0
        assert "Owner: Jonas Lindqvist." in office.task(tasks[0]).told["wait"]

        office.wait(61)
        office.work()

        assert {office.task(task).state for task in tasks} == {TaskState.DONE}
        assert office.rows("select state from decision")[0].state == "withdrawn"
        assert assert_trail_is_whole(office, tasks[0]).count(Event.PARKED) == 1
        assert stuck(office) == []


def test_a_setting_is_missing_until_the_file_gives_one(offices: Opener) -> None:
    with offices(SETTING, company=('path: "{home}/shop.sqlite"', 'path: ""')) as office:
        open_shop(office)
        task = office.asked()
        office.work()
        assert (office.task(task).waiting_for, gates(office)[0][:2]) == (WaitingFor.BLOCKER, ("gate", ["ruth"]))

        folder = office.deployment.home / "company"
        declared = folder / "company.yaml"
        declared.write_text(declared.read_text().replace('path: ""', 'path: "{home}/shop.sqlite"'))
        deploy(office, folder)
        office.wait(601)
        office.work()

        assert office.task(task).state is TaskState.DONE


@pytest.mark.parametrize("one", [GROUP, PERSON], ids=["a group", "a person"])
def test_who_has_left_is_missed_and_work_goes_on_once_somebody_is_there(offices: Opener, one: str) -> None:
    with offices(one, company=("groups:\n", "groups:\n  payers: [tomas]\n")) as office:
        open_shop(office)
        office.rows("update person set active = false where id = 'tomas' returning 1")
        task = office.asked(by="anna")
        office.work()
        assert (office.task(task).waiting_for, gates(office)[0][0]) == (WaitingFor.BLOCKER, "gate")
        assert [row.lane for row in office.rows("select lane from blocker where lifted_at is null")] == ["refunds"]

        office.rows("update person set active = true where id = 'tomas' returning 1")
        office.wait(601)
        office.work()

        assert office.task(task).state is TaskState.DONE


def test_a_system_that_is_down_is_asked_by_one_task_at_a_time_and_its_answer_releases_all(offices: Opener) -> None:
    with offices(ANSWERS) as office:
        shop = open_shop(office)
        shop.reading.extend(raising(Transient("The shop can't be reached.", cause="shop")) for _ in range(20))
        tasks = [office.asked(order=str(500 + n), form=f"f{n}") for n in range(ONE_MORE)]
        office.work()
        left = len(shop.reading)
        known = office.rows("select system from circuit where opened_at is not null")

        office.wait(PROBE_S + 1)
        office.work()
        probes = left - len(shop.reading)
        shop.reading.clear()
        office.wait(PROBE_S + 1)
        office.work()

        assert (left, [one.system for one in known], probes) == (20 - MOST_FAILURES, ["shop"], 1)
        assert {office.task(task).state for task in tasks} == {TaskState.DONE}
        assert office.rows("select 1 from circuit where opened_at is not null") == []
        assert stuck(office) == []


def test_what_no_prerequisite_knows_holds_it_off_as_well(offices: Opener) -> None:
    """Whoever finds the system down, an ordinary step or another lane, says it for all."""
    with offices(ANSWERS) as office:
        shop = open_shop(office)
        with office.deployment.database.transaction(office.company) as unit:
            for _ in range(MOST_FAILURES):
                circuits.failed(unit, "shop", "default", "The shop can't be reached.")
        shop.reading.append(raising(AssertionError("nobody is to ask")))
        task = office.asked()
        office.work()

        found = office.task(task)
        assert found.sentence == "The shop does not answer: The shop can't be reached."
        assert len(shop.reading) == 1
        shop.reading.clear()
        office.wait(PROBE_S + 1)
        office.work()

        assert office.task(task).state is TaskState.DONE
