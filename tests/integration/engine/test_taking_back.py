"""What a task has changed is taken back before it ends otherwise than well, where its contract says so: newest first, each an effect."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.authoring import Deterministic, Seen
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, Standing, TaskState, WaitingFor
from engine.register import Wish as StandingWish
from engine.register import change
from engine.telling import task_view
from tests.builders import House
from tests.integration.engine.dying import NthPass, Reaper, live_on, survived
from tests.integration.engine.worlds import assert_trail_is_whole, press, stuck
from tests.integration.engine.yard import (
    LOOK_AND_PLACE,
    YARD,
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

CODE = (
    LOOK_AND_PLACE
    + """

@worker
def take(request: Wish, placed: Placed, desk: Desk) -> Proposal[Placed]:
    return desk.yard.take(what=request.what, because="it was placed")


@worker
def count(request: Wish, taken: Placed, desk: Desk) -> Found:
    return Found(**desk.yard.look(what="the count"))


@worker
def close(request: Wish, counted: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what="the gate", because="all is counted")
"""
)
UNDOS = """
    @effect("readable", look="cleared_by_key", blast="record")
    def clear(self, *, reference: str, what: str, key: str) -> dict[str, Any]:
        self._pass(f"clear {what}")
        self.placed.pop(reference, None)
        self.cleared[key] = (reference, what)
        return {}

    def cleared_by_key(self, *, key: str, **_: object) -> Seen | None:
        self._pass("look for cleared")
        if key not in self.cleared:
            return None
        reference, what = self.cleared[key]
        return Seen(f"cleared {what}", {"reference": reference, "what": what}, 1793491200)

    @effect("readable", look="restored_by_key", blast="record")
    def restore(self, *, reference: str, key: str) -> dict[str, Any]:
        self._pass("restore")
        self.taken.pop(reference, None)
        self.restored[key] = reference
        return {}

    def restored_by_key(self, *, key: str, **_: object) -> Seen | None:
        return Seen("restored", {"reference": self.restored[key]}, 1793491200) if key in self.restored else None

    def _pass(self, name: str) -> None:
"""
YARD_WITH_UNDOS = YARD.replace("    def _pass(self, name: str) -> None:\n", UNDOS.lstrip("\n")).replace(
    "        self.taken: dict[str, str] = {}\n",
    "        self.taken: dict[str, str] = {}\n        self.cleared: dict[str, tuple[str, str]] = {}\n"
    "        self.restored: dict[str, str] = {}\n",
)
NOT_FINE = {
    "name": "the count is fine",
    "before": "close",
    "rule": {"==": [{"var": "state.counted.says"}, "fine"]},
    "because": "The count is {state.counted.says}.",
    "examples": {"accepted": [{"state.counted.says": "fine"}], "refused": [{"state.counted.says": "off"}]},
}
ASK = {
    "name": "ask",
    "before": "place",
    "when": {"==": [{"var": "effect.args.what"}, "shed"]},
    "because": "Sheds are asked for.",
    "question": "Place {effect.args.what}?",
    "steps": [{"who": "person:nuno", "for": "4h"}, {"who": "person:rosa", "for": "4h"}],
    "examples": {"accepted": [{"effect.args.what": "shed"}], "refused": [{"effect.args.what": "hut"}]},
}


def beds(*ends: str, approve: list[Mapping[str, Any]] | None = None, **undo: Any) -> dict[str, str]:
    """A lane that changes twice, reads, and changes again if a rule holds; what it did is taken back after these ends."""
    after = list(ends) or ["cancelled"]
    files = lane(
        "beds",
        {
            "looker": worker("placer", "request", "found"),
            "placer": worker("taker", "request found", "placed", writes=["yard.place"]),
            "taker": worker("counter", "request placed", "taken", writes=["yard.take"]),
            "counter": worker("closer", "request taken", "counted"),
            "closer": worker("requester", "request counted", "closed", writes=["yard.place"]),
        },
        [
            step("look", "looker", "Found", "found"),
            step("place", "placer", "Placed", "placed", undo={"by": "yard.clear", "after": after, **undo}),
            step("take", "taker", "Placed", "taken", undo={"by": "yard.restore", "after": after}),
            step("count", "counter", "Found", "counted"),
            step("close", "closer", "Placed", "closed"),
        ],
        CODE,
        require=[NOT_FINE],
        approve=approve or [],
    )
    return {**files, "tools/yard.py": YARD_WITH_UNDOS}


POTS = """

