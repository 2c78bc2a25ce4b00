"""Reviews of one worker by another: typed verdicts that end, send back or let on, and count only for what they saw."""

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
from tests.integration.engine.worlds import assert_trail_is_whole, press, stuck
from tests.integration.engine.yard import contents, lane, step, the_yard, wish, worker, yard_with

CODE = """
@worker
def draft(request: Wish, verdict: Reviewed | None, desk: Desk) -> Found:
    found = desk.yard.look(what="draft")
    better = " ".join(verdict.findings) if verdict is not None else ""
    return Found(what=request.what, says=f"{found['says']} {better}".strip())


@worker
def review(drafted: Found, desk: Desk) -> Review:
    said = desk.yard.look(what="verdict")["says"]
    if said == "silent":
        return Review(verdict="pass", points=[])
    verdict = {"fine": "pass", "never": "fail"}.get(said, "revise")
    return Review(verdict=verdict, points=[Point(criterion="tone fits", passed=said == "fine", sentence=said)])


@worker
def place(drafted: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=drafted.says, because="it was reviewed")
"""
ASKED = {
    "name": "loud",
    "before": "place",
    "when": {"in": ["loud", {"var": "effect.args.what"}]},
    "because": "It is loud.",
    "question": "Loud?",
    "steps": [{"who": "person:rosa", "for": "1h"}],
    "examples": {"accepted": [{"effect.args.what": "loud"}], "refused": [{"effect.args.what": "fine"}]},
}
FILES = lane(
    "letters",
    {
        "writer": worker("editor", "request verdict", "drafted"),
        "editor": worker("placer", "drafted", "verdict", job="Editor"),
        "placer": worker("requester", "drafted", "placed", writes=["yard.place"]),
    },
    [
        step("draft", "writer", "Found", "drafted"),
        step(
            "review", "editor", "review", "verdict", reviews={"step": "draft", "criteria": ["tone fits"], "rounds": 2}
        ),
        step("place", "placer", "Placed", "placed", recheck=["draft"]),
    ],
    CODE,
    approve=[ASKED],
)


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with a lane in which an editor reviews what a writer wrote."""
    with yard_with(FILES, database_urls, valkey_server.url, home) as found:
        yield found


def placed(office: House) -> list[str]:
    """What stands in the yard."""
    return list(the_yard(office).placed.values())


def test_what_passes_goes_on_with_a_verdict_that_is_bound_to_what_was_reviewed(office: House) -> None:
    task = wish(office, "letters")

    office.work()

    row = office.task(task)
    verdict = row.facts["verdict"]
    assert (row.state, placed(office)) == (TaskState.DONE, ["fine"])
    assert (verdict["verdict"], verdict["by"], verdict["round"], len(verdict["of"])) == ("pass", "Editor", 1, 64)
    with office.deployment.database.transaction("yard") as unit:
        told = dict(why(unit, task).rows)
    assert told["Reviewed"][0].startswith("review, round 1: pass by Editor of ")
    assert any(line.startswith("review passes:") and line.endswith("holds") for line in told["Rules"])
    assert_trail_is_whole(office, task)


def test_what_is_to_be_revised_goes_back_to_its_author_with_what_was_found(office: House) -> None:
    the_yard(office).says["verdict"] = ["too dry", "fine"]
    task = wish(office, "letters")

    office.work()

    (back,) = contents(office, task, Event.SENT_BACK)
    assert (back["review"], back["to"], back["round"], back["findings"]) == ("review", "draft", 1, ["too dry"])
    assert (office.task(task).state, placed(office)) == (TaskState.DONE, ["fine too dry"])
    assert office.task(task).facts["verdict"]["round"] == 2
    assert_trail_is_whole(office, task)


def test_after_its_rounds_a_review_asks_the_lane_owner_and_begins_anew_when_they_say_so(office: House) -> None:
    the_yard(office).says["verdict"] = ["dry", "dry", "dry", "fine"]
    task = wish(office, "letters")

    office.work()
    waiting = office.task(task)
    office.answer_blocker("nuno")
    office.work()

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert waiting.sentence == "Editor has asked for changes 3 times: dry"
    assert (waiting.step, waiting.due_at) == ("draft", None)
    assert office.task(task).state is TaskState.DONE
    assert_trail_is_whole(office, task)


def test_what_fails_its_review_is_refused_and_nothing_is_changed(office: House) -> None:
    the_yard(office).says["verdict"] = "never"
    task = wish(office, "letters")

    office.work()

    row = office.task(task)
    assert (row.state, placed(office)) == (TaskState.REFUSED, [])
    assert row.sentence == "Editor does not pass it: never"
    assert_trail_is_whole(office, task)


def test_a_comment_without_a_verdict_on_each_criterion_is_not_done(office: House) -> None:
    the_yard(office).says["verdict"] = "silent"
    task = wish(office, "letters")

    office.work()

    row = office.task(task)
    assert (row.state, placed(office)) == (TaskState.FAILED, [])
    assert "has to say of each criterion whether it is met: tone fits" in row.sentence


def test_editing_after_the_pass_blocks_publishing_until_it_was_reviewed_again(office: House) -> None:
    the_yard(office).says |= {"draft": "loud"}
    task = wish(office, "letters")
    office.work()
    the_yard(office).says |= {"draft": "loud and new"}

    press(office, task, "rosa")
    office.work()
    between = office.task(task)
    told = [row.details["sentence"] for row in office.rows("select details from outbox where message = 'notice'")]
    press(office, task, "rosa")
    office.work()

    assert (between.state, between.waiting_for) == (TaskState.WAITING, WaitingFor.DECISION)
    assert told == [f"T-{task} was approved, but not carried out: What draft gave has changed since review passed it."]
    assert (office.task(task).state, placed(office)) == (TaskState.DONE, ["loud and new"])
    assert [one["to"] for one in contents(office, task, Event.SENT_BACK)] == ["review"]
    lapsed = [row.lapsed_at is not None for row in office.rows("select lapsed_at from decision order by number")]
    assert lapsed == [True, False]
    assert_trail_is_whole(office, task)


def test_a_death_anywhere_changes_nothing(office: House, reaper: Reaper) -> None:
    every = reaper.kill_at(0)
    the_yard(office).says["verdict"] = ["dry", "fine"]
    wish(office, "letters", "whole")
    live_on(office, rounds=1)

    for nth in range(1, len(every.passed) + 1):
        armed = reaper.kill_at(nth)
        the_yard(office).says |= {"draft": f"letter {nth}", "verdict": ["dry", "fine"]}
        task = survived(partial(wish, office, "letters", f"letter {nth}"))
        live_on(office)

        assert office.task(task).state is TaskState.DONE, armed.passed[nth - 1]
        assert sum(one.startswith(f"letter {nth}") for one in placed(office)) == 1
        assert_trail_is_whole(office, task)
    assert stuck(office) == []
