"""Quick tasks are moved together: each has all that is its own, and what befalls one leaves the others alone."""

from collections.abc import Iterator
from errno import ENOSPC
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.vocabulary import TaskState
from engine import batch, moving_together, shift
from engine.batch import Batch
from engine.intake import Accepted, Draft, accept
from engine.moving_together import WaitingMove, WaitingMoves
from storage.artifacts import content_of, of_task
from storage.circuits import MOST_FAILURES
from storage.database import BoundConnection
from tests.builders import House
from tests.databases import refuse_results_of
from tests.integration.engine.dying import Reaper, live_until_ended, survive
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, stuck
from tests.integration.engine.yard import (
    LOOK_AND_PLACE,
    YARD,
    closed,
    during,
    events,
    lane,
    let_time_pass,
    recall,
    step,
    the_yard,
    wish,
    worker,
    yard_with,
)
from tests.statements import Asked, asked_of
from tests.stores import keep_all_in_store

NEVER_S = 1e9
CODE = LOOK_AND_PLACE


def looked(next_one: str) -> tuple[dict[str, object], dict[str, object]]:
    return worker(next_one, "request", "found"), step("look", "looker", "Found", "found")


def sheds() -> dict[str, str]:
    """A lane that looks and changes nothing."""
    who, what = looked("requester")
    return lane("sheds", {"looker": who}, [what], CODE)


def beds() -> dict[str, str]:
    """A lane that looks and changes the yard."""
    who, what = looked("placer")
    placer = worker("requester", "request found", "placed", writes=["yard.place"])
    return lane("beds", {"looker": who, "placer": placer}, [what, step("place", "placer", "Placed", "placed")], CODE)


NOTES = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    desk.keep("note.txt", request.what)
    desk.keep("rule.txt", "of all")
    return Found(**desk.yard.look(what=request.what))
"""


def notes() -> dict[str, str]:
    """A lane that looks and leaves evidence, some of it the same for every task."""
    who, what = looked("requester")
    return lane("notes", {"looker": who}, [what], NOTES)


@pytest.fixture
def office(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The yard with both lanes, in which every task counts as quick."""
    monkeypatch.setattr(moving_together, "LONGEST_S", NEVER_S)
    monkeypatch.setattr(moving_together, "QUICK_S", NEVER_S)
    with yard_with(sheds() | beds() | notes(), database_urls, valkey_server.url, home) as found:
        yield found