class Pots(BaseModel, frozen=True, extra="forbid", strict=True):
    pots: list[Found]
"""
POTS_CODE = """
@worker
def gather(request: Wish, desk: Desk) -> Pots:
    return Pots(pots=[Found(what=one, says="dry") for one in desk.yard.look(what="pots")["says"].split()])


@worker
def place(pot: Found, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=pot.what, because="it is there")
"""


def pots(*ends: str) -> dict[str, str]:
    """A lane that places each pot of a list."""
    undo = {"by": "yard.clear", "after": list(ends) or ["cancelled"]}
    files = lane(
        "pots",
        {
            "gatherer": worker("placer", "request", "found"),
            "placer": worker("requester", "found", "placed", writes=["yard.place"]),
        },
        [
            step("gather", "gatherer", "Pots", "found"),
            step("place", "placer", "Placed", "placed", each="state.found.pots", undo=undo),
        ],
        POTS_CODE,
        models=POTS,
    )
    return {**files, "tools/yard.py": YARD_WITH_UNDOS}


Opened = Callable[..., House]


@pytest.fixture
def opened(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[Opened]:
    """Opens the yard with a lane of the test's own."""
    with ExitStack() as stack:
        yield lambda files, **company: stack.enter_context(
            yard_with(files, database_urls, valkey_server.url, home, **company)
        )


def standing(office: House) -> tuple[list[str], list[str]]:
    """What still stands in the yard: placed, taken."""
    return sorted(the_yard(office).placed.values()), sorted(the_yard(office).taken.values())


def told(task: int, *, placed: bool, taken: bool) -> str:
    """What was taken back of a task that did both."""
    key = f"yard/T-{task}"
    back = [f"yard.place ({key}/place/1/1)"] * placed + [f"yard.take ({key}/take/1/1)"] * taken
    return f"Taken back: {', '.join(back)}."


def effects(office: House) -> list[tuple[str, str, str | None]]:
    """(tool, state, what it undoes) of every effect, in the order in which they were intended."""
    rows = office.rows("select tool, state, undoes from effect order by intended_at, key")
    return [(row.tool, row.state, row.undoes) for row in rows]


def stand(office: House, how: Standing) -> None:
    """From now on the worker who placed things stands so."""
    said = StandingWish("beds/placer", how, "nuno", "audit")
    with office.deployment.database.transaction("yard") as unit:
        change(unit, office.deployment.businesses["yard"], said)


def test_a_cancel_takes_back_what_was_done_the_newest_first_and_says_so(opened: Opened) -> None:
    office = opened(beds())
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))

    office.work()

    row, key = office.task(task), f"yard/T-{task}"
    assert row.state is TaskState.CANCELLED
    assert row.sentence == f"Inês Prata cancelled it: “changed my mind”. {told(task, placed=True, taken=True)}"
    assert standing(office) == ([], [])
    assert effects(office) == [
        ("yard.place", "verified", None),
        ("yard.take", "verified", None),
        ("yard.restore", "verified", f"{key}/take/1/1"),
        ("yard.clear", "verified", f"{key}/place/1/1"),
    ]
    keys = [one.key for one in office.rows("select key from effect where undoes is not null order by intended_at")]
    assert keys == [f"{key}/take/1/1/undo/1", f"{key}/place/1/1/undo/1"]
    (begun,) = contents(office, task, Event.UNDOING)
    assert begun["effects"] == [f"{key}/take/1/1", f"{key}/place/1/1"]
    assert [one["undoes"] for one in contents(office, task, Event.INTENDED)[2:]] == begun["effects"]
    assert (row.lease_runner, row.holds_subject, row.due_at) == (None, False, None)
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_what_a_contract_does_not_take_back_stays_and_is_said(opened: Opened) -> None:
    office = opened(beds("failed"))
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))

    office.work()

    key = f"yard/T-{task}"
    assert office.task(task).sentence.endswith(
        f"Done before that: yard.place ({key}/place/1/1), yard.take ({key}/take/1/1)."
    )
    assert standing(office) == (["shed"], ["shed"])
    assert Event.UNDOING not in events(office, task)


