"""A coordinator places work among those who may take it, says why in one sentence, and can change nothing but that."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Governance
from contracts.lifecycle import Event
from contracts.placing import Placement, Routing
from contracts.vocabulary import TaskState
from engine.roster import roster
from engine.why import why
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on, survive, survived
from tests.integration.engine.test_pool import pool_of_two, until_done
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, stuck
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
from chargehand import Placement, Routing

HEARD: list[Routing] = []
HOW = []


@worker
def look(request: Wish, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="shed"))


@worker
def route(routing: Routing, desk: Desk) -> Placement:
    HEARD.append(routing)
    return HOW[0](routing, desk)
"""
COORDINATOR = {
    **worker("requester", "packet", "placement", job="Foreman", tier=4, may="decide", reads=[]),
    "coordinates": "workers:route",
}
LOOK = {"job": "Looker", "escalates": ["peers", "lane-owner"]}
WORKERS = {
    "looker": worker("requester", "request", "seen", **LOOK),
    "night-looker": worker("requester", "request", "seen", **LOOK, runtime="batch"),
    "new-looker": worker("requester", "request", "seen", **LOOK, version="2"),
    "sweeper": worker("requester", "request", "seen", job="Sweeper"),
    "foreman": COORDINATOR,
}
STEPS = [step("look", "looker", "Found", "seen", deadline="6s")]
Choice = Callable[[Routing, Any], Any]

