"""Loops end with one blocker and nobody's money: peers, reviews, causes that change, and lanes that run away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import contents, lane, let_time_pass, step, the_yard, wish, worker, yard_with

LOOK = """
from chargehand import Judgment, Transient


@worker
def look(request: Wish, desk: Desk) -> Found:
    said = desk.yard.look(what=request.what)["says"]
    if said != "fine":
        raise Judgment(f"Nobody understands {said}.", cause=said)
    return Found(what=request.what, says=said)
"""
REVIEW = """
@worker
def draft(request: Wish, verdict: Reviewed | None, desk: Desk) -> Found:
    return Found(what=request.what, says=desk.yard.look(what="draft")["says"])


@worker
def review(drafted: Found, desk: Desk) -> Review:
    said = desk.yard.look(what="verdict")["says"]
    verdict = "pass" if said == "fine" else "revise"
    return Review(verdict=verdict, points=[Point(criterion="tone fits", passed=said == "fine", sentence=said)])
"""
PLACES = ["default", "batch", "browser", "compute", "night", "day", "spare", "attic"]
CROWD = {
    name: worker("requester", "request", "found", escalates=["peers", "lane-owner"], runtime="default", version=name)
    for name in PLACES
}
LANES = {
    **lane(
        "pair",
        {name: CROWD[name] for name in PLACES[:2]},
        [step("look", "default", "Found", "found")],
        LOOK,
    ),
    **lane("crowd", CROWD, [step("look", "default", "Found", "found")], LOOK),
    **lane(
        "shy",
        CROWD,
        [step("look", "default", "Found", "found")],
        LOOK,
        retries={"tries": 3, "first_s": 9, "longest_s": 10, "peers": 1},
    ),
    **lane(
        "letters",
        {
            "writer": worker("editor", "request verdict", "drafted"),
            "editor": worker("requester", "drafted", "verdict", job="Editor", runtime="batch"),
        },
        [
            step("draft", "writer", "Found", "drafted"),
            step("review", "editor", "review", "verdict", reviews={"step": "draft", "criteria": ["tone fits"]}),
        ],
        REVIEW,
    ),
}


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with workers who could hand a task to each other for ever."""
    with yard_with(LANES, database_urls, valkey_server.url, home) as found:
        yield found


def blockers(office: House) -> list[str]:
    """The causes of all blockers that were ever opened."""
    return [row.cause for row in office.rows("select cause from blocker order by opened_at")]


def cards(office: House) -> int:
    return len(office.rows("select 1 from decision"))


def runs(office: House) -> int:
    (row,) = office.rows("select count(*) as many from attempt")
    return int(row.many)


def test_two_workers_who_are_each_others_peers_hand_a_task_on_once_and_end_with_one_blocker(office: House) -> None:
    the_yard(office).says["shed"] = "riddles"
    task = wish(office, "pair")

    let_time_pass(office, rounds=40, seconds=700)

    row = office.task(task)
    assert [one["to"] for one in contents(office, task, Event.DELEGATED)] == ["batch"]
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert (blockers(office), cards(office)) == (["riddles"], 1)
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_a_writer_and_an_editor_on_two_runtimes_end_with_one_blocker(office: House) -> None:
    the_yard(office).says["verdict"] = "dry"
    task = wish(office, "letters")

    let_time_pass(office, rounds=40, seconds=700)

    row = office.task(task)
    assert len(contents(office, task, Event.SENT_BACK)) == 3
    assert (row.state, row.waiting_for, row.due_at) == (TaskState.WAITING, WaitingFor.BLOCKER, None)
    assert (len(blockers(office)), cards(office)) == (1, 1)
    assert stuck(office) == []


def test_a_task_that_finds_another_reason_each_time_it_is_looked_at_ends_with_one_blocker(office: House) -> None:
    the_yard(office).says["shed"] = [f"riddle {number}" for number in range(1000)]
    task = wish(office, "pair")

    let_time_pass(office, rounds=40, seconds=700)
    many = runs(office)
    let_time_pass(office, rounds=10, seconds=700)

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert runs(office) == many
    assert row.sentence == (
        f"T-{task} was stopped at look 4 times in a row, each time for another reason, and got no further. "
        "The last one: Nobody understands riddle 4."
    )
    assert office.rows("select cause from blocker where lifted_at is null") == [(f"no progress of T-{task}",)]
    assert [one.state for one in office.rows("select state from decision order by number")] == [
        *["withdrawn"] * 3,
        "open",
    ]
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_who_lets_it_go_on_lets_it_begin_anew_and_what_it_gets_past_lifts_the_blocker(office: House) -> None:
    the_yard(office).says["shed"] = [*(f"riddle {number}" for number in range(6)), "fine"]
    task = wish(office, "pair")
    let_time_pass(office, rounds=8, seconds=700)

    office.answer_blocker("nuno")
    let_time_pass(office, rounds=3, seconds=700)

    assert office.task(task).state is TaskState.DONE
    assert office.rows("select cause from blocker where lifted_at is null") == []
    assert office.rows("select 1 from decision where state = 'open'") == []


def test_one_reason_that_stays_is_looked_at_for_as_long_as_it_stays(office: House) -> None:
    the_yard(office).says["shed"] = ["riddles"] * 30 + ["fine"]
    task = wish(office, "pair")

    let_time_pass(office, rounds=40, seconds=700)

    assert office.task(task).state is TaskState.DONE
    assert (blockers(office), cards(office)) == (["riddles"], 1)


def test_a_blocker_on_which_others_wait_stays_when_one_leaves_it_for_another(office: House) -> None:
    yard = the_yard(office)
    yard.says |= {"shed": ["riddles", "riddles", "jokes"], "barn": "riddles"}
    shed, barn = wish(office, "pair"), wish(office, "pair", "barn")

    let_time_pass(office, rounds=5, seconds=700)

    waiting = {row.cause for row in office.rows("select cause from blocker where lifted_at is null")}
    assert waiting == {"riddles", "jokes"}
    assert {office.task(one).waiting_for for one in (shed, barn)} == {WaitingFor.BLOCKER}
    assert stuck(office) == []


def test_a_task_is_handed_on_five_times_at_most(office: House) -> None:
    the_yard(office).says["shed"] = "riddles"
    task = wish(office, "crowd")

    let_time_pass(office, rounds=20, seconds=11)

    row = office.task(task)
    assert len(contents(office, task, Event.DELEGATED)) == 5
    assert row.waiting_for is WaitingFor.BLOCKER
    assert row.sentence.endswith(
        "A step of crowd is handed on 5 times at most; raise retries.peers of crowd to let spare take it over."
    )
    assert (blockers(office), cards(office)) == (["riddles"], 1)


def test_a_lane_says_itself_how_often_it_is_handed_on(office: House) -> None:
    the_yard(office).says["shed"] = "riddles"
    task = wish(office, "shy")

    let_time_pass(office, rounds=6, seconds=11)

    row = office.task(task)
    assert len(contents(office, task, Event.DELEGATED)) == 1
    assert "A step of shy is handed on once at most; raise retries.peers of shy" in row.sentence