def test_a_task_that_is_done_keeps_all_of_it(opened: Opened) -> None:
    office = opened(beds("cancelled", "refused", "failed"))
    task = wish(office, "beds")

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert standing(office) == (["shed", "the gate"], ["shed"])


def test_a_later_refusal_takes_back_where_the_contract_says_so(opened: Opened) -> None:
    office = opened(beds("refused"))
    the_yard(office).says["the count"] = "off"
    task = wish(office, "beds")

    office.work()

    row = office.task(task)
    assert row.state is TaskState.REFUSED
    assert row.sentence == f"The count is off. {told(task, placed=True, taken=True)}"
    assert standing(office) == ([], [])
    (refused,) = contents(office, task, Event.REFUSED)
    assert refused["rule"] == "the count is fine"
    with office.deployment.database.transaction("yard") as unit:
        assert task_view(unit, task).lines == (row.sentence,)
    assert_trail_is_whole(office, task)


def test_a_later_failure_takes_back_and_the_owner_hears_once_how_it_ended(opened: Opened) -> None:
    office = opened(beds("failed"))
    the_yard(office).troubles["place the gate"] = [Deterministic("The gate is broken.", cause="yard")]
    task = wish(office, "beds")

    office.work()

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert row.sentence.startswith("The gate is broken. It was read back: nothing was changed.")
    assert row.sentence.endswith(told(task, placed=True, taken=True))
    assert standing(office) == ([], [])
    (notice,) = office.rows("select person, details from outbox where message = 'notice'")
    assert (notice.person, notice.details["sentence"]) == ("nuno", f"T-{task} failed: {row.sentence}")
    assert_trail_is_whole(office, task)


def test_a_failure_of_the_first_change_has_nothing_to_take_back(opened: Opened) -> None:
    office = opened(beds("failed"))
    the_yard(office).troubles["place shed"] = [Deterministic("No room.", cause="yard")]
    task = wish(office, "beds")

    office.work()

    assert office.task(task).state is TaskState.FAILED
    assert Event.UNDOING not in events(office, task)


def test_a_cancel_of_what_waits_is_answered_truthfully_and_a_runner_takes_it_back(opened: Opened) -> None:
    office = opened(beds())
    the_yard(office).troubles["look the count"] = closed(20)
    task = wish(office, "beds")
    office.work()
    waiting = office.task(task)

    answer = recall(office, task)
    again = recall(office, task)
    with office.deployment.database.transaction("yard") as unit:
        view = task_view(unit, task)
    office.work()

    assert waiting.state is TaskState.WAITING
    assert answer.kind is OutcomeKind.STOPPING
    assert answer.sentence == (f"T-{task} stops here. What yard.place and yard.take did is taken back; then it ends.")
    assert again.sentence == f"T-{task} is ending already: what it has changed is being taken back."
    assert view.headline == "Taking back: beds shed"
    assert view.stopping
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    assert_trail_is_whole(office, task)


