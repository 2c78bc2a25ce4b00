"""Gateway and courier together: what Slack shows is pressed there, and what comes of it is seen there."""

from typing import Any

import pytest

from tests.integration.gateway.world import CHANNEL, DM, World, eventually

pytestmark = pytest.mark.usefixtures("courier")


def _messages(world: World, user: str) -> list[dict[str, Any]]:
    direct = [one["id"] for one in world.look("channels", user=user) if one["id"].startswith("D")]
    found: list[dict[str, Any]] = world.look("messages", channel=direct[0], user=user) if direct else []
    return found


def _read(world: World, user: str, words: str) -> bool:
    return eventually(lambda: words in str(_messages(world, user))) is True


def _with_button(world: World, user: str, action_id: str) -> dict[str, Any] | None:
    for message in _messages(world, user):
        elements = [one for block in message.get("blocks", []) for one in block.get("elements", [])]
        if any(element.get("action_id") == action_id for element in elements):
            return message
    return None


def _click(world: World, user: str, action_id: str, **given: Any) -> dict[str, Any]:
    message = eventually(lambda: _with_button(world, user, action_id))
    return world.act("click", user, channel=DM, ts=message["ts"], action_id=action_id, **given)


def test_a_form_that_opened_too_late_opens_by_the_button_in_the_dm(world: World) -> None:
    world.fault(on="call", method="views.open", kind="error", error="expired_trigger_id", times=1)
    world.act("command", "U0ANNA", channel=CHANNEL, command="/chargehand", text="refunds")

    opened = _click(world, "U0ANNA", "request.open", wait_for_view=30)

    assert opened["view"]["title"]["text"] == "Refund an order"
    assert '"channel":"C0SUPPORT"' in opened["view"]["private_metadata"]


def test_a_card_is_rejected_in_its_modal_and_every_copy_shows_who_and_why(world: World) -> None:
    world.house.asked(amount=74_000)
    world.house.work()

    asked = _click(world, "U0PRIYA", "decision.reject", wait_for_view=30)
    missing = world.act("submit", "U0PRIYA", view_id=asked["view"]["id"], values={}, unchecked=True)
    reason = {"reason": {"value": "The carrier pays it."}}
    closed = world.act("submit", "U0PRIYA", view_id=asked["view"]["id"], values=reason)

    assert missing["errors"] == {"reason": "Please fill this in."}
    assert closed["view"] is None
    for user in ("U0PRIYA", "U0KWAME", "U0MEI"):
        assert _read(world, user, "The carrier pays it")
        assert _with_button(world, user, "decision.approve") is None


def test_more_why_and_asking_back_work_from_the_messages_themselves(world: World) -> None:
    world.house.asked(by="anna", amount=74_000)
    world.house.work()

    more = _click(world, "U0KWAME", "decision.more", wait_for_view=30)
    ask = _click(world, "U0KWAME", "decision.ask", wait_for_view=30)
    question = {"question": {"value": "Was it <!channel> lost?"}}
    world.act("submit", "U0KWAME", view_id=ask["view"]["id"], values=question)
    answer = _click(world, "U0ANNA", "question.answer", wait_for_view=30)
    world.act("submit", "U0ANNA", view_id=answer["view"]["id"], values={"answer": {"value": "Yes."}})

    assert more["view"]["title"]["text"].startswith("More on T-")
    told = answer["view"]["blocks"][0]["text"]["text"]
    assert told.splitlines() == [
        "Refund 740.00 USD for order 1234?",
        "Kwame Boateng asks: Was it <!channel> lost?",
    ]
    assert _read(world, "U0KWAME", "Yes.")


def test_approving_on_the_card_pays_and_the_presser_hears_it_there(world: World) -> None:
    world.house.asked(amount=74_000)
    world.house.work()

    pressed = _click(world, "U0MEI", "decision.approve", times=3, concurrently=True)

    assert {answer["status"] for answer in pressed["answers"]} == {200}
    assert eventually(lambda: world.count("vote")) == 1
    assert _read(world, "U0MEI", "Approved. It is on record under your name.")
    world.house.work()
    assert len(world.house.shop("select * from refunds where order_number = '1234'")) == 1
