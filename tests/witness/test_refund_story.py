"""The refund story with another Slack than our own, so that our sandbox and our client can't make the same mistake.

The stand-in is npm's `emulate`. It answers chat.*, conversations.*, users.*, auth.test and views.*, checks scopes, and
gives triggers that live three seconds. It sends nothing: no slash commands, no interactions, no signatures, no response
URLs, no Socket Mode; so people's side is written by hand (people.py). It takes POST alone where Slack also takes GET
(the clerk turns them), ignores `oldest` in conversations.history, shows metadata unasked, does not look into blocks,
and takes any token. What it answers differently from our sandbox stands in test_two_slacks.py.
"""

import json
from functools import partial
from typing import Any

from tests.stories.processes import runners_held
from tests.stories.stack import until
from tests.witness.clerk import Call
from tests.witness.conftest import Witnessed

LISTENING = "0A"


def test_the_stand_in_can_be_reached_from_this_machine_alone(witnessed: Witnessed) -> None:
    with open("/proc/net/tcp") as table, open("/proc/net/tcp6") as table6:  # noqa: PTH123 - no files, really
        rows = [line.split() for line in [*table, *table6]]

    open_at = [row[1] for row in rows if row[3] == LISTENING and row[1].endswith(f":{witnessed.slack.port:04X}")]

    assert open_at == [f"0100007F:{witnessed.slack.port:04X}"]


def test_a_small_refund_is_asked_for_in_a_form_and_paid(witnessed: Witnessed) -> None:
    with runners_held(
        witnessed.stack
    ):  # a courier that is held up itself would find it done, and say no more than that
        ask(witnessed, order="1001", amount="42.00")
        until(lambda: posted(witnessed, "order 1001"), "the live message")

    done = until(lambda: message_with(witnessed, "Done: 42.00 USD refunded for order 1001"), "the live message edited")
    thread = until(lambda: replies(witnessed, done), "the result in its thread")

    assert witnessed.stack.refunds("1001") == [4200]
    assert done["edited"]["user"] == "U000WITNES"
    assert f"<@{witnessed.slack.ids['anna']}>" in thread[0]["text"]
    accepted = posted(witnessed, "Accepted: refund of 42.00 USD for order 1001")
    assert [one["channel"] for one in accepted] == [witnessed.slack.ids["support"]]


def test_a_large_refund_waits_for_an_approver_and_every_copy_of_the_card_closes(witnessed: Witnessed) -> None:
    ask(witnessed, order="1005", amount="600.00")
    card = until(lambda: card_of(witnessed, "priya", "order 1005"), "Priya's card")
    before = witnessed.stack.refunds("1005")

    answer = witnessed.people.press("priya", witnessed.slack.dm("priya"), card, "decision.approve")

    assert (answer.status_code, answer.text) == (200, "")
    until(lambda: message_with(witnessed, "Done: 600.00 USD refunded for order 1005"), "the live message edited")
    assert (before, witnessed.stack.refunds("1005")) == ([], [60000])
    for approver in ("priya", "kwame"):
        closed = until(partial(closed_card, witnessed, approver, "order 1005"), f"{approver}'s copy closed")
        assert "decision.approve" not in json.dumps(closed)


def test_a_card_whose_answer_was_lost_is_found_by_its_metadata_and_stands_once(witnessed: Witnessed) -> None:
    place = witnessed.slack.dm("priya")
    witnessed.clerk.lose("chat.postMessage", place)

    ask(witnessed, order="1008", amount="740.00")
    card = until(lambda: card_of(witnessed, "priya", "order 1008"), "Priya's card")
    looked = until(lambda: calls(witnessed, "conversations.history", place), "a look for the card", within_s=60)
    witnessed.people.press("priya", place, card, "decision.approve")

    until(lambda: closed_card(witnessed, "priya", "order 1008"), "the found card edited")
    assert [call.was_lost for call in calls(witnessed, "chat.postMessage", place) if "1008" in str(call)] == [True]
    assert looked[0].arguments["include_all_metadata"] == "1"
    assert witnessed.stack.refunds("1008") == [74000]


def test_a_no_is_given_with_its_reason_in_a_form_of_its_own(witnessed: Witnessed) -> None:
    ask(witnessed, order="1188", amount="900.00")
    card = until(lambda: card_of(witnessed, "kwame", "order 1188"), "Kwame's card")
    opened = len(witnessed.clerk.answers("views.open"))

    witnessed.people.press("kwame", witnessed.slack.dm("kwame"), card, "decision.reject")
    view = until(lambda: witnessed.clerk.answers("views.open")[opened:], "the form for the reason")[0]["view"]
    witnessed.people.submit("kwame", view, {"": "The parcel was found."})

    refused = until(lambda: message_with(witnessed, "The parcel was found"), "the reason in the live message")
    assert "order 1188" in json.dumps(refused)
    assert witnessed.stack.refunds("1188") == []


def ask(witnessed: Witnessed, *, order: str, amount: str) -> None:
    """Ask for a refund as staff do: the slash command, the form that the stand-in holds, submit."""
    opened = len(witnessed.clerk.answers("views.open"))
    command = witnessed.people.command("anna", "refunds")
    view = until(lambda: witnessed.clerk.answers("views.open")[opened:], "the form")[0]["view"]
    values = {"Order": order, "Amount": amount, "Why": "The parcel was lost."}
    submitted = witnessed.people.submit("anna", view, values)
    assert (command.status_code, submitted.status_code) == (200, 200)
    assert submitted.json() == {"response_action": "clear"}


def message_with(witnessed: Witnessed, text: str) -> dict[str, Any] | None:
    """The message of the support channel that has `text`, as the stand-in holds it."""
    return next(
        (one for one in witnessed.slack.history(witnessed.slack.ids["support"]) if text in json.dumps(one)), None
    )


def replies(witnessed: Witnessed, message: dict[str, Any]) -> list[dict[str, Any]]:
    """What hangs on a message of the support channel."""
    found = witnessed.slack.call("conversations.replies", channel=witnessed.slack.ids["support"], ts=message["ts"])
    return list(found["messages"][1:])


def posted(witnessed: Witnessed, text: str) -> list[dict[str, Any]]:
    """What the stand-in answered to the posts that have `text`."""
    return [one for one in witnessed.clerk.answers("chat.postMessage") if text in json.dumps(one)]


def calls(witnessed: Witnessed, method: str, channel: str) -> list[Call]:
    """What Chargehand asked of a method in one conversation."""
    return [one for one in witnessed.clerk.calls if one.method == method and one.arguments.get("channel") == channel]


def card_of(witnessed: Witnessed, who: str, text: str) -> dict[str, Any] | None:
    """The card in a person's direct message that has `text`."""
    return next((one for one in witnessed.slack.history(witnessed.slack.dm(who)) if text in json.dumps(one)), None)


def closed_card(witnessed: Witnessed, who: str, text: str) -> dict[str, Any] | None:
    """The same, once it shows who decided."""
    card = card_of(witnessed, who, text)
    return card if card and "Priya Nair approved this" in json.dumps(card) else None