def test_a_cancel_of_what_is_blocked_withdraws_the_card(opened: Opened) -> None:
    office = opened(beds())
    the_yard(office).troubles["look the count"] = closed(20)
    task = wish(office, "beds")
    let_time_pass(office, rounds=6)
    blocked = office.task(task)

    recall(office, task)
    office.work()

    assert blocked.waiting_for is WaitingFor.BLOCKER
    assert [row.state for row in office.rows("select state from decision")] == ["withdrawn"]
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])


def test_a_cancel_during_the_last_change_takes_that_back_too(opened: Opened) -> None:
    declared = beds()
    short = declared["lanes/beds/lane.yaml"].replace(
        '"name": "close", ', '"name": "close", "undo": {"by": "yard.clear"}, '
    )
    office = opened({**declared, "lanes/beds/lane.yaml": short})
    task = wish(office, "beds")
    during(office, "place the gate", lambda: recall(office, task))

    office.work()

    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    assert [tool for tool, _, undoes in effects(office) if undoes] == ["yard.clear", "yard.restore", "yard.clear"]


def test_an_undo_that_the_world_refuses_goes_to_a_person_and_is_repeated_only_when_they_say_so(opened: Opened) -> None:
    office = opened(beds())
    the_yard(office).troubles["restore"] = [Deterministic("It is sold.", cause="yard")]
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))
    office.work()
    let_time_pass(office, rounds=3, seconds=700)
    waiting = office.task(task)
    calls = the_yard(office).counts["restore"]

    office.answer_blocker("nuno", Answer.APPROVE)
    office.work()

    assert (waiting.state, waiting.waiting_for, calls) == (TaskState.WAITING, WaitingFor.BLOCKER, 1)
    assert waiting.sentence == (
        f"What take did for T-{task} could not be taken back. It is sold. It was read back: nothing was changed."
    )
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    tried = [row.key for row in office.rows("select key from effect where tool = 'yard.restore' order by key")]
    assert tried == [f"yard/T-{task}/take/1/1/undo/1", f"yard/T-{task}/take/1/1/undo/2"]
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_a_person_who_says_stop_ends_it_and_what_stays_is_said(opened: Opened) -> None:
    office = opened(beds())
    the_yard(office).troubles["restore"] = [Deterministic("It is sold.", cause="yard")]
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))
    office.work()

    office.answer_blocker("nuno", Answer.REJECT, "Leave it.")
    office.work()

    row, key = office.task(task), f"yard/T-{task}"
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith(f"Done before that: yard.place ({key}/place/1/1), yard.take ({key}/take/1/1).")
    assert standing(office) == (["shed"], ["shed"])
    assert the_yard(office).counts["restore"] == 1
    assert_trail_is_whole(office, task)


def test_an_undo_of_which_nobody_knows_is_asked_of_a_person_and_never_repeated(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(beds())
    monkeypatch.setattr(the_yard(office), "restored_by_key", lambda **_: None)
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))
    let_time_pass(office, rounds=14, seconds=700)
    waiting, calls = office.task(task), the_yard(office).counts["restore"]

    office.answer_blocker("nuno", Answer.APPROVE, "It is back.")
    office.work()

    assert (waiting.state, calls) == (TaskState.WAITING, 1)
    assert waiting.sentence.startswith(f"Nobody knows whether yard.restore happened for T-{task}.")
    row = office.task(task)
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith(told(task, placed=True, taken=True))
    assert the_yard(office).counts["restore"] == 1


def test_an_undo_that_the_world_shows_otherwise_waits_for_a_person_whose_stop_ends_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(beds())
    other = Seen("restored", {"reference": "something else"}, 1793491200)
    monkeypatch.setattr(the_yard(office), "restored_by_key", lambda **_: other)
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))
    office.work()
    waiting = office.task(task)

    office.answer_blocker("nuno", Answer.REJECT, "I do it by hand.")
    office.work()

    assert waiting.state is TaskState.WAITING
    row, key = office.task(task), f"yard/T-{task}"
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith(
        f"Done before that: yard.place ({key}/place/1/1), yard.take ({key}/take/1/1). "
        "What yard.restore did is not what was asked for; nothing was put back."
    )
    assert the_yard(office).counts["restore"] == 1
    assert stuck(office) == []


