"""The ladder's rungs in order: the worker itself, a peer on another runtime, then one human with everything on one card."""

import json
from typing import Any

import pytest

from contracts.authoring import Transient
from contracts.lifecycle import Event
from contracts.packet import IncompletePacket, Packet
from contracts.vocabulary import Answer, DecisionKind, TaskState, WaitingFor
from escalation.reading import card_view
from storage.artifacts import content_of
from storage.audit import trail_of
from tests.builders import House
from tests.integration.engine.worlds import open_shop, press, raising, stuck

DOWN = Transient("The shop can't be reached.", cause="shop")
PARTS = (
    *("subproblem", "context", "tried", "desired_output", "success_condition"),
    *("rights", "limits", "originator", "deadline", "on_failure"),
)


def events(office: House, task: int) -> list[str]:
    """The trail's events of a task."""
    with office.deployment.database.transaction(office.company) as unit:
        return [entry["event"] for entry in trail_of(unit, f"task:{task}")]


def climb(office: House, *, rounds: int = 9) -> None:
    """Let time pass and work whatever is due."""
    for _ in range(rounds):
        office.work()
        office.wait(61)


def test_a_peer_takes_over_what_the_worker_could_not_and_nobody_is_asked(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    task = office.asked()

    climb(office, rounds=5)

    row = office.task(task)
    assert row.state is TaskState.DONE
    assert events(office, task).count(Event.DELEGATED) == 1
    assert office.rows("select 1 from decision") == []
    versions = [one.worker_version for one in office.rows("select worker_version from attempt order by started_at")]
    assert versions[3].startswith("order-checker")
    assert versions[4].startswith("night-checker")
    assert any(version.startswith("refund-payer") for version in versions[5:])


def test_the_packet_has_every_part_and_is_kept_as_evidence(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(4)]
    task = office.asked()

    climb(office, rounds=5)

    digest = office.rows("select digest from task_artifact where name = 'packet-check.json'")[0].digest
    with office.deployment.database.transaction(office.company) as unit:
        packet = json.loads(content_of(unit, office.deployment.store, digest))
    assert all(packet[part] for part in PARTS)
    assert "We retried 3 times with backoff" in packet["tried"]
    assert packet["rights"] == "tier 1; reads shop.order; changes nothing"
    assert packet["limits"] == "at most 0.01 USD a run; stops: After four tries, or when the shop knows no such order"
    assert packet["on_failure"] == "Order checker takes over again and goes on up its ladder"
    assert packet["may_read"] == ["request"]
    assert office.task(task).state is TaskState.DONE


@pytest.mark.parametrize("missing", PARTS)
def test_an_incomplete_packet_is_refused(missing: str) -> None:
    parts = dict.fromkeys(PARTS, "said") | {missing: " "}

    with pytest.raises(IncompletePacket, match=missing.replace("_", " ")):
        Packet(**parts)


def test_a_part_that_is_too_long_or_names_too_much_is_refused() -> None:
    whole: dict[str, Any] = dict.fromkeys(PARTS, "said")

    with pytest.raises(IncompletePacket, match="context is over 2000 characters"):
        Packet(**whole | {"context": "x" * 2001})
    with pytest.raises(IncompletePacket, match="may read names more than 50"):
        Packet(**whole | {"may_read": ["a"] * 51})


def test_thirty_tasks_and_one_outage_have_one_blocker_one_card_and_one_answer_releases_all(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(10_000)]
    tasks = [office.asked(order=str(4000 + i), form=f"f{i}") for i in range(30)]

    climb(office, rounds=8)
    for _ in range(4):
        if {office.task(task).waiting_for for task in tasks} != {WaitingFor.BLOCKER}:
            climb(office, rounds=1)
    waiting = {office.task(task).state for task in tasks}
    cards = office.rows("select person, decision from outbox where message = 'card'")
    with office.deployment.database.transaction(office.company) as unit:
        card = card_view(unit, cards[0].decision, "ruth")
    shop.reading.clear()
    office.answer_blocker("ruth")
    climb(office, rounds=3)

    assert waiting == {TaskState.WAITING}
    assert [one.person for one in cards] == ["ruth"]
    assert len(office.rows("select 1 from blocker")) == 1
    assert card.kind is DecisionKind.ESCALATION
    assert card.facts == ("30 tasks wait",)
    assert "It was not called again, because it is known to be down." in card.tried
    assert "takes over" in card.tried
    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert stuck(office) == []


def test_a_human_is_asked_only_after_the_worker_and_its_peer_were_tried(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(8)]
    task = office.asked()

    climb(office)

    trail = events(office, task)
    assert trail.index(Event.DELEGATED) < trail.index(Event.BLOCKED)
    assert trail[: trail.index(Event.DELEGATED)].count(Event.RETRY_SET) == 3
    assert trail[trail.index(Event.DELEGATED) : trail.index(Event.BLOCKED)].count(Event.RETRY_SET) == 3
    assert office.task(task).rung == "human"


def test_the_owner_can_stop_what_waits_and_the_requesters_read_why(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(8)]
    task = office.asked()
    climb(office)

    office.answer_blocker("ruth", Answer.REJECT, "The shop is closed today.")

    row = office.task(task)
    assert (row.state, row.sentence) == (TaskState.REFUSED, "The shop is closed today.")
    assert [one.message for one in office.rows("select message from outbox where message = 'result'")] == ["result"]


def test_silence_asks_the_next_in_line_and_never_settles_what_is_blocked(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(10_000)]
    task = office.asked()
    climb(office)

    for _ in range(5):
        office.wait(25 * 3600)
        office.sweep()

    assert office.task(task).state is not TaskState.REFUSED
    assert [one.state for one in office.rows("select state from decision")] == ["open"]
    people = {one.person for one in office.rows("select person from outbox where message = 'card'")}
    assert {"ruth", "jonas"} <= people


def test_what_works_again_by_itself_withdraws_the_card(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(8)]
    task = office.asked()
    climb(office)

    office.wait(700)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert [one.state for one in office.rows("select state from decision")] == ["withdrawn"]


@pytest.mark.parametrize(("amount", "rung"), [(100000, "peer"), (100001, "human")])
def test_nobody_pays_more_at_night_than_the_contract_lets_them_and_the_card_says_so(
    office: House, amount: int, rung: str
) -> None:
    shop = open_shop(office)
    task = office.asked(amount=amount)
    office.work()
    press(office, task, "priya")
    shop.reading = [raising(DOWN) for _ in range(4)]  # the payer reads again what it was approved on

    climb(office, rounds=5)

    row = office.task(task)
    assert (row.state is TaskState.DONE, row.rung) == (rung == "peer", rung)
    assert len(shop.refunds) == (rung == "peer")
    told = "night-payer was ruled out: nobody pays 1,000.01 USD at night, 1,000.00 USD at most."
    assert (told in row.sentence) is (rung == "human")
    assert events(office, task).count(Event.DELEGATED) == (rung == "peer")
