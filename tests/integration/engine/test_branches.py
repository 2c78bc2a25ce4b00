"""Lanes as graphs: branches and joins, steps that are left out, and branches that go on while another has to wait."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from engine.why import why
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on, survived
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import assert_trail_is_whole, press, stuck
from tests.integration.engine.yard import (
    closed,
    contents,
    events,
    lane,
    let_time_pass,
    step,
    the_yard,
    wish,
    worker,
    yard_with,
)

CODE = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="yard"))


@worker
def sweep(request: Wish, look_of_it: Found, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="leaves"))


@worker
def paint(request: Wish, look_of_it: Found, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="paint"))


@worker
def place(request: Wish, swept: Found, painted: Found | None, desk: Desk) -> Proposal[Placed]:
    colour = "bare" if painted is None else painted.says
    return desk.yard.place(what=f"{colour} {request.what}", because="asked for")
"""
SWEPT = {
    "name": "leaves are gone",
    "before": "sweep",
    "rule": {"!=": [{"var": "state.look_of_it.says"}, "raining"]},
    "because": "It rains.",
    "otherwise": "blocked",
    "examples": {"accepted": [{"state.look_of_it.says": "fine"}], "refused": [{"state.look_of_it.says": "raining"}]},
}
PAINTED = {
    "rule": {"!=": [{"var": "state.look_of_it.says"}, "painted"]},
    "because": "The {request.what} is painted already.",
    "examples": {"accepted": [{"state.look_of_it.says": "bare"}], "refused": [{"state.look_of_it.says": "painted"}]},
}
ASKED = {
    "name": "red",
    "before": "place",
    "when": {"in": ["red", {"var": "effect.args.what"}]},
    "because": "Red is loud.",
    "question": "Red?",
    "steps": [{"who": "person:rosa", "for": "1h"}],
    "examples": {"accepted": [{"effect.args.what": "red shed"}], "refused": [{"effect.args.what": "bare shed"}]},
}
FILES = lane(
    "branches",
    {
        "looker": worker("sweeper", "request", "look_of_it"),
        "sweeper": worker("placer", "request look_of_it", "swept"),
        "painter": worker("placer", "request look_of_it", "painted"),
        "placer": worker("requester", "request swept painted", "placed", writes=["yard.place"]),
    },
    [
        step("look", "looker", "Found", "look_of_it"),
        step("sweep", "sweeper", "Found", "swept", after=["look"]),
        step("paint", "painter", "Found", "painted", after=["look"], when=PAINTED),
        step("place", "placer", "Placed", "placed", after=["sweep", "paint"]),
    ],
    CODE,
    require=[SWEPT],
    approve=[ASKED],
)


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with a lane of two branches."""
    with yard_with(FILES, database_urls, valkey_server.url, home) as found:
        yield found


def placed(office: House) -> list[str]:
    """What stands in the yard."""
    return list(the_yard(office).placed.values())


def test_branches_are_worked_in_the_order_of_the_file_and_the_join_waits_for_both(office: House) -> None:
    task = wish(office, "branches")

    office.work()

    done = [one["step"] for one in contents(office, task, Event.STEP_DONE)]
    assert done == ["look", "sweep", "paint"]
    assert office.task(task).state is TaskState.DONE
    assert placed(office) == ["fine shed"]
    assert_trail_is_whole(office, task)


def test_a_step_whose_condition_does_not_hold_is_left_out_with_its_reason(office: House) -> None:
    the_yard(office).says["yard"] = "painted"
    task = wish(office, "branches")

    office.work()

    row = office.task(task)
    (left,) = contents(office, task, Event.LEFT_OUT)
    assert (left["step"], left["sentence"]) == ("paint", "The shed is painted already.")
    assert left["reads"] == {"state.look_of_it.says": "painted"}
    assert (row.state, row.facts["painted"]) == (TaskState.DONE, None)
    assert (placed(office), the_yard(office).counts["look paint"]) == (["bare shed"], 0)
    with office.deployment.database.transaction("yard") as unit:
        told = dict(why(unit, task).rows)["Rules"]
    assert any(line.startswith("paint is taken:") and line.endswith("left out") for line in told)
    assert_trail_is_whole(office, task)


def test_a_branch_that_has_to_be_tried_again_lets_the_other_go_first(office: House) -> None:
    the_yard(office).troubles["look leaves"] = closed()
    task = wish(office, "branches")

    office.work()

    (put_off,) = contents(office, task, Event.PUT_OFF)
    assert (put_off["step"], put_off["meanwhile"]) == ("sweep", "paint")
    assert Event.RETRY_SET not in events(office, task)
    assert office.task(task).state is TaskState.DONE
    assert the_yard(office).counts["look leaves"] == 2
    assert_trail_is_whole(office, task)


def test_a_task_waits_once_no_branch_can_go_on_and_tries_are_counted_by_step(office: House) -> None:
    the_yard(office).troubles["look leaves"] = closed(2)
    task = wish(office, "branches")

    office.work()
    waiting = office.task(task)
    let_time_pass(office, rounds=2)

    assert (waiting.state, waiting.waiting_for, waiting.step) == (TaskState.WAITING, WaitingFor.TIME, "sweep")
    assert waiting.tries == 2
    assert set(waiting.facts) == {"look_of_it", "painted"}
    assert office.task(task).state is TaskState.DONE
    assert the_yard(office).counts["look paint"] == 1
    assert_trail_is_whole(office, task)


def test_a_branch_that_is_blocked_by_a_rule_blocks_the_task_after_the_other_is_done(office: House) -> None:
    the_yard(office).says["yard"] = "raining"
    task = wish(office, "branches")

    office.work()

    row = office.task(task)
    assert (row.state, row.waiting_for, row.step) == (TaskState.WAITING, WaitingFor.BLOCKER, "sweep")
    assert set(row.facts) == {"look_of_it", "painted"}
    assert [one["step"] for one in contents(office, task, Event.PUT_OFF)] == ["sweep"]
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_an_approved_join_is_carried_out_once(office: House) -> None:
    the_yard(office).says["paint"] = "red"
    task = wish(office, "branches")

    office.work()
    press(office, task, "rosa")
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert placed(office) == ["red shed"]
    assert_trail_is_whole(office, task)


def test_a_death_anywhere_changes_nothing(office: House, reaper: Reaper) -> None:
    the_yard(office).says["yard"] = "fine"
    every = reaper.kill_at(0)
    wish(office, "branches", "whole")
    live_on(office, rounds=1)
    places = len(every.passed)

    for nth in range(1, places + 1):
        armed = reaper.kill_at(nth)
        task = survived(partial(wish, office, "branches", f"shed {nth}"))
        live_on(office)

        assert len(armed.passed) >= nth
        assert office.task(task).state is TaskState.DONE, armed.passed[nth - 1]
        assert placed(office).count(f"fine shed {nth}") == 1
        assert_trail_is_whole(office, task)
    assert places > 8
    assert stuck(office) == []


def test_every_branch_is_worked_anew_for_what_is_asked_otherwise(office: House) -> None:
    task = wish(office, "branches", "red shed")
    office.work()
    waiting = office.task(task)

    rethink(office, task, what="hut")
    office.work()

    assert waiting.waiting_for is WaitingFor.DECISION
    assert placed(office) == ["fine hut"]
    assert [the_yard(office).counts[f"look {what}"] for what in ("yard", "leaves", "paint")] == [2, 2, 2]
    assert_trail_is_whole(office, task)