def test_a_stop_while_a_later_change_is_open_takes_back_what_came_before_and_never_calls_again(opened: Opened) -> None:
    office = opened(beds("refused"))
    the_yard(office).troubles["take shed"] = closed(20)
    task = wish(office, "beds")
    let_time_pass(office, rounds=6)
    blocked, calls = office.task(task), the_yard(office).counts["take shed"]

    office.answer_blocker("nuno", Answer.REJECT, "Leave it.")
    let_time_pass(office, rounds=4)

    row = office.task(task)
    assert (blocked.state, blocked.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert the_yard(office).counts["take shed"] == calls
    assert row.state is TaskState.REFUSED
    assert row.sentence == f"Leave it. {told(task, placed=True, taken=False)}"
    assert standing(office) == ([], [])
    assert [state for tool, state, _ in effects(office) if tool == "yard.take"] == ["disproved"]
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_a_stop_when_the_world_shows_something_else_takes_back_what_came_before_and_says_so(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(beds("refused"))
    monkeypatch.setattr(the_yard(office), "taken_by_key", lambda **_: Seen("x", {"what": "hut"}, 1793491200))
    task = wish(office, "beds")
    office.work()

    office.answer_blocker("nuno", Answer.REJECT, "I see to it.")
    let_time_pass(office, rounds=2)

    row, key = office.task(task), f"yard/T-{task}"
    assert row.state is TaskState.REFUSED
    assert row.sentence == (
        f"I see to it. Taken back: yard.place ({key}/place/1/1). "
        "What yard.take did is not what was asked for; nothing was put back."
    )
    assert standing(office) == ([], ["shed"])
    assert_trail_is_whole(office, task)


def test_an_undo_of_a_worker_elsewhere_is_handed_on(opened: Opened) -> None:
    declared = beds()
    there = json.loads(declared["lanes/beds/lane.yaml"])
    there["workers"]["placer"]["runtime"] = "batch"
    office = opened({**declared, "lanes/beds/lane.yaml": json.dumps(there)})
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))

    for _ in range(4):
        office.work()

    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    who = office.rows("select actor, content from audit_entry where event = 'intended' order by id")
    assert [row.actor for row in who if "undoes" in row.content] == ["runner:test-default", "runner:test-batch"]


def test_where_a_lane_only_assists_a_person_decides_on_every_undo_too(opened: Opened) -> None:
    declared = beds()
    assisting = declared["lanes/beds/lane.yaml"].replace('"stage": 3', '"stage": 2')
    office = opened({**declared, "lanes/beds/lane.yaml": assisting})
    task = wish(office, "beds")
    for _ in range(2):
        office.work()
        press(office, task, "nuno")
    during(office, "look the count", lambda: recall(office, task))

    office.work()
    questions = []
    for _ in range(2):
        questions.append(office.rows("select card from decision order by number desc limit 1")[0].card["question"])
        press(office, task, "nuno")
        office.work()

    assert questions == [
        f"Take back what take did for T-{task} (yard.restore)?",
        f"Take back what place did for T-{task} (yard.clear)?",
    ]
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])


def test_a_large_undo_that_nothing_bounds_is_put_to_a_person_at_stage_three(opened: Opened) -> None:
    declared = beds(approve=[ASK])
    public = YARD_WITH_UNDOS.replace('look="cleared_by_key", blast="record"', 'look="cleared_by_key", blast="public"')
    office = opened({**declared, "tools/yard.py": public})
    task = wish(office, "beds")
    office.work()
    press(office, task, "nuno")
    during(office, "look the count", lambda: recall(office, task))

    office.work()
    waiting, because = (
        office.task(task),
        office.rows("select card from decision order by number desc")[0].card["because"],
    )
    press(office, task, "nuno")
    office.work()

    assert waiting.waiting_for is WaitingFor.DECISION
    assert because == "Neither edge nor cap bounds yard.clear, so a person decides on it at stage 3."
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])