HANGS = """
import time

from chargehand import Placement, Routing, Transient


@worker
def look(request: Wish, desk: Desk) -> Found:
    if not desk.before:
        raise Transient("The yard is closed.", cause="yard")
    return Found(what="shed", says="fine")


@worker
def route(routing: Routing) -> Placement:
    while True:
        time.sleep(0.1)
"""


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with one lane whose work is placed by a foreman."""
    files = lane("sheds", WORKERS, STEPS, CODE)
    with yard_with(files, database_urls, valkey_server.url, home) as found:
        code(found)["HEARD"].clear()
        chooses(found, lambda routing, desk: Placement("new-looker", "It has nothing to do"))
        yield found


def code(office: House) -> dict[str, Any]:
    """What workers.py of the lane knows by name."""
    coordinator = office.deployment.businesses["yard"].lanes["sheds"].coordinator
    assert coordinator is not None
    return coordinator.function.__globals__


def chooses(office: House, how: Choice) -> None:
    """Have the foreman choose like this."""
    code(office)["HOW"][:] = [how]


def handed_on(office: House, what: str = "shed") -> int:
    """A task whose worker has failed as often as it may, so that its step is handed on."""
    the_yard(office).troubles["look shed"] = closed(3)
    task = wish(office, "sheds", what)
    let_time_pass(office, rounds=4)
    return task


def choice_on_record(office: House, task: int) -> tuple[str, dict[str, str]]:
    """To whom the step was handed, and what is kept of the coordinator."""
    (handed,) = contents(office, task, Event.DELEGATED)
    return handed["to"], handed["coordinator"]


def test_a_coordinator_places_work_and_its_sentence_is_on_record_in_why_and_in_the_packet(office: House) -> None:
    task = handed_on(office)

    (handed,) = contents(office, task, Event.DELEGATED)
    assert (handed["to"], handed["coordinator"]) == (
        "new-looker",
        {"by": "foreman", "because": "It has nothing to do."},
    )
    assert handed["because"].endswith("Looker on default takes over. Foreman: It has nothing to do.")
    with office.deployment.database.transaction("yard") as unit:
        rows = dict(why(unit, task).rows)
        listed = {one.worker: one for one in roster(unit, office.deployment.businesses["yard"])}
    assert rows["Placed"] == (f"looker → new-looker: {handed['because']}",)
    assert rows["Worker"][0].startswith("look by new-looker")
    assert (listed["foreman"].tried, listed["foreman"].failed) == (1, 0)
    assert office.task(task).state is TaskState.DONE
    assert_trail_is_whole(office, task)


def test_it_is_told_role_scope_load_and_fitness_of_those_who_may_and_why_nobody_else_may(office: House) -> None:
    office.peer.claimant = replace(office.peer.claimant, runtime="elsewhere")
    chooses(office, lambda routing, desk: Placement("night-looker", "It is idle"))
    first = handed_on(office, "first")
    chooses(office, lambda routing, desk: Placement("new-looker", "The other has work"))
    second = handed_on(office, "second")

    routing: Routing = code(office)["HEARD"][1]
    by_name = {one.name: one for one in routing.candidates}
    assert list(by_name) == ["night-looker", "new-looker"]  # as the contract has it: both runtimes have one task
    night, new = by_name["night-looker"], by_name["new-looker"]
    assert (night.job, night.runtime, night.load, night.in_hand) == ("Looker", "batch", 1, 1)
    assert (night.scope, night.usual_cost) == ("tier 1; reads yard.look; changes nothing", "0.001 EUR")
    assert (new.load, new.in_hand, new.fitness) == (1, 0, None)  # the task itself is at work on its runtime
    assert "The yard is closed." in routing.packet.context
    assert {one.name: one.because for one in routing.ruled_out} == {
        "looker": "It has just failed: The yard is closed.",
        "sweeper": "Its job is another: Sweeper.",
    }
    (asked,) = contents(office, second, Event.CONSULTED)
    assert (asked["coordinator"], asked["may"]) == ("foreman", list(by_name))
    assert set(asked["ruled_out"]) == {"looker", "sweeper"}
    assert contents(office, first, Event.DELEGATED)[0]["to"] == "night-looker"


def _silent(routing: Routing, desk: Any) -> Any:
    return None


def _ineligible(routing: Routing, desk: Any) -> Any:
    return Placement("sweeper", "It is strong")


def _speechless(routing: Routing, desk: Any) -> Any:
    return Placement("new-looker", "  ")


def _broken(routing: Routing, desk: Any) -> Any:
    raise ZeroDivisionError


def _leaves(routing: Routing, desk: Any) -> Any:
    raise SystemExit


def _alike(routing: Routing, desk: Any) -> Any:
    return SimpleNamespace(peer="new-looker", because="I look like a placement")


@pytest.mark.parametrize(
    ("how", "failed"),
    [
        (_silent, "It named nobody"),
        (_alike, "It named nobody"),
        (_ineligible, "It named sweeper, who may not take it"),
        (_speechless, "It named new-looker and did not say why"),
        (_broken, "The worker stopped with ZeroDivisionError"),
        (_leaves, "The worker stopped with SystemExit"),
    ],
)
def test_whatever_a_coordinator_gets_wrong_the_contracts_own_choice_stands_and_it_is_kept(
    office: House, how: Choice, failed: str
) -> None:
    chooses(office, how)

    task = handed_on(office)

    (handed,) = contents(office, task, Event.DELEGATED)
    assert (handed["to"], handed["coordinator"]) == ("night-looker", {"by": "foreman", "failed": failed})
    assert handed["because"].endswith(
        f"Looker on batch takes over. The contract's order decided, without Foreman: {failed}."
    )
    (attempt,) = office.rows("select outcome, sentence from attempt where worker_version like 'foreman %'")
    assert (attempt.outcome, attempt.sentence) == ("failed", f"{failed}.")
    assert office.task(task).state is TaskState.DONE
    assert_trail_is_whole(office, task)


REACHES: dict[str, Choice] = {
    "yard.look": lambda routing, desk: desk.yard.look(what="shed"),
    "yard.place": lambda routing, desk: desk.yard.place(what="shed", because="why not"),
    "keep": lambda routing, desk: desk.keep("evidence.txt", "mine"),
    "remember": lambda routing, desk: desk.remember("yard", "is mine", about="lane"),
    "heard": lambda routing, desk: desk.heard("opted_out", because="I say so"),
    "brief": lambda routing, desk: desk.brief(),
    "yard.take": lambda routing, desk: desk.call("yard", "take", {"what": "shed"}),
}


@pytest.mark.parametrize("reached", REACHES)
def test_whatever_a_coordinator_reaches_for_is_denied_on_the_trail_and_nothing_comes_of_it(
    office: House, reached: str
) -> None:
    def swallows(routing: Routing, desk: Any) -> Placement:
        with pytest.raises(Governance, match="has no right to"):
            REACHES[reached](routing, desk)
        return Placement("new-looker", "It was next")

    chooses(office, swallows)
    task = handed_on(office)

    (denied,) = contents(office, task, Event.DENIED)
    assert (denied["worker"], denied["step"], denied["call"]) == ("foreman", "look", reached)
    assert denied["sentence"].startswith(f"Foreman coordinates: it has no right to {reached}")
    assert the_yard(office).placed == {}
    assert the_yard(office).counts["look shed"] == 4  # three by the worker, one by the peer
    assert office.rows("select 1 from effect") == office.rows("select 1 from belief") == []
    assert office.rows("select 1 from task_artifact where name = 'evidence.txt'") == []
    assert choice_on_record(office, task)[0] == "new-looker"
    assert_trail_is_whole(office, task)


ISOLATED = """
import os

