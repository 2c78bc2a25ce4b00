"""Nobody answers: reminders, then the next in line, then the contract's last word, with the clock moved on."""

import json
from functools import partial

from tests.stories.stack import Stack, until

HOUR_S = 3600


def test_silence_reminds_then_asks_the_manager_then_rejects(morning: Stack) -> None:
    morning.ask(order="1008", amount="740.00")
    morning.card("U0PRIYA", "740.00 USD for order 1008")

    morning.wait(1.1 * HOUR_S)
    reminded = until(lambda: reminders(morning, "U0PRIYA"), "a reminder for Priya")
    morning.wait(4.1 * HOUR_S)
    asked = morning.card("U0RUTH", "740.00 USD for order 1008")
    morning.wait(24.2 * HOUR_S)
    refused = morning.live("Refused: refund of 740.00 USD for order 1008")

    assert "Refund 740.00 USD for order 1008" in json.dumps(reminded)
    assert "decision.approve" in json.dumps(asked)
    assert "Nobody" in json.dumps(refused)
    assert morning.refunds("1008") == []
    for who in ("U0PRIYA", "U0RUTH"):  # their copies are letters of their own, which may come after the requester's
        until(partial(is_closed, morning, who), f"the card of {who} closed")


def is_closed(morning: Stack, user: str) -> bool:
    """Whether nothing about the refund can be pressed any more."""
    about = [json.dumps(one) for one in morning.messages(user) if "740.00 USD for order 1008" in json.dumps(one)]
    return bool(about) and not any("decision.approve" in one for one in about)


def reminders(morning: Stack, user: str) -> list[object]:
    """Reminders in a person's DM."""
    return [one for one in morning.messages(user) if "Still waiting for you" in json.dumps(one)]
