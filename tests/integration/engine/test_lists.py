"""Steps that are done for each item of a list: one task, one row for each item, and nothing done twice."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.authoring import Deterministic, Transient
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from escalation.decisions import Outcome
from tests.builders import House
from tests.integration.engine.dying import Reaper, live_on, survived
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import assert_trail_is_whole, next_runner, stuck
from tests.integration.engine.yard import (
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

MODELS = """

class Pots(BaseModel, frozen=True, extra="forbid", strict=True):
    pots: list[Found]


class Told(BaseModel, frozen=True, extra="forbid", strict=True):
    text: str
"""
CODE = """
@worker
def gather(request: Wish, desk: Desk) -> Pots:
    says = desk.yard.look(what="pots")["says"]
    return Pots(pots=[Found(what=one, says="wet" if one.startswith("wet") else "dry") for one in says.split()])


@worker
def check(pot: Found, desk: Desk) -> Found:
    return Found(**desk.yard.look(what=pot.what))


@worker
def place(pot: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=pot.what, because="it was checked")


@worker
def tell(checked: Gathered[Found, Found], placed: Gathered[Found, Placed], desk: Desk) -> Told:
    left = ", ".join(f"{one.item.what} {one.outcome} by {one.rule or one.because}" for one in checked.left)
    return Told(text=f"{len(checked.done)} checked, {len(placed.done)} placed; {left}")