@pytest.fixture
def sending(office: House, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Claims of two tasks each, whose moves are sent while the next ones are worked on; tells how many each time."""
    monkeypatch.setattr(shift, "BATCH", 2)
    monkeypatch.setattr(shift, "MOST", 2)
    monkeypatch.setattr(moving_together, "FEW", 1)
    sent, send = list[int](), moving_together.WaitingMoves.send

    def noting(self: WaitingMoves, connection: BoundConnection, actor: str, moves: list[WaitingMove]) -> Any:
        sent.append(len(moves))
        return send(self, connection, actor, moves)

    monkeypatch.setattr(moving_together.WaitingMoves, "send", noting)
    return sent


def wishes(office: House, lane_name: str, count: int = 3) -> list[int]:
    return [wish(office, lane_name, f"{lane_name}{number}") for number in range(count)]


def states(office: House, tasks: list[int]) -> list[TaskState]:
    return [office.task(task).state for task in tasks]


def last_events_but(office: House, task: int) -> list[str]:
    """The last events of the other tasks."""
    query = "select distinct on (trail) event from audit_entry where trail like 'task:%' and trail <> :own order by trail, seq desc"
    return [row.event for row in office.rows(query, own=f"task:{task}")]


def ends_written(asked: Asked) -> list[str]:
    """The statements that have moved tasks and written what is beside them."""
    return [one for one in asked.statements if "with moved as" in one and ("tried as" in one or "ended as" in one)]


@pytest.mark.parametrize("lane_name", ["sheds", "beds"])
def test_each_has_its_own_trail_results_and_letters(office: House, lane_name: str) -> None:
    tasks, alone = wishes(office, lane_name), wish(office, lane_name, "alone")
    office.rows("update task set due_at = due_at + interval '1 h' where number = :n returning 1", n=alone)
    with asked_of(office.deployment.database.engine) as asked:
        office.work()
    together = len(ends_written(asked))
    office.wait(3601)
    office.work()

    assert together == (1 if lane_name == "sheds" else 3)  # the first effect; its end with two effects; their ends
    assert states(office, [*tasks, alone]) == [TaskState.DONE] * 4
    for task in tasks:
        assert events(office, task) == events(office, alone)
        assert_trail_is_whole(office, task)
        for table in ("attempt", "step_result", "verdict", "outbox"):
            of_one, of_other = (
                office.rows(f"select count(*) as n from {table} where task = :t", t=one)[0].n for one in (task, alone)
            )
            assert of_one == of_other, table
        (effects,) = office.rows("select count(*) as n from effect where task = :t and state = 'verified'", t=task)
        assert effects.n == (lane_name == "beds")


def test_evidence_is_written_with_the_ends_of_its_tasks(office: House) -> None:
    tasks = wishes(office, "notes")

    with asked_of(office.deployment.database.engine) as asked:
        office.work()

    assert len(ends_written(asked)) == 1
    assert states(office, tasks) == [TaskState.DONE] * 3
    with office.deployment.database.transaction("yard") as unit:
        for number, task in enumerate(tasks):
            kept = {name: content_of(unit, office.deployment.store, digest) for name, digest in of_task(unit, task)}
            assert kept == {"note.txt": f"notes{number}".encode(), "rule.txt": b"of all"}
    assert office.rows("select count(*) as n from artifact")[0].n == len(tasks) + 1


def test_one_whose_evidence_can_t_be_kept_is_set_aside_and_spares_the_others(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_all_in_store(monkeypatch)
    tasks, put = wishes(office, "notes"), type(office.deployment.store).put

    def full(store: Any, company: str, digest: str, content: bytes, **more: Any) -> None:
        if content == b"notes1":
            raise OSError(ENOSPC, "No space left on device")
        put(store, company, digest, content, **more)

    monkeypatch.setattr(type(office.deployment.store), "put", full)
    office.work()

    assert states(office, tasks) == [TaskState.DONE, TaskState.WAITING, TaskState.DONE]
    assert "can't be kept: No space left on device" in office.task(tasks[1]).sentence


@pytest.mark.parametrize(("lane_name", "state"), [("sheds", TaskState.CANCELLED), ("beds", TaskState.DONE)])
def test_a_wish_that_comes_while_an_end_waits_is_heard_for_that_task_alone(
    office: House, lane_name: str, state: TaskState
) -> None:
    """As at work: what the world has shown to be done is done, and nothing is left to be cancelled."""
    tasks = wishes(office, lane_name)
    during(office, f"look {lane_name}2", lambda: recall(office, tasks[0]))

    office.work()

    assert states(office, tasks) == [state, TaskState.DONE, TaskState.DONE]
    for task in tasks:
        assert_trail_is_whole(office, task)
    assert len(the_yard(office).placed) == (3 if lane_name == "beds" else 0)
    assert stuck(office) == []


def test_a_task_that_somebody_else_took_over_meanwhile_is_left_to_them(office: House) -> None:
    tasks = wishes(office, "sheds")
    taken = (
        "update task set fence = fence + 1, version = version + 1, lease_runner = 'other' where number = :n returning 1"
    )
    during(office, "look sheds2", lambda: office.rows(taken, n=tasks[0]))

    office.work()

    assert states(office, tasks) == [TaskState.RUNNING, TaskState.DONE, TaskState.DONE]
    assert office.rows("select 1 from step_result where task = :t", t=tasks[0]) == []
    assert office.rows("select 1 from outbox where message = 'result' and task = :t", t=tasks[0]) == []


def test_one_that_cannot_be_written_is_set_aside_and_spares_the_others(
    office: House, database_urls: DatabaseUrls
) -> None:
    tasks = wishes(office, "sheds")
    refuse_results_of(database_urls, tasks[1])

    office.work()

    assert states(office, [tasks[0], tasks[2]]) == [TaskState.DONE] * 2
    assert office.task(tasks[1]).state is TaskState.WAITING
    assert "Chargehand itself stopped" in office.task(tasks[1]).sentence


@pytest.mark.parametrize("lane_name", ["sheds", "beds"])
@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
def test_a_runner_that_dies_with_ends_unwritten_has_lost_and_doubled_nothing(
    office: House, reaper: Reaper, lane_name: str, when: str
) -> None:
    tasks = wishes(office, lane_name)
    place = f"{'step' if lane_name == 'sheds' else 'verify'}.{when}"
    died = reaper.kill_in(place)

    assert not survive(office.work)
    next_runner(office, "second")
    for task in tasks:
        live_until_ended(office, task)

    assert died == [place]
    assert states(office, tasks) == [TaskState.DONE] * 3
    calls = the_yard(office).counts
    assert {name: calls[name] for name in calls if name.startswith("place")} == {
        f"place beds{number}": 1 for number in range(3) if lane_name == "beds"
    }
    for task in tasks:
        assert_trail_is_whole(office, task)


@pytest.mark.parametrize("bound", ["QUICK_S", "LONGEST_S"])
def test_what_waits_is_written_before_a_task_that_takes_long_and_when_it_has_waited_long_enough(
    office: House, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(moving_together, bound, 0.0)
    tasks, seen = wishes(office, "sheds"), list[TaskState]()
    during(office, "look sheds1", lambda: seen.extend(states(office, tasks[:1])))

    office.work()

    assert seen == [TaskState.DONE]


def test_what_waits_is_written_before_a_task_of_a_lane_of_which_nothing_is_known(office: House) -> None:
    tasks, seen = [*wishes(office, "sheds"), wish(office, "beds", "last")], list[TaskState]()
    during(office, "look last", lambda: seen.extend(states(office, tasks[:3])))

    office.work()

    assert seen == [TaskState.DONE] * 3


def test_the_lease_of_a_task_that_waits_to_be_ended_is_kept(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that takes long all the same holds the ends up, and nobody else may begin those tasks anew meanwhile."""
    tasks, held = wishes(office, "sheds"), list[list[int]]()
    batches: list[Batch] = []

    def made() -> Batch:
        batches.append(Batch())
        return batches[-1]

    monkeypatch.setattr(shift, "Batch", made)
    during(office, "look sheds1", lambda: held.append(batches[0].numbers()))

    office.work()

    assert sorted(held[0]) == tasks


@pytest.mark.parametrize("lane_name", ["sheds", "beds"])
def test_what_is_sent_comes_out_as_what_is_waited_for(office: House, sending: list[int], lane_name: str) -> None:
    tasks = wishes(office, lane_name, 7)

    office.work()

    assert len(sending) >= 3
    assert states(office, tasks) == [TaskState.DONE] * 7
    assert len({tuple(events(office, task)) for task in tasks}) == 1
    for task in tasks:
        assert_trail_is_whole(office, task)
    placed = {name: count for name, count in the_yard(office).counts.items() if name.startswith("place")}
    assert placed == {f"place beds{number}": 1 for number in range(7) if lane_name == "beds"}
    assert stuck(office) == []


@pytest.mark.parametrize(("lane_name", "state"), [("sheds", TaskState.CANCELLED), ("beds", TaskState.DONE)])
def test_a_wish_is_heard_for_a_move_that_was_sent_too_late(
    office: House, sending: list[int], lane_name: str, state: TaskState
) -> None:
    """The end of the first was on its way when its requester had already taken it back."""
    tasks = wishes(office, lane_name, 4)
    during(office, f"look {lane_name}1", lambda: recall(office, tasks[0]))

    office.work()

    assert sending
    assert states(office, tasks) == [state, *[TaskState.DONE] * 3]
    assert len(the_yard(office).placed) == (4 if lane_name == "beds" else 0)
    for task in tasks:
        assert_trail_is_whole(office, task)
    assert stuck(office) == []


def test_a_task_whose_subject_is_held_by_an_effect_that_is_not_performed_yet_has_its_turn_in_the_same_shift(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "BATCH", 2)
    monkeypatch.setattr(shift, "MOST", 2)
    tasks = wishes(office, "beds", 2)
    after = Draft("beds", "ines", {"what": "beds1"}, {}, "once more", None)
    accepted = accept(office.deployment, "yard", after)

    shift._work(office.runner, "yard")

    assert isinstance(accepted, Accepted)
    assert states(office, [*tasks, accepted.task]) == [TaskState.DONE] * 3


def test_one_that_was_sent_and_cannot_be_written_spares_the_others(
    office: House, sending: list[int], database_urls: DatabaseUrls
) -> None:
    tasks = wishes(office, "sheds", 4)
    refuse_results_of(database_urls, tasks[1])

    office.work()

    assert sending
    assert states(office, [tasks[0], *tasks[2:]]) == [TaskState.DONE] * 3
    assert "Chargehand itself stopped" in office.task(tasks[1]).sentence


@pytest.mark.parametrize("lane_name", ["sheds", "beds"])
def test_a_runner_that_loses_the_connection_of_what_it_has_sent_loses_and_doubles_nothing(
    office: House, sending: list[int], lane_name: str
) -> None:
    tasks = wishes(office, lane_name, 4)
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'with moved as%$1%' and pid <> pg_backend_pid()"
    gone: list[object] = []
    during(office, f"look {lane_name}2", lambda: gone.extend(office.rows(cut)))

    office.work()
    next_runner(office, "second")
    for task in tasks:
        live_until_ended(office, task)

    assert sending
    assert len(gone) == 1
    assert states(office, tasks) == [TaskState.DONE] * 4
    placed = {name: count for name, count in the_yard(office).counts.items() if name.startswith("place")}
    assert placed == {f"place beds{number}": 1 for number in range(4) if lane_name == "beds"}
    for task in tasks:
        assert_trail_is_whole(office, task)


@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
def test_a_runner_that_dies_with_effects_intended_together_has_performed_none_twice(
    office: House, reaper: Reaper, when: str
) -> None:
    """The first was intended alone; the others together, and the runner dies before it has performed one of them."""
    tasks = wishes(office, "beds")
    died = reaper.kill_in(f"intend.{when}", passes=(2,))

    assert not survive(office.work)
    before = the_yard(office).counts.total()
    next_runner(office, "second")
    for task in tasks:
        live_until_ended(office, task)

    assert died
    assert before < the_yard(office).counts.total()
    assert states(office, tasks) == [TaskState.DONE] * 3
    assert sorted(the_yard(office).placed.values()) == ["beds0", "beds1", "beds2"]
    assert [the_yard(office).counts[f"place beds{number}"] for number in range(3)] == [1, 1, 1]


def test_a_task_that_is_cancelled_while_its_effect_waits_to_be_intended_changes_nothing(office: House) -> None:
    tasks = wishes(office, "beds")
    during(office, "look beds2", lambda: recall(office, tasks[1]))

    office.work()

    assert states(office, tasks) == [TaskState.DONE, TaskState.CANCELLED, TaskState.DONE]
    assert sorted(the_yard(office).placed.values()) == ["beds0", "beds2"]
    assert_trail_is_whole(office, tasks[1])


def test_an_effect_that_was_intended_a_while_ago_is_looked_for_before_it_is_performed(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its runner may have stood still so long that another came to it."""
    monkeypatch.setattr(moving_together, "SURE_S", -1.0)
    tasks = wishes(office, "beds")

    office.work()
    after_a_shift = [the_yard(office).counts[f"place beds{number}"] for number in range(3)]
    for task in tasks:
        live_until_ended(office, task)

    assert after_a_shift == [1, 0, 0]
    assert states(office, tasks) == [TaskState.DONE] * 3
    assert [the_yard(office).counts[f"place beds{number}"] for number in range(3)] == [1, 1, 1]


def test_effects_that_wait_behind_a_slow_one_go_to_others_who_look_first(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = wishes(office, "beds")
    during(office, "place beds1", lambda: monkeypatch.setattr(batch, "LONG_STEP_S", -1.0))

    office.work()
    given_back = events(office, tasks[2])
    monkeypatch.setattr(batch, "LONG_STEP_S", NEVER_S)
    for task in tasks:
        live_until_ended(office, task)

    assert given_back[given_back.index("intended") + 1] == "handed_back"
    assert states(office, tasks) == [TaskState.DONE] * 3
    assert [the_yard(office).counts[f"place beds{number}"] for number in range(3)] == [1, 1, 1]
    for task in tasks:
        assert_trail_is_whole(office, task)


def test_an_effect_that_nobody_can_look_for_is_never_intended_with_others(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner that died before it performs them would leave each to a person."""
    monkeypatch.setattr(moving_together, "QUICK_S", NEVER_S)
    blind = {"tools/yard.py": YARD.replace('@effect("readable", look="placed_by_key"', '@effect("neither", look=None')}
    with yard_with(beds() | blind, database_urls, valkey_server.url, home) as office:
        seen: list[list[str]] = []

        def note(task: int) -> None:
            seen.append(last_events_but(office, task))

        tasks = wishes(office, "beds")
        for number, task in enumerate(tasks):
            during(office, f"look beds{number}", partial(note, task))

        office.work()

    assert len(seen) == 3
    assert not any("intended" in told for told in seen)


def test_a_system_that_goes_down_is_not_called_for_what_was_intended_before(office: House) -> None:
    """The first call that fails is everybody's: the others wait for the system, as they would have before they were intended."""
    tasks = wishes(office, "beds", 12)
    yard = the_yard(office)
    yard.troubles = {f"place beds{number}": closed() for number in range(1, 12)}

    office.work()
    called = sum(count for name, count in yard.counts.items() if name.startswith("place"))
    yard.troubles = {}
    let_time_pass(office, rounds=12, seconds=31)

    assert called <= 1 + MOST_FAILURES
    assert states(office, tasks) == [TaskState.DONE] * 12
    assert sorted(yard.placed.values()) == sorted(f"beds{number}" for number in range(12))
