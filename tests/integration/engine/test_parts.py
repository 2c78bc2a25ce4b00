"""An effect of which only parts stand is completed under its key, put back by its undo, or put to a person; no part is done twice."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.authoring import Deterministic, Transient
from contracts.vocabulary import Answer, TaskState, WaitingFor
from engine.telling import task_view
from tests.builders import House
from tests.integration.engine.dying import Reaper, survive
from tests.integration.engine.press import BLIND, KEYED, PARTS, Pressroom
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, stuck
from tests.integration.engine.yard import contents, recall, the_yard, wish


@pytest.fixture
def open_press(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[Pressroom]:
    """How a test opens a pressroom."""
    with ExitStack() as stack:
        yield Pressroom(stack, database_urls, valkey_server.url, home)


def live_on(office: House, task: int, *, rounds: int = 40) -> None:
    """Work whenever something is due, with another runner after each death, until it ends or a person is asked."""
    for turn in range(rounds):
        if not survive(office.work):
            next_runner(office, f"runner-{turn}")
        row = office.task(task)
        if row.ended_at is not None or row.waiting_for is WaitingFor.BLOCKER:
            return
        office.wait(5)


def assert_set_once(office: House, task: int) -> None:
    """Done; each part was set exactly once, and the effect is verified."""
    assert office.task(task).state is TaskState.DONE, office.task(task).sentence
    assert Counter(part for _, part, _ in the_yard(office).set) == Counter(PARTS)
    assert [row.state for row in office.rows("select state from effect")] == ["verified"]
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize("part", ["picture", "index"])
@pytest.mark.parametrize("error", [None, Transient("The press jams."), ConnectionResetError()])
def test_a_page_that_stands_in_part_is_completed_by_what_is_missing(
    open_press: Pressroom, part: str, error: Exception | None
) -> None:
    office = open_press()
    press = the_yard(office)
    press.stops = {part: [error]}
    task = wish(office, "pages")

    live_on(office, task)

    assert_set_once(office, task)
    assert press.asked == [None, PARTS[PARTS.index(part) :]]
    (again,) = [one for one in contents(office, task, "resumed") if "parts" in one]
    assert again["parts"] == {"done": list(PARTS[: PARTS.index(part)]), "missing": list(PARTS[PARTS.index(part) :])}


@pytest.mark.parametrize("part", ["picture", "index"])
@pytest.mark.parametrize("place", ["effect.after_call", "verify.after_look", "verify.before_commit"])
def test_a_runner_that_dies_between_parts_leaves_a_page_that_is_completed(
    open_press: Pressroom, reaper: Reaper, part: str, place: str
) -> None:
    office = open_press()
    the_yard(office).stops = {part: [None]}
    task = wish(office, "pages")
    died = reaper.kill_in(place)

    live_on(office, task)

    assert died == [place]
    assert_set_once(office, task)


@pytest.mark.parametrize(
    "lags", [{}, {"picture": 4.0}, {"picture": 29.0}, {"text": 29.0}, {"text": 29.0, "picture": 29.0}]
)
@pytest.mark.parametrize("place", ["effect.after_call", "verify.after_look"])
def test_a_keyed_page_that_shows_late_is_completed_though_the_press_refuses_what_it_has(
    open_press: Pressroom, reaper: Reaper, place: str, lags: dict[str, float]
) -> None:
    office = open_press(press=KEYED)
    press = the_yard(office)
    press.lags = lags
    press.stops = {"index": [None]}
    task = wish(office, "pages")
    died = reaper.kill_in(place)

    live_on(office, task)

    assert died == [place]
    assert_set_once(office, task)


@pytest.mark.parametrize("place", ["intend.after_commit", "effect.before_call", "effect.after_call"])
def test_a_runner_that_dies_while_it_completes_a_page_sets_no_part_twice(
    open_press: Pressroom, reaper: Reaper, place: str
) -> None:
    office = open_press()
    the_yard(office).stops = {"picture": [None]}
    task = wish(office, "pages")
    died = reaper.kill_in(place, passes=(2,))

    live_on(office, task)

    assert died == [place]
    assert_set_once(office, task)


def test_one_part_after_the_other_may_break_off_and_the_page_is_whole_in_the_end(open_press: Pressroom) -> None:
    office = open_press()
    press = the_yard(office)
    press.stops = {part: [Transient("The press jams.")] for part in ("text", "picture")}
    task = wish(office, "pages")

    live_on(office, task)

    assert_set_once(office, task)
    assert press.asked == [None, None, ("picture", "index")]


@pytest.mark.parametrize("lag_s", [0.1, 5.0, 9.0])
def test_parts_that_show_late_are_waited_for_and_not_set_again(open_press: Pressroom, lag_s: float) -> None:
    office = open_press()
    press = the_yard(office)
    press.lag_s = lag_s
    press.stops = {"index": [None]}
    task = wish(office, "pages")

    live_on(office, task)

    assert_set_once(office, task)
    assert press.asked == [None, ("index",)]


@pytest.mark.parametrize("after", ["cancelled", "failed"])
def test_what_can_not_be_completed_is_put_back_by_its_undo_and_the_task_fails(
    open_press: Pressroom, after: str
) -> None:
    office = open_press(after=[after])
    press = the_yard(office)
    press.stops = {"index": [Deterministic("The index is closed.", cause="index")]}
    task = wish(office, "pages")

    live_on(office, task)

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert row.sentence.startswith(
        f"yard.place stands in part for T-{task}: text and picture are there, index is missing. The index is closed."
    )
    assert row.sentence.endswith(f"Taken back: yard.place (yard/T-{task}/place/1/1).")
    assert (press.set, len(press.taken_off)) == ([], 1)
    assert press.asked == [None]
    assert_trail_is_whole(office, task)


def test_a_death_anywhere_while_a_page_is_put_back_puts_it_back_once(open_press: Pressroom, reaper: Reaper) -> None:
    office = open_press(after=["failed"])
    press = the_yard(office)
    press.stops = {"index": [Deterministic("The index is closed.") for _ in range(9)]}
    passed = reaper.kill_at(0).passed
    live_on(office, wish(office, "pages"))
    places = range(passed.index("effect.after_call") + 1, len(passed) + 1)

    for nth in places:
        task = wish(office, "pages", f"shed {nth}")
        reaper.kill_at(nth)
        live_on(office, task)
        reaper.kill_at(0)

        assert office.task(task).state is TaskState.FAILED, (nth, office.task(task).sentence)
        assert press.set == []
        assert sum(reference.startswith(f"yard/T-{task}/") for reference in press.taken_off.values()) == 1
        assert_trail_is_whole(office, task)


def in_part(office: House) -> int:
    """A page of which the index is missing, put to a person."""
    the_yard(office).stops = {"index": [Deterministic("The index is closed.", cause="index")]}
    task = wish(office, "pages")
    live_on(office, task)
    return task


def test_without_an_undo_a_person_sees_what_stands_and_has_the_rest_done(open_press: Pressroom) -> None:
    office = open_press()
    task = in_part(office)
    asked = office.rows("select card from decision")[0].card
    waits = office.task(task)

    assert office.answer_blocker("nuno", Answer.APPROVE) is OutcomeKind.DECIDED
    live_on(office, task)

    assert "text and picture are there, index is missing. The index is closed. Complete it?" in asked["question"]
    assert asked["labels"] == ["Complete it", "Leave it so"]
    assert waits.holds_subject
    assert_set_once(office, task)


def test_a_person_may_leave_a_page_as_it_is_and_that_is_said(open_press: Pressroom) -> None:
    office = open_press()
    task = in_part(office)

    office.answer_blocker("nuno", Answer.REJECT, "The index is not needed.")
    live_on(office, task)

    row = office.task(task)
    assert (row.state, row.holds_subject) == (TaskState.REFUSED, False)
    assert [part for _, part, _ in the_yard(office).set] == ["text", "picture"]
    assert len(the_yard(office).asked) == 1


@pytest.mark.parametrize("undo", [True, False])
def test_a_cancel_while_a_person_is_asked_puts_back_what_stands_or_says_what_stays(
    open_press: Pressroom, undo: bool
) -> None:
    office = open_press(press=BLIND, after=["refused"]) if undo else open_press()
    if undo:
        the_yard(office).stops = {"index": [None]}
        task = wish(office, "pages")
        live_on(office, task)
    else:
        task = in_part(office)

    recall(office, task)
    live_on(office, task)

    row = office.task(task)
    assert row.state is TaskState.CANCELLED
    assert ("Taken back: yard.place" in row.sentence) is undo
    assert ("Of yard.place text and picture stay, and index was not done." in row.sentence) is not undo
    assert_trail_is_whole(office, task)


def test_a_page_that_gets_no_further_when_it_is_completed_goes_to_a_person_and_is_not_tried_for_ever(
    open_press: Pressroom,
) -> None:
    office = open_press()
    press = the_yard(office)
    press.stops = {"index": [None] * 9}
    task = wish(office, "pages")

    live_on(office, task)

    assert office.task(task).waiting_for is WaitingFor.BLOCKER
    assert press.asked == [None, ("index",)]
    assert "nothing came of that" in office.task(task).sentence


def test_a_press_that_stays_down_blocks_and_the_page_is_completed_when_it_is_back(open_press: Pressroom) -> None:
    office = open_press()
    press = the_yard(office)
    press.stops = {"picture": [Transient("The press jams.", cause="yard") for _ in range(4)]}
    task = wish(office, "pages")

    live_on(office, task)
    blocked = office.task(task)
    press.stops = {}
    office.wait(700)
    live_on(office, task)

    assert (blocked.state, blocked.holds_subject) == (TaskState.WAITING, True)
    assert_set_once(office, task)


@pytest.mark.parametrize("undo", [True, False])
def test_a_cancel_of_a_page_in_part_puts_it_back_or_asks_a_person(open_press: Pressroom, undo: bool) -> None:
    office = open_press(after=["cancelled"]) if undo else open_press()
    press = the_yard(office)
    press.stops = {"index": [None]}
    task = wish(office, "pages")
    office.work()

    assert recall(office, task).kind is OutcomeKind.STOPPING
    live_on(office, task)

    row = office.task(task)
    assert press.asked == [None]
    if undo:
        assert (row.state, press.set) == (TaskState.CANCELLED, [])
        assert "Taken back: yard.place" in row.sentence
    else:
        assert row.waiting_for is WaitingFor.BLOCKER
        assert "nothing is declared that puts it back" in row.sentence
    assert_trail_is_whole(office, task)


@pytest.mark.parametrize("answer", [Answer.APPROVE, Answer.REJECT])
def test_what_nobody_can_look_at_is_completed_or_put_back_only_by_a_persons_word(
    open_press: Pressroom, answer: Answer
) -> None:
    office = open_press(press=BLIND, after=["cancelled"])
    press = the_yard(office)
    press.stops = {"index": [None]}
    task = wish(office, "pages")
    live_on(office, task)
    card = office.rows("select card from decision")[0].card

    office.answer_blocker("nuno", answer, "So be it.")
    live_on(office, task)

    assert card["labels"] == ["Complete it", "Put it back"]
    assert "text and picture are there, index is missing." in card["question"]
    if answer is Answer.APPROVE:
        assert press.asked == [None, ("index",)]
        assert (
            "Did yard.place happen?"
            in office.rows("select card from decision order by number desc")[0].card["question"]
        )
    else:
        assert (office.task(task).state, press.set) == (TaskState.REFUSED, [])
        assert press.asked == [None]


@pytest.mark.parametrize("answer", [Answer.APPROVE, Answer.REJECT])
def test_an_item_in_part_stops_its_list_until_a_person_has_it_completed_or_put_back(
    open_press: Pressroom, answer: Answer
) -> None:
    office = open_press.of_a_list()
    press = the_yard(office)
    press.stops = {"index": [Deterministic("The index is closed.", cause="index")]}
    task = wish(office, "pages", "a b c")
    live_on(office, task)
    set_before, card = len(press.set), office.rows("select card from decision")[0].card

    office.answer_blocker("nuno", answer, "So be it.")
    live_on(office, task)

    row = office.task(task)
    assert (set_before, card["labels"]) == (2, ["Complete it", "Put it back"])
    if answer is Answer.APPROVE:
        assert row.state is TaskState.DONE, row.sentence
        assert Counter(press.set).most_common(1)[0][1] == 1
        assert len(press.set) == 9
        assert press.asked == [None, ("index",), None, None]
    else:
        assert (row.state, press.set, press.asked) == (TaskState.REFUSED, [], [None])
        assert row.sentence.endswith(f"Taken back: yard.place (yard/T-{task}/place/1/1).")
    assert_trail_is_whole(office, task)


def test_a_page_in_part_is_told_by_its_parts(open_press: Pressroom) -> None:
    office = open_press()
    task = in_part(office)

    with office.deployment.database.transaction("yard") as unit:
        told = str(task_view(unit, task))

    assert "text and picture are there, index is missing" in told


def test_parts_whose_name_in_the_world_can_t_be_kept_are_as_if_nobody_could_look(open_press: Pressroom) -> None:
    office = open_press(press=BLIND.replace("reference=key) if left", "reference=key + chr(0)) if left"))
    the_yard(office).stops = {"index": [None]}
    task = wish(office, "pages")

    live_on(office, task)

    row = office.task(task)
    assert (row.waiting_for, row.sentence.count("Nobody can look whether it happened.")) == (WaitingFor.BLOCKER, 1)
    assert stuck(office) == []
