"""A system that is only written to has a circuit like any other: it closes, and what is approved or open heeds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.answers import OutcomeKind
from contracts.authoring import Seen, Transient
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState, WaitingFor
from engine import moving_together
from engine.world import MOST_LOOKS
from storage import circuits
from storage.circuits import MOST_FAILURES, PROBE_S
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, press, stuck
from tests.integration.engine.yard import contents, lane, step, the_yard, wish, worker, yard_with

CODE = """
@worker
def place(request: Wish, desk: Desk) -> Proposal[Placed]:
    return desk.yard.place(what=request.what, because="it is wanted")
"""
ASKED = {
    "name": "crown",
    "before": "place",
    "when": {"in": ["crown", {"var": "effect.args.what"}]},
    "because": "Crowns are dear.",
    "question": "Place {effect.args.what}?",
    "steps": [{"who": "person:rosa", "for": "20h"}],
    "examples": {"accepted": [{"effect.args.what": "crown 1"}], "refused": [{"effect.args.what": "sign 1"}]},
}
NEVER_S = 1e9
BY_HAND = "Nuno can place it"
OTHERWISE = {"name": "by-hand", "kind": "other-tool", "after": ["provider_down"], "because": BY_HAND}


def signs(name: str, **more: object) -> dict[str, str]:
    """A lane that writes to the yard and reads nothing of it."""
    placer = worker("requester", "request", "placed", reads=[], writes=["yard.place"])
    return lane(name, {"placer": placer}, [step("place", "placer", "Placed", "placed", **more)], CODE, approve=[ASKED])


class Outage:
    """A yard of which nothing can be had while it is down; it counts how often it is written to and looked at then."""

    def __init__(self, office: House) -> None:
        self.is_down, self.writes, self.looks = False, 0, 0
        self._yard = the_yard(office)
        self._look = self._yard.placed_by_key
        self._yard._pass, self._yard.placed_by_key = self._write, self._looked_at

    def _write(self, _: str) -> None:
        self.writes += self.is_down
        self._answer()

    def _looked_at(self, **given: str) -> Seen | None:
        self.looks += self.is_down
        self._answer()
        found: Seen | None = self._look(**given)
        return found

    def _answer(self) -> None:
        if self.is_down:
            raise Transient("The yard can't be reached.", cause="yard", case="provider_down")


@pytest.fixture
def office(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """Two lanes that only write to the yard; the one has another way to do it."""
    with yard_with(
        signs("signs") | signs("boards", tactics=[OTHERWISE]), database_urls, valkey_server.url, home
    ) as found:
        yield found


def go_on(office: House, *, rounds: int = 1) -> None:
    """Work as often as a system that is down may be tried."""
    for _ in range(rounds):
        office.wait(PROBE_S + 1)
        office.work()


def states(office: House, tasks: list[int]) -> set[TaskState]:
    """The states of these tasks."""
    return {office.task(task).state for task in tasks}


def down(office: House) -> list[str]:
    """The systems whose circuit is open."""
    return [one.system for one in office.rows("select system from circuit where opened_at is not null")]


def test_a_blip_that_retries_get_past_leaves_nothing_known_to_be_down(office: House) -> None:
    outage = Outage(office)
    outage.is_down = True
    early = [wish(office, "signs", f"sign {n}") for n in range(MOST_FAILURES)]
    office.work()
    known = down(office)

    outage.is_down = False
    go_on(office, rounds=2)
    late = [wish(office, "signs", f"late sign {n}") for n in range(2)]
    office.work()

    assert known == ["yard"]
    assert states(office, [*early, *late]) == {TaskState.DONE}
    assert down(office) == []
    assert office.rows("select 1 from decision") == []


@pytest.mark.parametrize(
    ("quick_s", "blocked"),
    [pytest.param(0.0, 3, id="written one by one"), pytest.param(NEVER_S, 0, id="written together")],
)
def test_a_task_that_writes_when_the_probe_is_due_releases_what_was_kept_from_it(
    office: House, monkeypatch: pytest.MonkeyPatch, quick_s: float, blocked: int
) -> None:
    """What was intended with others before the system was known to be down waits for the probe to look, as after a death."""
    monkeypatch.setattr(moving_together, "LONGEST_S", NEVER_S)
    monkeypatch.setattr(moving_together, "QUICK_S", quick_s)
    outage = Outage(office)
    outage.is_down = True
    tasks = [wish(office, "signs", f"sign {n}") for n in range(MOST_FAILURES + 3)]
    office.work()
    kept = [office.task(task) for task in tasks[MOST_FAILURES:]]

    writes, outage.is_down = outage.writes, False
    go_on(office, rounds=2)

    assert writes == MOST_FAILURES
    assert [one.waiting_for for one in kept].count(WaitingFor.BLOCKER) == blocked
    assert [one.state for one in kept].count(TaskState.VERIFYING) == 3 - blocked
    assert states(office, tasks) == {TaskState.DONE}
    assert len(the_yard(office).placed) == len(tasks)
    assert {one.state for one in office.rows("select state from decision")} == ({"withdrawn"} if blocked else set())
    assert (down(office), stuck(office)) == ([], [])


@pytest.mark.parametrize("name", ["signs", "boards"])
def test_what_was_approved_is_not_carried_out_into_a_system_that_is_known_to_be_down(office: House, name: str) -> None:
    """Nor is it done in another way: that was not approved."""
    outage = Outage(office)
    tasks = [wish(office, name, f"crown {n}") for n in range(MOST_FAILURES + 4)]
    office.work()
    for task in tasks:
        press(office, task, "rosa")

    outage.is_down = True
    office.work()
    writes, blocked = outage.writes, [one for one in tasks if office.task(one).waiting_for is WaitingFor.BLOCKER]
    cards = office.rows("select 1 from outbox where message = 'card' and person = 'nuno'")
    outage.is_down = False
    go_on(office, rounds=2)

    assert writes == MOST_FAILURES
    assert (len(blocked), len(cards)) == (4, 1)
    assert BY_HAND not in str([office.task(task).told for task in blocked])
    assert states(office, tasks) == {TaskState.DONE}
    assert sorted(the_yard(office).placed.values()) == sorted(f"crown {n}" for n in range(len(tasks)))
    assert down(office) == []
    assert_trail_is_whole(office, blocked[0])


def test_one_open_effect_is_looked_at_when_the_probe_is_due_and_the_others_wait_for_it(office: House) -> None:
    outage, rounds = Outage(office), 4
    outage.is_down = True
    tasks = [wish(office, "signs", f"sign {n}") for n in range(MOST_FAILURES)]
    office.work()
    looks, writes = outage.looks, outage.writes

    for _ in range(rounds):
        go_on(office)
        office.work()
    while_down = (outage.looks - looks, outage.writes - writes)
    held = [office.task(task).holds_subject for task in tasks]
    outage.is_down = False
    go_on(office, rounds=2)

    assert while_down == (rounds, 0)
    assert all(held)
    assert states(office, tasks) == {TaskState.DONE}
    assert sorted(the_yard(office).placed.values()) == sorted(f"sign {n}" for n in range(len(tasks)))
    assert office.rows("select 1 from decision") == []
    assert any("known to be down" in str(one) for task in tasks for one in contents(office, task, Event.LOOKED))
    assert stuck(office) == []
    assert_trail_is_whole(office, tasks[-1])


def test_what_a_person_has_seen_is_no_answer_of_a_system_that_is_down(office: House) -> None:
    outage = Outage(office)
    outage.is_down = True
    task = wish(office, "signs")
    office.work()
    with office.deployment.database.transaction(office.company) as unit:
        for _ in range(MOST_FAILURES):
            circuits.failed(unit, "yard", "default", "The yard can't be reached.")
    go_on(office, rounds=2 * MOST_LOOKS)

    answered = office.answer_blocker("nuno", reason="I stand before it.")
    office.work()

    assert answered is OutcomeKind.DECIDED
    assert office.task(task).state is TaskState.DONE
    assert down(office) == ["yard"]
