"""The request changes while a runner is at work, or at the very moment of something else: one of both happens, and is told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState
from engine.request_changes import seen_as
from engine.telling import task_view
from escalation.decisions import Outcome
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on
from tests.integration.engine.meeting import Meeting
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.test_cancelling_at_work import CALLS, PLACES, beds
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import (
    closed,
    contents,
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

ROUNDS, OF_ACCEPTANCE = 24, 200
TOO_LATE = (OutcomeKind.NOT_OFFERED, OutcomeKind.ALREADY)
ONLY_LOOKS = """
@worker
def look(request: Wish, desk: Desk) -> Found:
    return Found(**desk.yard.look(what=request.what))
"""


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with a lane that reads, changes, reads and changes again, and one that only reads."""
    looker = {"looker": worker("requester", "request", "found")}
    views = lane("views", looker, [step("look", "looker", "Found", "found")], ONLY_LOOKS)
    with yard_with({**beds(), **views}, database_urls, valkey_server.url, home) as found:
        yield found


def changed_during(office: House, call: str, what: str = "hut", lane_name: str = "beds") -> tuple[int, list[Outcome]]:
    """A task whose request is changed while the yard is called, and what its requester is answered."""
    task, heard = wish(office, lane_name), list[Outcome]()
    during(office, call, lambda: heard.append(rethink(office, task, what=what)))
    return task, heard


def world(office: House) -> tuple[list[str], list[str]]:
    """What the world shows: placed, taken."""
    return sorted(the_yard(office).placed.values()), sorted(the_yard(office).taken.values())


def assert_accounted(office: House, task: int, outcome: Outcome) -> None:
    """It has ended; the world shows what was asked for last and nothing else, once; the trail folds to the row."""
    row = office.task(task)
    taken_up = outcome.kind in (OutcomeKind.CHANGING, OutcomeKind.CHANGED_IT)
    what = "hut" if taken_up else "shed"
    assert taken_up or outcome.kind in TOO_LATE, outcome
    assert (row.state, row.request["what"], row.subject) == (TaskState.DONE, what, f"beds {what}")
    assert world(office) == ([what], [what])
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    assert events(office, task).count(Event.REQUEST_CHANGED) == (1 if taken_up else 0)
    assert {one.state for one in office.rows("select state from effect")} == {"verified"}
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_it_begins_anew_before_the_next_step_that_changes_anything(office: House) -> None:
    task, heard = changed_during(office, "look shed")

    office.work()

    assert heard[0].kind is OutcomeKind.CHANGING
    assert heard[0].sentence == (
        f"What: shed → hut. T-{task} is being worked on. It begins anew with that before the next step that changes anything."
    )
    assert_accounted(office, task, heard[0])
    assert events(office, task).count(Event.CHANGE_ASKED) == 1
    assert the_yard(office).counts["place shed"] == 0
    assert contents(office, task, Event.REQUEST_CHANGED)[0]["was"] == {"what": "shed"}


def test_what_was_done_until_then_is_kept_with_its_cost_and_not_used(office: House) -> None:
    task, _ = changed_during(office, "look shed")

    office.work()

    tried = office.rows("select step, outcome, fence from attempt where task = :t order by started_at", t=task)
    assert [(row.step, row.outcome) for row in tried][:2] == [("look", "done"), ("place", "proposed")]
    assert tried[2].fence > tried[0].fence
    assert the_yard(office).counts["look hut"] == 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("place shed", "yard.place is under way. What comes of that is looked up and told."),
        ("look the count", "Done before that: yard.place (yard/T-{task}/place/1/1). Cancel it"),
        ("take shed", "yard.take is under way."),
    ],
)
def test_once_something_may_have_been_changed_it_is_too_late_and_that_is_said(
    office: House, call: str, said: str
) -> None:
    task, heard = changed_during(office, call)

    office.work()

    assert heard[0].kind is OutcomeKind.NOT_OFFERED
    assert heard[0].sentence.startswith(f"It is too late to change T-{task}")
    assert said.format(task=task) in heard[0].sentence
    assert_accounted(office, task, heard[0])


def test_an_effect_of_which_nobody_knows_is_not_asked_for_otherwise(office: House) -> None:
    the_yard(office).troubles["place shed"] = closed()
    task = wish(office, "beds")
    office.work()

    outcome = rethink(office, task, what="hut")
    let_time_pass(office, rounds=4)

    assert outcome.kind is OutcomeKind.NOT_OFFERED
    assert outcome.sentence.startswith(f"Nobody has seen yet whether yard.place happened for T-{task}")
    assert_accounted(office, task, outcome)


def test_what_only_reads_is_not_completed_with_what_nobody_asks_for_any_more(office: House) -> None:
    task, heard = changed_during(office, "look shed", lane_name="views")

    office.work()

    row = office.task(task)
    assert heard[0].kind is OutcomeKind.CHANGING
    assert (row.state, row.facts["found"]["what"]) == (TaskState.DONE, "hut")
    assert events(office, task).count(Event.COMPLETED) == 1
    assert_trail_is_whole(office, task)