"""
BUSY = Transient("The yard is busy.", cause="yard", case="rate_limit", retry_after_s=900)
DRY = {
    "name": "pot is dry",
    "before": "check",
    "rule": {"==": [{"var": "item.says"}, "dry"]},
    "because": "The pot {item.what} is wet.",
    "examples": {"accepted": [{"item.says": "dry"}], "refused": [{"item.says": "wet"}]},
}


def files(enough: str = "50%", **more: Any) -> dict[str, str]:
    """A lane that checks and places each pot of a list."""
    each = {"each": "state.found.pots", "enough": enough, "counted": "checked"}
    return lane(
        "pots",
        {
            "gatherer": worker("checker", "request", "found"),
            "checker": worker("placer", "found", "checked"),
            "placer": worker("teller", "checked", "placed", writes=["yard.place"]),
            "teller": worker("requester", "checked placed", "told"),
        },
        [
            step("gather", "gatherer", "Pots", "found"),
            step("check", "checker", "Found", "checked", **each),
            step("place", "placer", "Placed", "placed", each="state.checked.done"),
            step("tell", "teller", "Told", "told"),
        ],
        CODE,
        models=MODELS,
        require=[DRY],
        **more,
    )


@pytest.fixture
def enough() -> str:
    """How many pots have to come out well."""
    return "50%"


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path, enough: str) -> Iterator[House]:
    """The yard with a lane that is about many pots."""
    with yard_with(files(enough), database_urls, valkey_server.url, home) as found:
        yield found


def fill_yard(office: House, *pots: str) -> None:
    """These pots stand there."""
    the_yard(office).says["pots"] = " ".join(pots)


def placed(office: House) -> Counter[str]:
    """How often each pot was placed."""
    return Counter(the_yard(office).placed.values())


def outcomes(office: House, step_name: str = "check") -> dict[str, str]:
    """What has become of each item."""
    rows = office.rows("select item, state from item where step = :step order by ordinal", step=step_name)
    return {row.item["what"]: row.state for row in rows}


def test_sixty_eight_items_are_one_task_and_each_has_its_outcome(office: House) -> None:
    fill_yard(office, *(f"{'wet' if one % 4 == 0 else 'pot'}{one}" for one in range(68)))
    the_yard(office).troubles["look pot7"] = [Deterministic("Pot 7 is broken.")]
    task = wish(office, "pots")

    office.work()

    row = office.task(task)
    assert row.state is TaskState.DONE
    assert Counter(outcomes(office).values()) == {"done": 50, "refused": 17, "failed": 1}
    assert row.facts["told"]["text"].startswith("50 checked, 50 placed; wet0 refused by pot is dry, wet4 refused")
    assert "pot7 failed by Pot 7 is broken." in row.facts["told"]["text"]
    assert (set(placed(office).values()), len(placed(office))) == ({1}, 50)
    keys = {one.key for one in office.rows("select key from effect")}
    assert f"yard/T-{task}/place/50/1" in keys
    assert {one.state for one in office.rows("select state from effect")} == {"verified"}
    assert len(contents(office, task, Event.ITEM_DONE)) == 100
    assert contents(office, task, Event.ITEM_LEFT)[0]["sentence"] == "The pot wet0 is wet."
    assert_trail_is_whole(office, task)


def test_progress_is_told_in_items(office: House) -> None:
    fill_yard(office, "a", "wetb", "c", "d")
    the_yard(office).troubles["look d"] = [Transient("The yard is closed.", cause="yard")]
    task = wish(office, "pots")

    office.work()

    assert office.task(task).told["progress"] == "check: 2 of 4 checked, 1 left over."


def test_an_item_that_may_come_out_later_waits_for_the_others_and_is_then_tried_again(office: House) -> None:
    fill_yard(office, "a", "b", "c")
    the_yard(office).troubles["look a"] = [Transient("The yard is closed.", cause="yard")]
    task = wish(office, "pots")

    office.work()
    waiting, between = office.task(task), outcomes(office)
    let_time_pass(office, rounds=2)

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.TIME)
    assert between == {"a": "pending", "b": "done", "c": "done"}
    assert office.task(task).state is TaskState.DONE
    assert {name: the_yard(office).counts[f"look {name}"] for name in "abc"} == {"a": 2, "b": 1, "c": 1}
    assert [one.item for one in office.rows("select item from attempt where step = 'check' order by item")] == [
        1,
        1,
        2,
        3,
    ]


def test_an_item_that_never_comes_out_is_left_over_and_does_not_hold_up_the_rest(office: House) -> None:
    fill_yard(office, "a", "b", "c")
    the_yard(office).troubles["look a"] = [Transient("The yard is closed.", cause="yard") for _ in range(9)]
    task = wish(office, "pots")

    let_time_pass(office)

    assert office.task(task).state is TaskState.DONE
    assert outcomes(office) == {"a": "failed", "b": "done", "c": "done"}
    assert the_yard(office).counts["look a"] == 3
    assert office.rows("select 1 from decision") == []


def test_a_rate_limit_ends_the_pass_and_is_waited_for_as_long_as_the_other_side_has_said(office: House) -> None:
    fill_yard(office, "a", "b", "c", "d")
    the_yard(office).troubles["look b"] = [BUSY]
    task = wish(office, "pots")

    office.work()
    waiting, called = office.task(task), {name: the_yard(office).counts[f"look {name}"] for name in "abcd"}
    (retry,) = contents(office, task, Event.RETRY_SET)
    (count,) = office.rows("select system, failures from circuit")
    office.wait(600)
    early = office.work()
    office.wait(301)
    office.work()

    assert called == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert (waiting.waiting_on, retry["wait_s"], early) == ("yard", 900, 0)
    assert tuple(count) == ("yard", 1)
    assert office.task(task).state is TaskState.DONE
    assert {name: the_yard(office).counts[f"look {name}"] for name in "abcd"} == {"a": 1, "b": 2, "c": 1, "d": 1}


def test_after_a_rate_limit_those_that_were_not_tried_yet_go_first(office: House) -> None:
    """Of a side that answers one call at a time each item gets its turn, and none is left over for it."""
    fill_yard(office, "a", "b", "c", "d")
    for one in "abcd":
        the_yard(office).troubles[f"look {one}"] = [BUSY]
    wish(office, "pots")

    called = []
    for _ in range(2):
        office.work()
        called.append("".join(name for name in "abcd" for _ in range(the_yard(office).counts[f"look {name}"])))
        office.wait(901)

    assert called == ["a", "ab"]
    assert office.rows("select 1 from decision") == []
    assert set(outcomes(office).values()) == {"pending"}


def test_the_failure_of_an_item_is_remembered_although_others_come_out_well_after_it(office: House) -> None:
    fill_yard(office, "a", "b", "c")
    the_yard(office).troubles["look a"] = [Transient("The yard is closed.", cause="yard")]
    task = wish(office, "pots")

    office.work()

    assert office.task(task).waiting_on == "yard"
    assert [tuple(one) for one in office.rows("select system, failures from circuit")] == [("yard", 1)]


def test_an_outage_stops_the_list_and_is_one_blocker_for_all_of_it(office: House) -> None:
    fill_yard(office, *(f"pot{one}" for one in range(20)))
    for one in range(20):
        the_yard(office).troubles[f"look pot{one}"] = [Transient("The yard is closed.", cause="yard") for _ in range(9)]
    task = wish(office, "pots")

    let_time_pass(office)
    blocked, calls = office.task(task), sum(n for name, n in the_yard(office).counts.items() if "look pot" in name) - 1
    the_yard(office).troubles.clear()
    office.answer_blocker("nuno")
    office.work()

    assert (blocked.state, blocked.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert calls == 9
    assert len(office.rows("select 1 from decision")) == 1
    assert office.task(task).state is TaskState.DONE
    assert set(outcomes(office).values()) == {"done"}


@pytest.mark.parametrize("enough", ["all"])
def test_too_few_ask_the_owner_and_trying_again_takes_only_those_left_over(office: House, enough: str) -> None:
    fill_yard(office, "a", "b", "c")
    the_yard(office).troubles["look b"] = [Deterministic("Pot b is broken.")]
    task = wish(office, "pots")

    office.work()
    blocked = office.task(task)
    office.answer_blocker("nuno")
    office.work()

    assert (blocked.state, blocked.due_at) == (TaskState.WAITING, None)
    assert blocked.sentence == "2 of 3 checked, and all are needed. The first that is left over: Pot b is broken."
    assert office.task(task).state is TaskState.DONE
    assert {name: the_yard(office).counts[f"look {name}"] for name in "abc"} == {"a": 1, "b": 2, "c": 1}


def test_what_the_world_refuses_of_one_item_is_left_over_and_seen_not_to_have_happened(office: House) -> None:
    fill_yard(office, "a", "b", "c")
    the_yard(office).troubles["place b"] = [Deterministic("There is no room for b.")]
    task = wish(office, "pots")

    office.work()
    blocked = office.task(task)

    assert outcomes(office, "place") == {"a": "done", "b": "pending", "c": "done"}
    assert blocked.sentence.startswith("2 of 3 done, and all are needed.")
    office.answer_blocker("nuno")
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert placed(office) == {"a": 1, "b": 1, "c": 1}
    assert_trail_is_whole(office, task)


def test_a_list_of_nothing_is_done_at_once(office: House) -> None:
    fill_yard(office)
    task = wish(office, "pots")

    office.work()

    assert office.task(task).facts["told"] == {"text": "0 checked, 0 placed; "}


def test_a_list_that_somebody_cancels_stops_between_two_items_and_says_which_were_done(office: House) -> None:
    fill_yard(office, "a", "b", "c", "d")
    task = wish(office, "pots")
    during(office, "place b", lambda: recall(office, task))

    office.work()

    row, key = office.task(task), f"yard/T-{task}/place"
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith(f"Done before that: yard.place ({key}/1/1), yard.place ({key}/2/1).")
    assert placed(office) == {"a": 1, "b": 1}
    assert outcomes(office, "place") == {"a": "done", "b": "done", "c": "pending", "d": "pending"}
    assert_trail_is_whole(office, task)


def test_a_death_at_item_seventeen_repeats_nothing(office: House, reaper: Reaper) -> None:
    fill_yard(office, *(f"pot{one}" for one in range(1, 31)))
    task = wish(office, "pots")
    died = reaper.kill_in("effect.after_call", passes=[17])

    live_on(office, rounds=4)

    assert len(died) == 1
    assert office.task(task).state is TaskState.DONE
    assert (set(placed(office).values()), len(placed(office))) == ({1}, 30)
    assert {
        n for name, n in the_yard(office).counts.items() if name.startswith("look pot") and name != "look pots"
    } == {1}
    assert events(office, task).count(Event.FANNED_OUT) == 2
    assert_trail_is_whole(office, task)


def test_a_death_anywhere_changes_nothing(office: House, reaper: Reaper) -> None:
    every = reaper.kill_at(0)
    fill_yard(office, "one", "two")
    wish(office, "pots", "whole")
    live_on(office, rounds=1)

    for nth in range(1, len(every.passed) + 1):
        armed = reaper.kill_at(nth)
        fill_yard(office, f"a{nth}", f"wet{nth}", f"c{nth}")
        task = survived(partial(wish, office, "pots", f"pots {nth}"))
        live_on(office)

        assert office.task(task).state is TaskState.DONE, armed.passed[nth - 1]
        assert (placed(office)[f"a{nth}"], placed(office)[f"c{nth}"]) == (1, 1)
        assert_trail_is_whole(office, task)
    assert stuck(office) == []


def test_a_runner_of_another_shift_goes_on_with_the_items_not_finished(office: House) -> None:
    fill_yard(office, "a", "b")
    the_yard(office).troubles["look b"] = [Transient("The yard is closed.", cause="yard")]
    task = wish(office, "pots")
    office.work()

    next_runner(office, "another")
    let_time_pass(office, rounds=2)

    assert office.task(task).state is TaskState.DONE
    assert the_yard(office).counts["look a"] == 1


@pytest.mark.parametrize("call", ["look pots", "look a", "look c"])
def test_a_list_of_what_is_asked_otherwise_is_done_from_its_beginning(office: House, call: str) -> None:
    """What was checked of the list of before is not taken for what is asked now, although it is called the same."""
    the_yard(office).says["pots"] = ["a b c", "c a"] if call != "look pots" else ["x", "c a"]
    task, heard = wish(office, "pots"), list[Outcome]()
    during(office, call, lambda: heard.append(rethink(office, task, what="hut")))

    office.work()

    rounds = office.rows("select round, count(*) as items from item where step = 'check' group by 1 order by 1")
    assert heard[0].kind is OutcomeKind.CHANGING
    assert office.task(task).state is TaskState.DONE
    assert placed(office) == Counter({"c": 1, "a": 1})
    assert [row.round for row in rounds][-1] == 2
    assert rounds[-1].items == 2
    assert the_yard(office).counts["look c"] == (2 if call == "look c" else 1)
    assert_trail_is_whole(office, task)


def test_once_an_item_was_changed_nothing_else_is_asked_for(office: House) -> None:
    fill_yard(office, "a", "b")
    task, heard = wish(office, "pots"), list[Outcome]()
    during(office, "place b", lambda: heard.append(rethink(office, task, what="hut")))

    office.work()

    assert heard[0].kind is OutcomeKind.NOT_OFFERED
    assert placed(office) == Counter({"a": 1, "b": 1})
    assert Event.REQUEST_CHANGED not in events(office, task)
