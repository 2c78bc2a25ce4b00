"""Pressed buttons decide once, by those who may, and everybody hears what became of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.vocabulary import DecisionState
from tests.integration.gateway.world import CHANNEL, World, eventually

LARGE = 74_000


def _asked(world: World) -> dict[str, Any]:
    """A large refund that waits for its decision: the value of the card's buttons."""
    world.house.asked(amount=LARGE)
    world.house.work()
    row = world.house.rows("select number, proposal_digest from decision")[0]
    return {"decision": row.number, "saw": row.proposal_digest[:16]}


def _state(world: World) -> str:
    found: str = world.house.rows("select state from decision")[0].state
    return found


def _heard(world: World, user: str, words: str) -> Any:
    return eventually(lambda: [said for said in world.heard(user) if words in said])


def test_one_press_of_an_entitled_person_approves_and_the_refund_is_paid(world: World) -> None:
    value = _asked(world)

    answer = world.press("U0PRIYA", "decision.approve", value)

    assert (answer.status_code, answer.content) == (200, b"")
    assert _heard(world, "U0PRIYA", "Approved.")
    assert _state(world) == DecisionState.APPROVED
    assert [(row.became, row.reference) for row in world.rows()] == [("decision", f"approve:{value['decision']}")]
    world.house.work()
    assert len(world.house.shop("select * from refunds where order_number = '1234'")) == 1


def test_the_same_button_pressed_ten_times_decides_once(world: World) -> None:
    value = _asked(world)

    for _ in range(10):
        assert world.press("U0PRIYA", "decision.approve", value).status_code == 200

    assert eventually(lambda: len([said for said in world.heard("U0PRIYA") if said]) == 10)
    assert len([said for said in world.heard("U0PRIYA") if said.startswith("Approved.")]) == 1
    assert world.count("vote") == 1


def test_of_two_approvers_at_once_one_decides_and_the_other_hears_who_did(world: World) -> None:
    value = _asked(world)
    together = threading.Barrier(2)

    def press(user: str) -> None:
        together.wait()
        world.press(user, "decision.approve", value)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, ["U0PRIYA", "U0KWAME"]))

    said = eventually(lambda: both if len(both := world.heard("U0PRIYA") + world.heard("U0KWAME")) == 2 else None)
    assert sorted("Nothing for you to do." in one for one in said) == [False, True]
    assert world.count("vote") == 1


REFUSED = {
    "the requester": ("U0ANNA", {}, "somebody else decides"),
    "somebody not entitled": ("U0RUTH", {}, "your try is on record"),
    "on a changed proposal": ("U0PRIYA", {"saw": "0" * 16}, "has changed since"),
    "a made-up decision": ("U0PRIYA", {"decision": 987654}, "There is no such decision."),
    "a crafted value": ("U0PRIYA", {"admin": True}, "There is no such decision."),
    "somebody unknown": ("U0OTTO", {}, "I don't know you yet"),
}


@pytest.mark.parametrize(("user", "changed", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_press_that_may_not_decide_changes_nothing_and_says_why(
    world: World, user: str, changed: dict[str, Any], told: str
) -> None:
    value = _asked(world)

    answer = world.press(user, "decision.approve", value | changed)

    assert (answer.status_code, answer.content) == (200, b"")
    assert _heard(world, user, told)
    assert _state(world) == DecisionState.OPEN
    assert world.count("vote") == 0


@pytest.mark.parametrize("value", ["", "null", "[]", "{", '{"decision": "1"}', '{"decision": -1}', '{"decision": 1e3}'])
def test_a_crafted_value_of_any_kind_is_no_decision(world: World, value: str) -> None:
    _asked(world)

    world.press("U0PRIYA", "decision.approve", value)

    assert _heard(world, "U0PRIYA", "There is no such decision.")
    assert world.count("vote") == 0


def test_a_person_who_left_while_the_card_was_open_can_no_longer_decide(world: World) -> None:
    value = _asked(world)
    world.press("U0PRIYA", "decision.more", value)
    assert eventually(lambda: world.count("slack_identity"))
    with world.deployment.database.transaction("morning") as unit:
        unit.connection.exec_driver_sql("update person set active = false where id = 'priya'")

    world.press("U0PRIYA", "decision.approve", value)

    assert _heard(world, "U0PRIYA", "I don't know you")
    assert _state(world) == DecisionState.OPEN


def test_a_rejection_needs_a_reason_and_takes_the_reason_along(world: World) -> None:
    value = _asked(world)

    blank = world.submit("U0PRIYA", "decision.rejection", value | {"channel": CHANNEL}, reason="  ")
    given = world.submit("U0PRIYA", "decision.rejection", value | {"channel": CHANNEL}, reason="Ask the carrier first.")

    assert blank.json() == {"response_action": "errors", "errors": {"reason": "Please fill this in."}}
    assert given.json() == {"response_action": "clear"}
    assert _heard(world, "U0PRIYA", "Rejected.")
    assert world.house.rows("select state, reason from decision")[0] == ("rejected", "Ask the carrier first.")


def test_a_question_goes_back_to_the_requester_and_their_answer_to_the_card(world: World) -> None:
    value = _asked(world)
    note = {"decision": value["decision"], "channel": CHANNEL}

    world.submit("U0PRIYA", "decision.question", note, question="Was the claim accepted?")
    assert _heard(world, "U0PRIYA", "The clock is stopped")
    world.submit("U0ANNA", "question.answered", note, answer="Yes, on 21 November.")
    assert _heard(world, "U0ANNA", "your answer is on every card")

    found = world.house.rows("select question, answer from question")
    assert found == [("Was the claim accepted?", "Yes, on 21 November.")]
    assert _state(world) == DecisionState.OPEN


def test_more_is_shown_to_those_who_were_asked_and_to_nobody_else(world: World) -> None:
    value = _asked(world)

    world.press("U0RUTH", "decision.more", value)
    assert _heard(world, "U0RUTH", "There is no such decision.")
    world.press("U0ANNA", "decision.reject", value)
    assert _heard(world, "U0ANNA", "There is no such decision.")

    assert world.look("calls", method="views.open") == []


def test_somebody_from_another_team_with_an_address_of_ours_is_nobody(world: World) -> None:
    value = _asked(world)
    world.press("U0ELSEWHERE", "decision.approve", value)

    assert eventually(lambda: [row for row in world.rows() if row.became == "ignored"])
    assert _state(world) == DecisionState.OPEN
    refused = world.house.rows("select event from audit_entry where trail = 'company:morning'")
    assert ("stranger_refused",) in refused