def test_while_it_is_at_work_everybody_reads_what_it_will_begin_anew_with(office: House) -> None:
    task, views = wish(office, "beds"), []

    def rethought() -> None:
        rethink(office, task, what="hut")
        with office.deployment.database.transaction("yard") as unit:
            views.append(task_view(unit, task))

    during(office, "look shed", rethought)
    office.work()

    soon = "It begins anew with that before the next step that changes anything."
    assert f"Changed. What: shed → hut. {soon}" in views[0].lines
    assert views[0].changeable


def test_a_second_change_takes_the_place_of_the_first_that_was_not_taken_up(office: House) -> None:
    task, heard = wish(office, "beds"), list[Outcome]()

    def twice() -> None:
        heard.append(rethink(office, task, what="barn"))
        heard.append(rethink(office, task, what="hut"))
        heard.append(rethink(office, task, saw=seen_as({"what": "barn"}), what="hut"))

    during(office, "look shed", twice)
    office.work()

    assert [one.kind for one in heard] == [OutcomeKind.CHANGING, OutcomeKind.CHANGED, OutcomeKind.CHANGING]
    assert_accounted(office, task, heard[2])
    assert the_yard(office).counts["look barn"] == 0


def test_a_cancel_after_a_change_wins_and_what_was_done_until_then_is_kept(office: House) -> None:
    task, heard = wish(office, "beds"), list[Outcome]()

    def both() -> None:
        heard.append(rethink(office, task, what="hut"))
        heard.append(recall(office, task))

    during(office, "look shed", both)
    office.work()

    assert [one.kind for one in heard] == [OutcomeKind.CHANGING, OutcomeKind.STOPPING]
    assert office.task(task).state is TaskState.CANCELLED
    assert world(office) == ([], [])
    assert len(office.rows("select 1 from attempt where task = :t", t=task)) == 2
    assert rethink(office, task, what="barn").kind is OutcomeKind.ALREADY
    assert_trail_is_whole(office, task)


def test_a_change_of_what_is_being_cancelled_is_refused(office: House) -> None:
    task, heard = wish(office, "beds"), list[Outcome]()

    def both() -> None:
        recall(office, task)
        heard.append(rethink(office, task, what="hut"))

    during(office, "look shed", both)
    office.work()

    assert heard[0].sentence == f"T-{task} is being cancelled. Ask anew for what you want now."
    assert office.task(task).state is TaskState.CANCELLED


def test_what_was_claimed_and_not_begun_begins_with_what_is_asked_now(office: House) -> None:
    wish(office, "views")
    task = wish(office, "beds")
    during(office, "look shed", lambda: rethink(office, task, what="hut"))

    office.work()

    assert world(office) == (["hut"], ["hut"])
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize(
    "place",
    ["intend.before_commit", "intend.after_commit", "effect.after_call", "verify.after_look", "verify.before_commit"],
)
@pytest.mark.parametrize("nth", [1, 2])
def test_whichever_of_an_effect_and_a_change_is_first_the_other_knows(
    office: House, monkeypatch: pytest.MonkeyPatch, place: str, nth: int
) -> None:
    """The change comes from another connection at that very place; where the row is locked, it waits for the commit."""
    task = wish(office, "beds")
    meeting = Meeting(office, monkeypatch, place, nth, lambda: rethink(office, task, what="hut"))

    office.work()
    outcome = meeting.outcome()
    office.work()

    assert_accounted(office, task, outcome)


@pytest.mark.parametrize(
    "second", [lambda office, task: rethink(office, task, what=f"barn{task}"), recall], ids=["change", "cancel"]
)
def test_changes_cancels_and_runners_at_full_speed_leave_nothing_unaccounted(
    office: House, acceptance: bool, second: Callable[[House, int], Outcome]
) -> None:
    numbers = [wish(office, "beds", f"bed{n}") for n in range(OF_ACCEPTANCE if acceptance else ROUNDS)]
    answers: dict[str, dict[int, Outcome]] = {"first": {}, "second": {}}

    def act(which: str, what: Callable[[House, int], Outcome]) -> None:
        for number in numbers:
            answers[which][number] = what(office, number)

    others = [
        Thread(target=act, args=("first", lambda office, task: rethink(office, task, what=f"hut{task}"))),
        Thread(target=act, args=("second", second)),
    ]
    for other in others:
        other.start()
    office.work()
    for other in others:
        other.join(60)
    let_time_pass(office, rounds=3)

    done = office.rows("select task, tool, args ->> 'what' as what, state from effect order by task, intended_at")
    for number in numbers:
        row = office.task(number)
        asked = row.request["what"]
        mine = [(one.tool, one.what, one.state) for one in done if one.task == number]
        both = [("yard.place", asked, "verified"), ("yard.take", asked, "verified")]
        assert row.state in (TaskState.CANCELLED, TaskState.DONE), row
        assert mine == (both if row.state is TaskState.DONE else both[: len(mine)]), "nothing for a request of before"
        assert len(answers["first"]) == len(answers["second"]) == len(numbers)
        assert_trail_is_whole(office, number)
    assert world(office) == tuple(
        sorted(one.what for one in done if one.tool == tool) for tool in ("yard.place", "yard.take")
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("call", CALLS)
def test_a_runner_that_dies_with_the_change_leaves_it_to_the_next(
    office: House, reaper: Reaper, call: str, place: str
) -> None:
    task, heard = changed_during(office, call)
    died = reaper.kill_when(place, lambda: bool(heard) and not died)

    live_on(office)

    assert_accounted(office, task, heard[0])
