"""The app's home shows what waits, what was asked and what was decided, and lets people decide there."""

import json
from typing import Any

from contracts.vocabulary import DecisionState
from tests.integration.gateway.world import CHANNEL, World, eventually

LARGE = 74_000


def _asked(world: World, *orders: str) -> list[dict[str, Any]]:
    """Large refunds that wait for their decisions: the values of their buttons, oldest first."""
    for order in orders:
        world.house.asked(order=order, amount=LARGE, form=order)
    world.house.work()
    rows = world.house.rows("select number, proposal_digest from decision order by number")
    return [{"decision": row.number, "saw": row.proposal_digest[:16]} for row in rows]


def _opened(world: World, user: str) -> str:
    """The home as somebody sees it who opens it now."""
    before = (world.home(user) or {}).get("hash")
    world.act("home", user=user)
    shown = eventually(lambda: (found := world.home(user)) is not None and found["hash"] != before and found)
    return json.dumps(shown["blocks"], ensure_ascii=False)


def _shows(world: World, user: str, words: str) -> bool:
    def there() -> bool:
        return words in json.dumps((world.home(user) or {}).get("blocks", []), ensure_ascii=False)

    return bool(eventually(there))


def _press(world: World, user: str, action: str, value: dict[str, Any]) -> None:
    home = world.home(user)
    assert home is not None
    pressed = world.press(
        user, action, value, container={"type": "view", "view_id": home["id"]}, channel=None, view=home
    )
    assert pressed.status_code == 200


def _states(world: World) -> list[str]:
    return [row.state for row in world.house.rows("select state from decision order by number")]


def test_an_approver_sees_what_waits_and_the_requester_what_they_asked(world: World) -> None:
    _asked(world, "1234")

    approver, requester = _opened(world, "U0PRIYA"), _opened(world, "U0ANNA")

    assert "Refund 740.00 USD for order 1234?" in approver
    assert "You asked" not in approver
    assert "Nothing waits for you." in requester
    assert "Waiting for a decision" in requester
    assert "T-" in requester


def test_a_press_on_the_home_decides_and_the_home_says_what_came_of_it(world: World) -> None:
    (value,) = _asked(world, "1234")
    _opened(world, "U0PRIYA")

    _press(world, "U0PRIYA", "decision.approve", value)

    assert _shows(world, "U0PRIYA", "It is on record under your name.")
    assert _states(world) == [DecisionState.APPROVED]
    shown = json.dumps((world.home("U0PRIYA") or {})["blocks"])
    assert "Nothing waits for you." in shown
    assert "Lately decided" in shown


def test_who_answers_for_a_wrong_result_finds_it_there_until_it_is_closed(world: World) -> None:
    task = world.house.asked(by="anna")
    world.house.work()
    world.submit("U0ANNA", "task.said_wrong", {"task": task, "channel": CHANNEL}, wrong="The wrong customer.")
    (number,) = eventually(lambda: [row.number for row in world.house.rows("select number from incident")])

    owner, above = _opened(world, "U0MEI"), _opened(world, "U0RUTH")
    ending = {
        "cause": {"value": {"type": "static_select", "selected_option": {"value": "data"}}},
        "minutes": {"value": {"type": "number_input", "value": "12"}},
    }
    world.submitted("U0MEI", "incident.closing", ending, note=json.dumps({"incident": number}))

    assert "Anna Kowalczyk says that this is wrong" in owner
    assert "incident.close" in owner
    assert "Nothing waits for you." not in owner
    assert "says that this is wrong" not in above
    assert _shows(world, "U0MEI", f"Incident {number} is closed: data, 12 min to put right.")
    assert _shows(world, "U0MEI", "Nothing waits for you.")


def test_a_stranger_sees_who_can_let_them_in_and_nothing_else(world: World) -> None:
    _asked(world, "1234")

    shown = _opened(world, "U0OTTO")

    assert "I don't know you yet." in shown
    assert "740.00" not in shown


def test_alike_decisions_are_made_together_and_each_is_recorded_alone(world: World) -> None:
    values = _asked(world, "1234", "1188", "1239")
    assert "Large refund: 3 alike" in _opened(world, "U0PRIYA")

    answer = _submitted(world, "U0PRIYA", values[:2], answer="approve")

    assert answer == {"response_action": "clear"}
    assert _shows(world, "U0PRIYA", "2 decided.")
    assert _states(world) == [DecisionState.APPROVED, DecisionState.APPROVED, DecisionState.OPEN]
    assert [row.person for row in world.house.rows("select person from vote order by decision")] == ["priya", "priya"]


def test_of_those_decided_together_one_that_another_decided_first_spoils_no_other(world: World) -> None:
    values = _asked(world, "1234", "1188")
    world.press("U0KWAME", "decision.reject", values[0])
    _opened(world, "U0PRIYA")
    world.press("U0MEI", "decision.approve", values[0])
    assert eventually(lambda: _states(world)[0] == DecisionState.APPROVED)

    _submitted(world, "U0PRIYA", values, answer="approve")

    assert _shows(world, "U0PRIYA", "1 decided. One not: Mei-Lin Zhao approved this")
    assert _states(world) == [DecisionState.APPROVED, DecisionState.APPROVED]


def test_a_rejection_of_several_needs_its_reason_and_none_ticked_decides_nothing(world: World) -> None:
    values = _asked(world, "1234", "1188")
    _opened(world, "U0PRIYA")

    without = _submitted(world, "U0PRIYA", values, answer="reject")
    nothing = _submitted(world, "U0PRIYA", [], answer="approve")

    assert without == {"response_action": "errors", "errors": {"reason": "Say why: the requesters read it."}}
    assert nothing == {"response_action": "errors", "errors": {"which0": "Take at least one."}}
    assert _states(world) == [DecisionState.OPEN, DecisionState.OPEN]


def test_somebody_who_may_not_decide_decides_nothing_together(world: World) -> None:
    values = _asked(world, "1234", "1188")
    _opened(world, "U0TOMAS")

    _submitted(world, "U0TOMAS", values, answer="approve")

    assert _shows(world, "U0TOMAS", "2 not: Only")
    assert _states(world) == [DecisionState.OPEN, DecisionState.OPEN]


def test_work_that_is_asked_for_on_the_home_is_shown_there(world: World) -> None:
    assert "Ask for work" in _opened(world, "U0ANNA")

    home = world.home("U0ANNA") or {}
    world.act("view-action", user="U0ANNA", view_id=home["id"], action_id="request.open")

    assert eventually(lambda: world.modal("U0ANNA", "request.form"))


def _submitted(world: World, user: str, values: list[dict[str, Any]], *, answer: str) -> dict[str, Any]:
    """The form for alike ones, sent in with these ticked; what Slack hears."""
    ticked = [{"value": json.dumps(value, separators=(",", ":"))} for value in values]
    filled = {
        "which0": {"value": {"type": "checkboxes", "selected_options": ticked}},
        "answer": {"value": {"type": "radio_buttons", "selected_option": {"value": answer}}},
        "reason": {"value": {"type": "plain_text_input", "value": None}},
    }
    heard: dict[str, Any] = world.submitted(user, "decision.together", filled).json()
    return heard
