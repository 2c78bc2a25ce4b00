"""The requester changes their mind while others are asked: the task ends, and every card says who ended it."""

from tests.stories.stack import Stack


def test_a_request_that_waits_for_approval_is_cancelled_from_its_message(morning: Stack) -> None:
    morning.ask(order="1008", amount="741.00")
    card = morning.card("U0PRIYA", "741.00 USD for order 1008")
    live = morning.live("refund of 741.00 USD for order 1008")

    opened = morning.click("U0ANNA", live, "task.cancel", wait_for_view=30)
    filled = {"reason": {"value": "The parcel came after all."}}
    answer = morning.act("submit", user="U0ANNA", view_id=opened["view"]["id"], values=filled)

    assert answer["status"] == 200
    ended = morning.live("Anna Kowalczyk cancelled it: “The parcel came after all”. Nothing had been changed.")
    assert "Cancelled: refund of 741.00 USD for order 1008" in str(ended)
    closed = morning.card("U0PRIYA", "Anna Kowalczyk cancelled this at")
    assert closed["ts"] == card["ts"]
    assert "decision.approve" not in str(closed)
    assert morning.refunds("1008") == []
