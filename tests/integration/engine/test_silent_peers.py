"""A peer that dies, hangs or says nothing is passed over within its deadline, and everybody can read why."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.authoring import Transient
from contracts.lifecycle import Event
from contracts.vocabulary import Standing, TaskState, WaitingFor
from engine import shift
from engine.why import why
from escalation.reading import card_view
from storage.artifacts import content_of
from storage.audit import trail_of
from storage.failpoints import passing
from tests.builders import House
from tests.integration.engine.dying import Died, Reaper, survive
from tests.integration.engine.test_standing import say
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    deploy,
    open_shop,
    raising,
    stuck,
)

DOWN = Transient("The order can't be read.", cause="reading")
SILENT = "Order checker on batch gave no answer within 10 min."


def work_at_home(office: House) -> None:
    """Only the originator's runner works: whatever peers should do lies still."""
    shift.take_up(office.runner)
    shift.work_shift(office.company, "default")


def handed_to_the_peer(office: House, *, failures: int = 4, **request: object) -> int:
    """A refund whose order the worker could not read, so that it is now in the hands of its peer."""
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(failures)]
    task = office.asked(**request)
    for _ in range(4):
        work_at_home(office)
        office.wait(20)
    assert (office.task(task).rung, office.task(task).runtime) == ("peer", "batch")
    return task


def events(office: House, task: int) -> list[str]:
    """The trail's events of a task."""
    with office.deployment.database.transaction(office.company) as unit:
        return [entry["event"] for entry in trail_of(unit, f"task:{task}")]


def test_a_peer_that_says_nothing_is_passed_over_within_its_deadline_and_one_human_reads_why(office: House) -> None:
    task = handed_to_the_peer(office)

    office.wait(500)
    office.sweep()
    before = office.task(task)
    office.wait(100)
    office.sweep()
    office.sweep()

    row = office.task(task)
    assert (before.state, before.rung) == (TaskState.READY, "peer")
    assert (row.state, row.rung, row.waiting_for) == (TaskState.WAITING, "human", WaitingFor.BLOCKER)
    card = office.rows("select decision, person from outbox where message = 'card'")
    assert [one.person for one in card] == ["ruth"]
    with office.deployment.database.transaction(office.company) as unit:
        assert SILENT in card_view(unit, card[0].decision, "ruth").tried
        assert any(SILENT in line for label, lines in why(unit, task).rows if label == "Tried" for line in lines)
    tried = office.rows("select worker, move, reason from tried order by version desc limit 1")[0]
    assert (tried.worker, tried.move, tried.reason) == ("night-checker", "human", SILENT)
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_the_originator_goes_on_when_the_silent_peer_was_passed_over(office: House) -> None:
    task = handed_to_the_peer(office)
    office.wait(601)
    office.sweep()

    office.answer_blocker("ruth")
    work_at_home(office)

    assert office.task(task).state is TaskState.DONE
    assert [one.lifted for one in office.rows("select lifted_at is not null as lifted from blocker")] == [True]


def test_a_task_that_looks_again_by_itself_lifts_the_blocker_of_its_silent_peer(office: House) -> None:
    task = handed_to_the_peer(office)
    office.wait(601)
    office.sweep()

    office.wait(601)
    work_at_home(office)

    assert office.task(task).state is TaskState.DONE
    assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]


def test_thirty_tasks_of_one_dead_peer_are_one_card(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(200)]
    tasks = [office.asked(order=str(4000 + i), form=f"f{i}") for i in range(30)]
    for _ in range(5):
        work_at_home(office)
        office.wait(20)

    office.wait(601)
    office.sweep()

    assert {office.task(task).rung for task in tasks} == {"human"}
    assert len(office.rows("select 1 from outbox where message = 'card'")) == 1