def test_every_item_of_a_list_is_taken_back_the_last_first(opened: Opened) -> None:
    office = opened(pots())
    the_yard(office).says["pots"] = "a b c"
    task = wish(office, "pots")
    during(office, "place c", lambda: recall(office, task))

    office.work()

    row, key = office.task(task), f"yard/T-{task}/place"
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith("Taken back: " + ", ".join(f"yard.place ({key}/{n}/1)" for n in (1, 2, 3)) + ".")
    assert standing(office) == ([], [])
    assert [undoes for _, _, undoes in effects(office) if undoes] == [f"{key}/{n}/1" for n in (3, 2, 1)]
    assert_trail_is_whole(office, task)


def test_an_item_whose_undo_breaks_off_is_taken_back_later(opened: Opened) -> None:
    office = opened(pots())
    the_yard(office).says["pots"] = "a b c"
    the_yard(office).troubles["clear b"] = closed()
    task = wish(office, "pots")
    during(office, "place c", lambda: recall(office, task))

    let_time_pass(office, rounds=3)

    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    assert {one: the_yard(office).counts[f"clear {one}"] for one in "abc"} == {"a": 1, "b": 2, "c": 1}


def test_a_list_of_which_too_few_came_out_well_is_put_back_when_its_owner_stops_it(opened: Opened) -> None:
    office = opened(pots("refused"))
    the_yard(office).says["pots"] = "a b c"
    the_yard(office).troubles["place b"] = [Deterministic("b is broken.", cause="yard")]
    task = wish(office, "pots")
    office.work()
    partial = standing(office)

    office.answer_blocker("nuno", Answer.REJECT, "Not half of it.")
    office.work()

    row, key = office.task(task), f"yard/T-{task}/place"
    assert partial == (["a", "c"], [])
    assert row.state is TaskState.REFUSED
    assert row.sentence == f"Not half of it. Taken back: yard.place ({key}/1/1), yard.place ({key}/3/1)."
    assert standing(office) == ([], [])


def test_an_undo_whose_call_breaks_off_is_looked_for_before_it_is_called_again(opened: Opened) -> None:
    office = opened(beds())
    the_yard(office).troubles["clear shed"] = closed()
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))

    office.work()
    waiting = office.task(task)
    let_time_pass(office, rounds=3)

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.TIME)
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    assert the_yard(office).counts["clear shed"] == 2
    assert [row.performs for row in office.rows("select performs from effect where tool = 'yard.clear'")] == [2]


def test_an_undo_is_under_caps_and_waits_for_room(opened: Opened) -> None:
    caps = {"caps": {"record": {"hour": {"records": 3}}}}
    office = opened(beds(), **caps)
    task = wish(office, "beds")
    during(office, "look the count", lambda: recall(office, task))

    office.work()
    waiting = office.task(task)
    let_time_pass(office, rounds=2, seconds=3700)

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.TIME)
    assert waiting.sentence.startswith("The cap of")
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])


def test_people_decide_on_an_undo_only_where_its_contract_says_so(opened: Opened) -> None:
    office = opened(beds(approve=[ASK], approval=True))
    task = wish(office, "beds")
    office.work()
    press(office, task, "nuno")
    during(office, "look the count", lambda: recall(office, task))
    office.work()
    waiting = office.task(task)
    question = office.rows("select card from decision order by number desc limit 1")[0].card["question"]

    press(office, task, "nuno")
    office.work()

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.DECISION)
    assert question == f"Take back what place did for T-{task} (yard.clear)?"
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])
    (authority,) = office.rows("select authority from effect where tool = 'yard.clear'")
    assert authority.authority.startswith("Approved by Nuno Reis")
    assert_trail_is_whole(office, task)


