"""The answers that need more than a press, as people give them in Slack: a form that fits, and one door behind it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.gateway.world import CHANNEL, World, eventually


def asked(world: World, amount: int = 74_000) -> dict[str, Any]:
    """A large refund that waits for its decision: the value of the card's buttons; its approvers have their cards."""
    world.house.asked(amount=amount)
    world.house.work()
    row = world.house.rows("select number, proposal_digest from decision")[0]
    return {"decision": row.number, "saw": row.proposal_digest[:16]}


def note(value: dict[str, Any], **more: str) -> dict[str, Any]:
    """What the form of a card brings back."""
    return {**value, "channel": CHANNEL, **more}


def chosen(one: str) -> dict[str, Any]:
    """A choice of a list, as Slack sends it."""
    return {"value": {"type": "static_select", "selected_option": {"value": one}}}


def state(world: World, number: int) -> str:
    """The decision's state."""
    found: str = world.house.rows("select state from decision where number = :n", n=number)[0].state
    return found


def heard(world: World, user: str, words: str) -> Any:
    """What somebody was told."""
    return eventually(lambda: [said for said in world.heard(user) if words in said])


def test_a_changed_amount_is_filled_in_and_approved(world: World) -> None:
    value = asked(world)
    bound = note(value, lane="refunds", effect="shop.refund")

    wrong = world.submit("U0PRIYA", "decision.changes", bound, new_amount="lots")
    right = world.submit("U0PRIYA", "decision.changes", bound, new_amount="300.00", because="only the lamp")

    assert wrong.json()["response_action"] == "errors"
    assert list(wrong.json()["errors"]) == ["new_amount"]
    assert right.status_code == 200
    assert heard(world, "U0PRIYA", "Approved with your changes")
    assert state(world, value["decision"]) == "changed"
    world.house.work()
    assert [row[0] for row in world.house.shop("select amount from refunds where order_number = '1234'")] == [30000]


def test_work_is_sent_back_handed_over_and_put_aside_from_forms(world: World) -> None:
    value = asked(world)
    number = value["decision"]

    world.submitted("U0PRIYA", "decision.snoozing", {"pause": chosen("1 hour")}, note=_json(note(value)))
    assert heard(world, "U0PRIYA", "You are reminded at")
    world.submitted("U0PRIYA", "decision.handing_over", {"to": chosen("ruth")}, note=_json(note(value)))
    assert heard(world, "U0PRIYA", "Handed over: Ruth Adeyemi")
    world.submit("U0KWAME", "decision.revision", note(value), reason="name the claim")

    assert heard(world, "U0KWAME", "Sent back to the worker")
    assert state(world, number) == "revised"


def _json(note: dict[str, Any]) -> str:
    return json.dumps(note)


def test_a_form_that_nobody_was_given_hands_over_to_nobody(world: World) -> None:
    value = asked(world)

    world.submitted("U0PRIYA", "decision.handing_over", {"to": chosen("tomas")}, note=_json(note(value)))

    assert heard(world, "U0PRIYA", "You can hand this over to")
    assert state(world, value["decision"]) == "open"


def test_somebody_goes_away_and_comes_back_by_a_command(world: World) -> None:
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()

    world.act("command", "U0PRIYA", channel=CHANNEL, command="/chargehand", text=f"away until {day} to Jonas Lindqvist")
    assert heard(world, "U0PRIYA", "Jonas Lindqvist is asked in your place")
    value = asked(world)
    entitled = world.house.rows("select entitled from decision where number = :n", n=value["decision"])[0].entitled
    assert "jonas" in entitled
    world.act("command", "U0PRIYA", channel=CHANNEL, command="/chargehand", text="back")

    assert heard(world, "U0PRIYA", "Welcome back.")


def test_ones_own_request_is_not_decided_by_command_where_the_contract_has_no_glass(world: World) -> None:
    world.house.asked(by="kwame", amount=74_000)
    world.house.work()
    number = world.house.rows("select number from decision")[0].number

    text = f"own {number} approve the customer is at the till"
    world.act("command", "U0KWAME", channel=CHANNEL, command="/chargehand", text=text)

    assert heard(world, "U0KWAME", "You asked for this, so somebody else decides")
    assert state(world, number) == "open"
