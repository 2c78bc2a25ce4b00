"""Somebody cancels while a runner is at work: it stops before the next change, and whatever was changed is known and told."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, TaskState
from engine.telling import task_view
from escalation.decisions import Outcome
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on
from tests.integration.engine.meeting import Meeting
from tests.integration.engine.worlds import assert_trail_is_whole, stuck
from tests.integration.engine.yard import (
    LOOK_AND_PLACE,
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

CODE = (
    LOOK_AND_PLACE
    + """

@worker
def count(request: Wish, placed: Placed, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="the count"))


@worker
def take(request: Wish, counted: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.take(what=request.what, because="it was counted")
"""
)
ROUNDS, OF_ACCEPTANCE = 24, 200
STOPPED = "Inês Prata cancelled it: “changed my mind”."
DONE_BEFORE = "Done before that: yard.place (yard/T-{task}/place/1/1)."
NOTHING = "Nothing had been changed."


def beds() -> dict[str, str]:
    """A lane that reads, changes, reads and changes again."""
    return lane(
        "beds",
        {
            "looker": worker("placer", "request", "found"),
            "placer": worker("counter", "request found", "placed", writes=["yard.place"]),
            "counter": worker("taker", "request placed", "counted"),
            "taker": worker("requester", "request counted", "taken", writes=["yard.take"]),
        },
        [
            step("look", "looker", "Found", "found"),
            step("place", "placer", "Placed", "placed"),
            step("count", "counter", "Found", "counted"),
            step("take", "taker", "Placed", "taken"),
        ],
        CODE,
    )


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The yard with that lane."""
    with yard_with(beds(), database_urls, valkey_server.url, home) as found:
        yield found


def recalled_during(office: House, call: str, person: str = "ines") -> tuple[int, list[Outcome]]:
    """A task that somebody cancels while the yard is called, and what they are answered."""
    task, heard = wish(office, "beds"), list[Outcome]()
    during(office, call, lambda: heard.append(recall(office, task, person)))
    return task, heard


def changed(office: House) -> tuple[list[str], list[str]]:
    """What the world shows: placed, taken."""
    return sorted(the_yard(office).placed.values()), sorted(the_yard(office).taken.values())


def settled(office: House) -> list[tuple[str, str]]:
    """What the record says of each effect."""
    rows = office.rows("select tool, state from effect order by intended_at")
    return [(row.tool, row.state) for row in rows]


def assert_accounted(office: House, task: int) -> TaskState:
    """It has ended, every change of the world is on record as verified, and what is told names all of them."""
    row = office.task(task)
    placed, taken = changed(office)
    verified = sorted(tool for tool, state in settled(office) if state == "verified")
    assert verified == sorted(["yard.place"] * len(placed) + ["yard.take"] * len(taken))
    assert len(placed) <= 1
    assert len(taken) <= 1
    assert row.state in (TaskState.CANCELLED, TaskState.DONE)
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    if row.state is TaskState.CANCELLED:
        told = DONE_BEFORE.format(task=task) if placed else NOTHING
        assert row.sentence == f"{STOPPED} {told}"
    assert len(office.rows("select 1 from outbox where message = 'result'")) == 1
    assert stuck(office) == []
    assert_trail_is_whole(office, task)
    return row.state


@pytest.mark.parametrize(
    ("call", "world"),
    [("look shed", ([], [])), ("place shed", (["shed"], [])), ("look the count", (["shed"], []))],
)
def test_it_stops_before_the_next_step_that_changes_anything(
    office: House, call: str, world: tuple[list[str], list[str]]
) -> None:
    task, heard = recalled_during(office, call)

    office.work()

    assert heard[0].kind is OutcomeKind.STOPPING
    assert f"T-{task} is being worked on" in heard[0].sentence
    assert ("before the next step" in heard[0].sentence) is (call != "place shed")
    assert assert_accounted(office, task) is TaskState.CANCELLED
    assert changed(office) == world
    assert events(office, task)[-1] == Event.CANCELLED
    assert Event.CANCEL_ASKED in events(office, task)


def test_what_was_done_until_then_is_kept_with_its_cost(office: House) -> None:
    task, _ = recalled_during(office, "look the count")

    office.work()

    tried = office.rows("select step, outcome from attempt where task = :t order by started_at", t=task)
    assert [(row.step, row.outcome) for row in tried] == [
        ("look", "done"),
        ("place", "proposed"),
        ("count", "done"),
        ("take", "proposed"),
    ]
    assert "counted" in office.task(task).facts


def test_a_cancel_during_the_last_change_comes_too_late_and_that_is_said(office: House) -> None:
    task, heard = recalled_during(office, "take shed")

    office.work()

    assert heard[0].sentence == (
        f"T-{task} is being worked on, and yard.take is under way. What comes of that is looked up and told; "
        "nothing else is changed."
    )
    assert assert_accounted(office, task) is TaskState.DONE
    with office.deployment.database.transaction("yard") as unit:
        assert "Inês Prata wanted to cancel it; that came too late." in task_view(unit, task).lines


def test_while_it_goes_on_everybody_reads_that_it_will_stop_and_a_second_wish_changes_nothing(office: House) -> None:
    task = wish(office, "beds")
    views, heard = [], list[Outcome]()

    def twice() -> None:
        recall(office, task)
        heard.append(recall(office, task, "nuno"))
        with office.deployment.database.transaction("yard") as unit:
            views.append(task_view(unit, task))

    during(office, "look shed", twice)
    office.work()

    assert heard[0].kind is OutcomeKind.ALREADY
    assert heard[0].sentence.startswith("Inês Prata has asked for that already.")
    assert views[0].stopping
    assert "Inês Prata wants to cancel it: it stops before the next step that changes anything." in views[0].lines
    assert events(office, task).count(Event.CANCEL_ASKED) == 1
    assert assert_accounted(office, task) is TaskState.CANCELLED


@pytest.mark.parametrize(
    ("call", "told"), [("look shed", "T-{}: Nuno Reis cancelled it"), ("take shed", "T-{} was done before it could be")]
)
def test_whoever_wished_it_for_somebody_else_hears_what_came_of_it(office: House, call: str, told: str) -> None:
    task, _ = recalled_during(office, call, "nuno")

    office.work()

    (notice,) = office.rows("select person, details from outbox where message = 'notice'")
    assert notice.person == "nuno"
    assert notice.details["sentence"].startswith(told.format(task))


def test_one_who_may_not_is_refused_and_the_work_goes_on(office: House) -> None:
    task, heard = recalled_during(office, "place shed", "nobody")

    office.work()

    assert heard[0].kind is OutcomeKind.INACTIVE
    assert assert_accounted(office, task) is TaskState.DONE


def test_what_was_claimed_and_not_begun_ends_without_a_step(office: House) -> None:
    first, second = wish(office, "beds", "shed"), wish(office, "beds", "hut")
    during(office, "look shed", lambda: recall(office, second))

    office.work()

    assert office.task(first).state is TaskState.DONE
    assert office.task(second).state is TaskState.CANCELLED
    assert the_yard(office).counts["place hut"] == 0


def test_a_call_of_which_nothing_arrived_is_not_made_again(office: House) -> None:
    the_yard(office).troubles["place shed"] = closed()
    task = wish(office, "beds")
    office.work()
    waiting = office.task(task)

    answer = recall(office, task)
    let_time_pass(office, rounds=3)

    assert waiting.state is TaskState.WAITING
    assert (
        answer.sentence == f"Nobody has seen yet whether yard.place happened for T-{task}. It stops once that is known."
    )
    assert the_yard(office).counts["place shed"] == 1
    assert settled(office) == [("yard.place", "disproved")]
    assert assert_accounted(office, task) is TaskState.CANCELLED


def test_what_is_given_up_frees_the_room_under_its_cap(
    database_urls: DatabaseUrls, valkey_server: Valkey, home: Path
) -> None:
    caps = {"record": {"day": {"records": 5}}}
    with yard_with(beds(), database_urls, valkey_server.url, home, caps=caps) as office:
        the_yard(office).troubles["place shed"] = closed()
        task = wish(office, "beds")
        office.work()
        used = len(office.rows("select 1 from cap_use"))
        recall(office, task)
        let_time_pass(office, rounds=3)

        assert used == 1
        assert office.task(task).state is TaskState.CANCELLED
        assert office.rows("select 1 from cap_use where given_back_at is null") == []


def test_a_call_that_arrives_late_is_found_and_told(office: House) -> None:
    the_yard(office).troubles["place shed"] = closed()
    task = wish(office, "beds")
    office.work()
    recall(office, task)

    office.work()
    the_yard(office).placed[f"yard/T-{task}/place/1/1"] = "shed"
    let_time_pass(office, rounds=2)

    assert assert_accounted(office, task) is TaskState.CANCELLED
    assert changed(office) == (["shed"], [])


def test_a_wish_between_a_finding_and_the_next_runner_is_kept(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_yard(office), "placed_by_key", lambda **_: None)
    task = wish(office, "beds")
    let_time_pass(office, rounds=14, seconds=700)
    office.answer_blocker("nuno", Answer.APPROVE, "It stands there.")
    ready = office.task(task)

    answer = recall(office, task)
    office.work()

    assert (ready.state, answer.kind) == (TaskState.READY, OutcomeKind.STOPPING)
    assert office.task(task).sentence == f"{STOPPED} Done before that: yard.place (seen by Nuno Reis)."


def test_what_the_world_shows_late_is_told_before_it_ends(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    yard, blind = the_yard(office), [True, True]
    shown = yard.placed_by_key
    monkeypatch.setattr(yard, "placed_by_key", lambda **given: None if blind and blind.pop() else shown(**given))
    task, _ = recalled_during(office, "place shed")

    office.work()
    verifying = office.task(task)
    let_time_pass(office, rounds=4)

    assert (verifying.state, verifying.lease_runner) == (TaskState.VERIFYING, None)
    assert assert_accounted(office, task) is TaskState.CANCELLED
    assert changed(office) == (["shed"], [])


def test_an_effect_in_doubt_stays_with_its_human_and_their_answer_ends_the_task(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_yard(office), "placed_by_key", lambda **_: None)
    task, _ = recalled_during(office, "place shed")
    let_time_pass(office, rounds=14, seconds=700)
    waiting = office.task(task)

    office.answer_blocker("nuno", Answer.APPROVE, "It stands there.")
    again = recall(office, task)
    office.work()

    assert waiting.state is TaskState.WAITING
    assert waiting.sentence.startswith("Nobody knows whether yard.place happened")
    assert again.kind is OutcomeKind.ALREADY
    row = office.task(task)
    assert row.state is TaskState.CANCELLED
    assert row.sentence == f"{STOPPED} Done before that: yard.place (seen by Nuno Reis)."
    assert changed(office) == (["shed"], [])


@pytest.mark.parametrize(
    ("place", "nth", "world"),
    [
        ("intend.before_commit", 1, ([], [])),
        ("intend.after_commit", 1, (["shed"], [])),
        ("verify.before_commit", 1, (["shed"], [])),
        ("verify.after_commit", 1, (["shed"], [])),
        ("intend.before_commit", 2, (["shed"], [])),
        ("verify.after_look", 2, (["shed"], ["shed"])),
    ],
)
def test_whichever_of_a_change_and_a_cancel_is_first_the_other_knows(
    office: House, monkeypatch: pytest.MonkeyPatch, place: str, nth: int, world: tuple[list[str], list[str]]
) -> None:
    """The wish comes from another connection at that very place; where the row is locked, it waits for the commit."""
    task = wish(office, "beds")
    meeting = Meeting(office, monkeypatch, place, nth, lambda: recall(office, task))

    office.work()
    outcome = meeting.outcome()
    office.work()

    if outcome.kind is OutcomeKind.STOPPING:
        assert changed(office) == world
    assert_accounted(office, task)


def test_cancels_and_runners_at_full_speed_leave_nothing_unaccounted(office: House, acceptance: bool) -> None:
    numbers = [wish(office, "beds", f"bed{n}") for n in range(OF_ACCEPTANCE if acceptance else ROUNDS)]
    answers: dict[int, Outcome] = {}

    def wished() -> None:
        for number in numbers:
            answers[number] = recall(office, number)

    other = Thread(target=wished)
    other.start()
    office.work()
    other.join(30)
    office.wait(11)
    office.work()

    placed, taken = changed(office)
    for number in numbers:
        row = office.task(number)
        named = f"bed{number - numbers[0]}"
        was_placed, was_taken = named in placed, named in taken
        assert row.state in (TaskState.CANCELLED, TaskState.DONE), row
        assert (row.state is TaskState.DONE) == was_taken
        if row.state is TaskState.CANCELLED:
            assert (DONE_BEFORE.format(task=number) if was_placed else NOTHING) in row.sentence
        assert answers[number].kind in (OutcomeKind.STOPPING, OutcomeKind.CANCELLED, OutcomeKind.ALREADY)
        assert_trail_is_whole(office, number)
    assert len(settled(office)) == len(placed) + len(taken)
    assert {state for _, state in settled(office)} <= {"verified"}


CALLS = ("look shed", "place shed", "look the count", "take shed")
PLACES = (
    "intend.before_commit",
    "intend.after_commit",
    "effect.before_call",
    "effect.after_call",
    "verify.after_look",
    "verify.before_commit",
    "verify.after_commit",
    "step.before_commit",
    "step.after_commit",
)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", PLACES)
def test_a_runner_that_dies_with_the_wish_leaves_it_to_the_next(
    office: House, reaper: Reaper, call: str, place: str
) -> None:
    task, heard = recalled_during(office, call)
    died = reaper.kill_when(place, lambda: bool(heard) and not died)

    live_on(office)

    assert heard[0].kind is OutcomeKind.STOPPING
    state = assert_accounted(office, task)
    assert (state is TaskState.DONE) == bool(changed(office)[1])
    if call in ("look shed", "place shed"):
        assert changed(office)[1] == []
