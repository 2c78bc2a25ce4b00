"""The requester sees their mistake and changes what they asked for, from the message that is there."""

from typing import Any

from tests.stories.stack import SUPPORT, Stack, until

DIFFERS = "Amount to pay back: 742.00 USD → 30.00 USD"


def modals(morning: Stack, user: str = "U0ANNA") -> list[dict[str, Any]]:
    """What somebody has open, the newest last."""
    found: list[dict[str, Any]] = morning.look("views", user=user)["modals"]
    return found


def initial(view: dict[str, Any]) -> dict[str, Any]:
    """What stands in a form's texts."""
    return {one["block_id"]: one["element"].get("initial_value") for one in view["blocks"] if one["type"] == "input"}


def test_what_waits_for_approval_is_changed_and_begins_anew_with_what_is_asked_now(morning: Stack) -> None:
    morning.ask(order="1188", amount="742.00")
    card = morning.card("U0PRIYA", "742.00 USD for order 1188")
    live = morning.live("refund of 742.00 USD for order 1188")

    form = morning.click("U0ANNA", live, "task.change", wait_for_view=30)["view"]
    filled = {name: {"value": value} for name, value in initial(form).items()}
    wrong = morning.act("submit", user="U0ANNA", view_id=form["id"], values=filled | {"amount": {"value": "thirty"}})
    same = morning.act("submit", user="U0ANNA", view_id=form["id"], values=filled)
    good = morning.act("submit", user="U0ANNA", view_id=form["id"], values=filled | {"amount": {"value": "30.00"}})
    meant = modals(morning)[-1]
    before = morning.look("messages", user="U0ANNA", channel=SUPPORT)
    morning.act("submit", user="U0ANNA", view_id=meant["id"], values={"reason": {"value": "I mistyped it"}})

    assert initial(form) == {"order": "1188", "amount": "742.00", "reason": "The parcel was lost."}
    assert wrong["errors"] == {"amount": "Write the amount like 42.00."}
    assert same["errors"] == {"order": "Nothing is changed here yet."}
    assert good["status"] == 200
    assert meant["callback_id"] == "request.change_meant"
    assert DIFFERS in str(meant)
    assert "refund of 742.00 USD for order 1188" in str(before), "nothing changes before it is meant"
    done = morning.live("Done: 30.00 USD refunded for order 1188")
    assert done["channel"] == SUPPORT
    closed = morning.card("U0PRIYA", "Anna Kowalczyk changed the request at")
    assert closed["ts"] == card["ts"]
    assert DIFFERS in str(closed)
    assert "decision.approve" not in str(closed)
    assert morning.refunds("1188") == [3000]
    assert modals(morning) == []
    until(lambda: DIFFERS in morning.notices("U0ANNA", SUPPORT) or None, "the answer to who changed it")


def test_what_was_done_is_not_changed_and_words_in_the_thread_bring_the_button(morning: Stack) -> None:
    morning.ask(order="1239", amount="739.00")
    live = morning.live("refund of 739.00 USD for order 1239")

    morning.act("message", user="U0ANNA", channel=SUPPORT, text="make it 30.00 instead", thread_ts=live["ts"])

    until(
        lambda: "words in a thread change nothing" in morning.notices("U0ANNA", SUPPORT) or None,
        "that words change nothing",
    )
    assert "task.change" in morning.notices("U0ANNA", SUPPORT)
    assert "739.00 USD for order 1239" in str(morning.live("refund of 739.00 USD for order 1239"))


def test_the_terminal_changes_it_as_the_form_does(morning: Stack) -> None:
    morning.ask(order="1302", amount="744.00")
    live = morning.live("refund of 744.00 USD for order 1302")
    task = next(word for word in str(live).replace("*", " ").split() if word.startswith("T-1")).strip("\\n',")

    said = morning.chargehand("amend", task[:6], "amount=31.00", "--yes", "--as", "anna")

    assert said.returncode == 0, said.stderr
    assert "Amount to pay back: 744.00 USD → 31.00 USD" in said.stdout
    morning.live("Done: 31.00 USD refunded for order 1302")
    assert morning.refunds("1302") == [3100]