def test_a_peer_whose_runner_dies_twice_is_passed_over_and_the_task_is_no_poison(
    office: House, reaper: Reaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = handed_to_the_peer(office)
    monkeypatch.setattr("engine.shift.drive", lambda *_: passing("here"))
    died = reaper.kill_in("here", passes=[1, 2])
    for _ in range(2):
        assert not survive(lambda: office_peer(office))
        office.wait(11)
    monkeypatch.undo()

    office_peer(office)

    row = office.task(task)
    assert (len(died), row.rung, row.waiting_for) == (2, "human", WaitingFor.BLOCKER)
    assert "Order checker on batch lost its runner twice at check." in row.sentence
    assert Event.PARKED not in events(office, task)
    assert stuck(office) == []


def office_peer(office: House) -> None:
    """The peer's runner works all that is due."""
    shift.take_up(office.peer)
    shift.work_shift(office.company, "batch")


def left_by_a_dead_peer(office: House, reaper: Reaper) -> int:
    """A refund that the peer's runner had just claimed when it died."""
    task = handed_to_the_peer(office)
    reaper.kill_in("claim.after_commit")
    with pytest.raises(Died):
        office_peer(office)
    return task


def test_a_runner_that_dies_once_with_the_peers_step_costs_the_peer_nothing(office: House, reaper: Reaper) -> None:
    task = left_by_a_dead_peer(office, reaper)
    office.wait(11)

    office_peer(office)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert office.rows("select 1 from blocker") == []


def test_a_crashed_peer_that_never_comes_back_is_passed_over_too(office: House, reaper: Reaper) -> None:
    task = left_by_a_dead_peer(office, reaper)

    office.wait(601)
    office.sweep()

    assert office.task(task).rung == "human"


@pytest.mark.parametrize(
    "name", ["claim.before_commit", "claim.after_commit", "step.before_commit", "step.after_commit"]
)
def test_a_clock_that_dies_while_it_passes_a_peer_over_leaves_it_to_the_next(
    office: House, reaper: Reaper, name: str
) -> None:
    task = handed_to_the_peer(office)
    office.wait(601)
    died = reaper.kill_in(name)
    survive(office.sweep)
    office.wait(11)
    office.sweep()

    assert died == [name]
    assert office.task(task).rung == "human"
    assert len(office.rows("select 1 from outbox where message = 'card'")) == 1


def test_two_clocks_pass_a_peer_over_once(office: House) -> None:
    task = handed_to_the_peer(office)
    office.wait(601)

    with ThreadPoolExecutor(2) as clocks:
        list(clocks.map(lambda _: office.sweep(), range(2)))
    office.sweep()

    assert events(office, task).count(Event.BLOCKED) == 1


def test_the_deadline_is_the_contracts_and_the_packet_names_it(office: House) -> None:
    deploy(
        office,
        changed_company(
            office.deployment.home,
            {
                "lanes/refunds/lane.yaml": (
                    "    peer: night-checker\n",
                    "    peer: night-checker\n    peer_within: 2m\n",
                )
            },
        ),
    )
    task = handed_to_the_peer(office)
    digest = office.rows("select digest from task_artifact where name = 'packet-check.json'")[0].digest
    with office.deployment.database.transaction(office.company) as unit:
        packet = json.loads(content_of(unit, office.deployment.store, digest))

    office.wait(121)
    office.sweep()

    assert packet["deadline"] == "2 min from now; then it is passed over"
    assert office.task(task).sentence == "Order checker on batch gave no answer within 2 min."


def test_a_peer_that_fails_again_and_again_is_not_retried_past_its_deadline(office: House) -> None:
    late = Transient("The order can't be read.", cause="reading", retry_after_s=700)
    shop = open_shop(office)
    shop.reading = [*(raising(DOWN) for _ in range(4)), raising(late)]
    task = office.asked()
    for _ in range(4):
        work_at_home(office)
        office.wait(20)

    office_peer(office)

    assert office.task(task).rung == "human"


def test_time_in_which_the_peer_may_not_work_is_not_the_peers(office: House) -> None:
    task = handed_to_the_peer(office)
    say(office, "refunds/night-checker", Standing.PAUSED)
    office_peer(office)
    office.wait(5000)
    say(office, "refunds/night-checker", Standing.ACTIVE)

    office.sweep()
    still = office.task(task).rung
    office.work()
    office.work()

    assert (still, office.task(task).state) == ("peer", TaskState.DONE)
    assert office.rows("select 1 from tried where cause like 'peer %'") == []