def test_an_edge_alone_does_not_hold_for_an_undo(opened: Opened) -> None:
    office = opened(beds(approve=[ASK]))
    task = wish(office, "beds")
    office.work()
    press(office, task, "nuno")
    during(office, "look the count", lambda: recall(office, task))

    office.work()

    assert office.task(task).state is TaskState.CANCELLED
    (authority,) = office.rows("select authority from effect where tool = 'yard.clear'")
    assert authority.authority == (
        "No approval was needed: its contract says that it is taken back when the task ends like this."
    )


def test_a_no_to_an_undo_leaves_it_standing_and_ends_the_task(opened: Opened) -> None:
    office = opened(beds(approve=[ASK], approval=True))
    task = wish(office, "beds")
    office.work()
    press(office, task, "nuno")
    during(office, "look the count", lambda: recall(office, task))
    office.work()

    press(office, task, "nuno", Answer.REJECT)
    office.work()

    row, key = office.task(task), f"yard/T-{task}"
    assert row.state is TaskState.CANCELLED
    assert row.sentence.endswith(
        f"Done before that: yard.place ({key}/place/1/1). Taken back: yard.take ({key}/take/1/1)."
    )
    assert standing(office) == (["shed"], [])


def test_a_no_to_a_later_step_takes_back_where_the_contract_says_so(opened: Opened) -> None:
    later = {
        **ASK,
        "before": "close",
        "when": {"==": [{"var": "effect.args.what"}, "the gate"]},
        "examples": {"accepted": [{"effect.args.what": "the gate"}], "refused": [{"effect.args.what": "hut"}]},
    }
    office = opened(beds("refused", approve=[later]))
    task = wish(office, "beds")
    office.work()

    press(office, task, "nuno", Answer.REJECT)
    taking = office.task(task)
    office.work()

    assert taking.state is TaskState.READY
    row = office.task(task)
    assert (row.state, standing(office)) == (TaskState.REFUSED, ([], []))
    assert row.sentence.endswith(told(task, placed=True, taken=True))
    assert_trail_is_whole(office, task)


def test_an_undo_of_a_paused_worker_waits_until_it_may_work_again(opened: Opened) -> None:
    office = opened(beds())
    task = wish(office, "beds")

    def paused() -> None:
        recall(office, task)
        stand(office, Standing.PAUSED)

    during(office, "look the count", paused)
    office.work()
    office.wait(11)
    office.work()
    waiting, stood = office.task(task), standing(office)

    stand(office, Standing.ACTIVE)
    office.work()

    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "is paused, by Nuno Reis" in waiting.sentence
    assert stood == (["shed"], [])
    assert office.task(task).state is TaskState.CANCELLED
    assert standing(office) == ([], [])


def test_a_death_anywhere_takes_everything_back_exactly_once(opened: Opened, reaper: Reaper) -> None:
    office = opened(beds())

    def recalled(what: str, nth: int) -> tuple[int, NthPass]:
        task = survived(lambda: wish(office, "beds", what))
        during(office, "look the count", lambda: recall(office, task))
        armed = reaper.kill_at(nth)
        live_on(office, rounds=5 if nth else 1)
        return task, armed

    places = len(recalled("whole", 0)[1].passed)
    for nth in range(1, places + 1):
        task, armed = recalled(f"shed {nth}", nth)

        assert len(armed.passed) >= nth
        row = office.task(task)
        assert row.state is TaskState.CANCELLED, armed.passed[nth - 1]
        assert row.sentence.endswith(told(task, placed=True, taken=True))
        done = Counter(
            row.tool for row in office.rows("select tool from effect where task = :t and state = 'verified'", t=task)
        )
        assert done == {"yard.place": 1, "yard.take": 1, "yard.restore": 1, "yard.clear": 1}
        assert the_yard(office).counts[f"clear shed {nth}"] == 1
        assert_trail_is_whole(office, task)
    assert places > 25
    assert standing(office) == ([], [])
    assert stuck(office) == []