from chargehand import Placement, Routing, Transient


@worker
def look(request: Wish, desk: Desk) -> Found:
    if not desk.before:
        raise Transient("The yard is closed.", cause="yard")
    return Found(what="shed", says="fine")


@worker
def route(routing: Routing, desk: Desk) -> Placement:
    try:
        desk.yard.place(what="shed", because="why not")
    except Exception as refusal:
        os.write(2, str(refusal).encode())
    if routing.packet.subproblem.endswith("deadly"):
        os.abort()
    return Placement(routing.candidates[-1].name, "It stands last")
"""


def test_where_a_lane_runs_its_workers_apart_its_coordinator_is_run_apart_and_may_crash(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    files = lane("sheds", WORKERS, STEPS, ISOLATED, retries={"tries": 1}, isolation={"memory_mb": 256})
    with yard_with(files, database_urls, valkey_server.url, home) as found:
        tame, deadly = wish(found, "sheds", "tame"), wish(found, "sheds", "deadly")

        let_time_pass(found, rounds=2)

        assert choice_on_record(found, tame) == ("new-looker", {"by": "foreman", "because": "It stands last."})
        to, kept = choice_on_record(found, deadly)
        assert (to, kept["failed"]) == ("night-looker", "The worker's process was ended by SIGABRT")
        assert [one["call"] for one in contents(found, tame, Event.DENIED)] == ["yard.place"]
        assert {found.task(task).state for task in (tame, deadly)} == {TaskState.DONE}
        assert the_yard(found).placed == {}


def test_a_coordinator_that_lets_a_refusal_pass_has_failed_and_its_step_is_placed_all_the_same(office: House) -> None:
    chooses(office, REACHES["yard.place"])

    task = handed_on(office)

    to, kept = choice_on_record(office, task)
    assert (to, kept["failed"]) == (
        "night-looker",
        "Foreman coordinates: it has no right to yard.place, only to place what it is given",
    )
    assert [one["call"] for one in contents(office, task, Event.DENIED)] == ["yard.place"]
    assert the_yard(office).placed == {}
    assert office.task(task).state is TaskState.DONE


def test_a_coordinator_whose_runner_is_lost_over_it_is_not_asked_again(office: House, reaper: Reaper) -> None:
    died = reaper.kill_when("step.after_commit", lambda: _newest(office) == Event.CONSULTED)
    the_yard(office).troubles["look shed"] = closed(4)
    task = wish(office, "sheds")
    for turn in range(6):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
        office.wait(11)

    assert len(died) == 1
    assert code(office)["HEARD"] == []
    to, kept = choice_on_record(office, task)
    assert (to, kept["failed"]) == ("night-looker", "it gave no answer: its runner was lost, or ended after 6 s")
    assert events(office, task).count(Event.CONSULTED) == 1
    assert office.task(task).state is TaskState.DONE
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_a_death_anywhere_places_the_step_once_and_ends_well(office: House, reaper: Reaper) -> None:
    the_yard(office).troubles["look shed"] = closed(3)
    every = reaper.kill_at(0)
    wish(office, "sheds", "whole")
    live_on(office, rounds=4)
    places = len(every.passed)

    for nth in range(1, places + 1):
        armed = reaper.kill_at(nth)
        the_yard(office).troubles["look shed"] = closed(3)
        task = survived(partial(wish, office, "sheds", f"shed {nth}"))
        live_on(office, rounds=6)

        assert len(armed.passed) >= nth
        assert office.task(task).state is TaskState.DONE, (nth, armed.passed)
        placed = contents(office, task, Event.DELEGATED)
        assert len(placed) <= 1, (nth, armed.passed)  # the try that was lost may have been the third
        assert_trail_is_whole(office, task)
    assert places > 8
    assert stuck(office) == []


def _newest(office: House) -> str:
    (row,) = office.rows("select event from audit_entry where trail like 'task:%' order by at desc, seq desc limit 1")
    return str(row.event)


def test_a_coordinator_that_is_paused_is_not_asked(office: House) -> None:
    office.rows(
        "insert into standing (company, unit, standing, by, because, since)"
        " values ('yard', 'worker:sheds/foreman', 'paused', 'person:rosa', 'It favours one', now()) returning 1"
    )

    task = handed_on(office)

    assert choice_on_record(office, task) == (
        "night-looker",
        {"by": "foreman", "failed": "it is paused: It favours one"},
    )
    assert code(office)["HEARD"] == []
    assert Event.CONSULTED not in events(office, task)


def test_it_is_asked_as_well_when_the_worker_itself_gets_no_work(office: House) -> None:
    office.rows(
        "insert into standing (company, unit, standing, by, because, since)"
        " values ('yard', 'worker:sheds/looker', 'paused', 'person:rosa', 'It is tired', now()) returning 1"
    )
    task = wish(office, "sheds")

    let_time_pass(office, rounds=2)

    assert choice_on_record(office, task) == ("new-looker", {"by": "foreman", "because": "It has nothing to do."})
    assert code(office)["HEARD"][0].ruled_out[0].because == "It is paused: It is tired."
    assert office.task(task).state is TaskState.DONE


def test_the_clock_places_what_a_silent_peer_leaves_without_running_anybodys_code(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    peers = {f"looker-{n}": worker("requester", "request", "seen", **LOOK, version=str(n)) for n in (3, 4)}
    files = lane("sheds", {**WORKERS, **peers}, STEPS, CODE)
    with yard_with(files, database_urls, valkey_server.url, home) as found:
        chooses(found, lambda routing, desk: Placement("night-looker", "It is night"))
        found.peer.claimant = replace(found.peer.claimant, runtime="elsewhere")
        task = handed_on(found)
        found.wait(700)
        found.sweep()

        by_day, by_the_clock = contents(found, task, Event.DELEGATED)
        assert (by_day["to"], by_day["coordinator"]["because"]) == ("night-looker", "It is night.")
        assert (by_the_clock["to"], by_the_clock["coordinator"]) == (
            "new-looker",
            {"by": "foreman", "failed": "it was not asked: the clock runs nobody's code"},
        )
        assert len(code(found)["HEARD"]) == 1


def test_where_there_is_no_choice_nobody_is_asked_for_one_and_the_card_tells_what_was_chosen(office: House) -> None:
    the_yard(office).troubles["look shed"] = closed(9)
    task = wish(office, "sheds")

    let_time_pass(office, rounds=14)

    first, second = contents(office, task, Event.DELEGATED)
    assert (first["to"], second["to"]) == ("new-looker", "night-looker")
    assert "coordinator" not in second
    assert len(code(office)["HEARD"]) == 1
    (card,) = office.rows("select decision, person from outbox where message = 'card'")
    with office.deployment.database.transaction("yard") as unit:
        assert "Foreman: It has nothing to do." in card_view(unit, card.decision, card.person).tried


def test_a_coordinator_that_hangs_is_ended_with_its_runner_at_the_deadline_and_the_step_is_placed(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    files = lane("sheds", WORKERS, STEPS, HANGS, retries={"tries": 1})
    with (
        yard_with(files, database_urls, valkey_server.url, home) as found,
        pool_of_two(database_urls, valkey_server.url, home, home / "yard"),
    ):
        task = wish(found, "sheds")

        took = until_done(found, task, 60)

        to, kept = choice_on_record(found, task)
        assert (to, kept["failed"]) == ("night-looker", "it gave no answer: its runner was lost, or ended after 6 s")
        assert events(found, task).count(Event.TAKEN_OVER) == 1
        assert took >= 6
        assert_trail_is_whole(found, task)
