"""From `/chargehand` to the verified refund, through the real gateway with signed requests."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.stories.processes import runners_held
from tests.stories.stack import SUPPORT, Stack, until


def task_of(message: dict[str, object]) -> str:
    """The task that a message is about."""
    found = re.search(r"T-\d+", json.dumps(message))
    assert found is not None
    return found[0]


def test_staff_choose_a_lane_and_get_its_form(morning: Stack) -> None:
    opened = morning.act("command", user="U0ANNA", channel=SUPPORT, command="/chargehand", text="", wait_for_view=30)
    view_id = opened["view"]["id"]
    morning.act("view-action", user="U0ANNA", view_id=view_id, action_id="request.lane", value="refunds")

    labels = until(lambda: labels_of(morning, "U0ANNA"), "the lane's form")
    assert labels == ["Order number", "Amount to pay back (USD)", "Why"]
    morning.act("close-view", user="U0ANNA", view_id=view_id)


def labels_of(morning: Stack, user: str) -> list[str]:
    """The labels of the inputs in a person's open modal."""
    modals = morning.look("views", user=user)["modals"]
    return [block["label"]["text"] for block in modals[-1]["blocks"] if block["type"] == "input"] if modals else []


def test_a_mistake_stands_beside_its_field_and_the_corrected_form_is_paid_once(morning: Stack) -> None:
    view = morning.form()

    wrong = morning.submit("U0ANNA", view, order="1001", amount="forty")
    right = morning.submit("U0ANNA", view, order="1001", amount="42.00")

    assert wrong["errors"] == {"amount": "Write the amount like 42.00."}
    assert right["errors"] == {}
    done = morning.live("Done: 42.00 USD refunded for order 1001")
    assert "No approval was needed" in json.dumps(done)
    assert morning.refunds("1001") == [4200]


def test_at_once_it_is_said_what_was_accepted_and_who_owns_it(morning: Stack) -> None:
    with runners_held(morning):  # a courier that is held up itself would find it done, and say no more than that
        morning.ask(order="1002", amount="19.99")
        morning.live("Accepted: refund of 19.99 USD for order 1002")

    morning.live("Done: 19.99 USD refunded for order 1002")
    posts = [json.dumps(one) for one in morning.look("calls", method="chat.postMessage") if "order 1002" in str(one)]
    accepted = [one for one in posts if "Accepted: refund of 19.99 USD for order 1002" in one]
    assert len(accepted) == 1
    assert "Refund worker owns it. It checks the order, then pays. Usually 2 minutes." in accepted[0]


def test_a_large_refund_is_paid_only_after_a_finance_approver_said_yes(morning: Stack) -> None:
    morning.ask(order="1005", amount="600.00")
    card = morning.card("U0PRIYA", "600.00 USD for order 1005")
    before = morning.refunds("1005")

    morning.click("U0PRIYA", card, "decision.approve")

    morning.live("Done: 600.00 USD refunded for order 1005")
    assert before == []
    assert morning.refunds("1005") == [60000]
    for approver in ("U0PRIYA", "U0KWAME"):
        closed = until(partial(closed_card, morning, approver, "1005"), f"{approver}'s copy closed")
        assert "Priya Nair approved this" in json.dumps(closed)
        assert "decision.approve" not in json.dumps(closed)


def closed_card(morning: Stack, user: str, order: str) -> dict[str, object] | None:
    """A person's card about an order, once it shows an outcome."""
    found = morning.card(user, f"order {order}")
    return found if "this at" in json.dumps(found) else None


def card_says(morning: Stack, user: str, order: str, words: str) -> bool:
    """Whether a person's card about an order has some words."""
    return words in json.dumps(morning.card(user, f"order {order}"))


def test_who_is_not_entitled_gets_a_sentence_and_changes_nothing(morning: Stack) -> None:
    morning.ask(order="1008", amount="740.00")
    card = morning.card("U0PRIYA", "740.00 USD for order 1008")
    button = next(
        element
        for block in card["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "decision.approve"
    )

    for who in ("U0ANNA", "U0TOMAS"):
        answer = morning.act(
            "click",
            user=who,
            channel=card["channel"],
            ts=card["ts"],
            action_id="decision.approve",
            value=button["value"],
            forged=True,
        )
        assert answer["status"] == 200

    until(lambda: len(refused_answers(morning)) >= 2, "both tries on record")
    assert morning.refunds("1008") == []
    assert "decision.approve" in json.dumps(morning.card("U0PRIYA", "740.00 USD for order 1008"))


def refused_answers(morning: Stack) -> list[object]:
    """Messages that tell somebody that they can't decide."""
    told = [call for call in morning.look("calls") if "on record" in json.dumps(call)]
    return list(told)


def test_pressing_twice_and_two_approvers_at_once_decide_once(morning: Stack) -> None:
    morning.ask(order="1188", amount="900.00")
    cards = {who: morning.card(who, "900.00 USD for order 1188") for who in ("U0PRIYA", "U0KWAME")}

    with ThreadPoolExecutor(2) as both:
        pressed = [
            both.submit(morning.click, who, card, "decision.approve", times=3, concurrently=True)
            for who, card in cards.items()
        ]
        answers = [one.result() for one in pressed]

    assert all(answer["status"] == 200 for answer in answers)
    done = morning.live("Done: 900.00 USD refunded for order 1188")
    assert morning.refunds("1188") == [90000]
    why = morning.chargehand("why", task_of(done), "--json")
    assert json.loads(why.stdout)["Authorised"][0].count("approve") >= 1


def test_a_rejection_needs_a_reason_and_the_requester_reads_it(morning: Stack) -> None:
    morning.ask(order="1239", amount="700.00")
    card = morning.card("U0KWAME", "700.00 USD for order 1239")

    opened = morning.click("U0KWAME", card, "decision.reject", wait_for_view=30)
    morning.act(
        "submit", user="U0KWAME", view_id=opened["view"]["id"], values={"reason": {"value": "No claim was filed yet."}}
    )

    refused = morning.live("Refused: refund of 700.00 USD for order 1239")
    assert "No claim was filed yet" in json.dumps(morning.messages("U0ANNA", SUPPORT))
    assert "Kwame Boateng rejected this" in json.dumps(refused)
    assert morning.refunds("1239") == []


def test_asking_back_stops_the_clock_and_the_answer_is_on_every_card(morning: Stack) -> None:
    morning.ask(order="1133", amount="500.01")
    card = morning.card("U0PRIYA", "500.01 USD for order 1133")

    opened = morning.click("U0PRIYA", card, "decision.ask", wait_for_view=30)
    morning.act(
        "submit", user="U0PRIYA", view_id=opened["view"]["id"], values={"question": {"value": "Is there a claim?"}}
    )
    question = morning.card("U0ANNA", "Is there a claim?")
    answering = morning.click("U0ANNA", question, "question.answer", wait_for_view=30)
    morning.act(
        "submit", user="U0ANNA", view_id=answering["view"]["id"], values={"answer": {"value": "Yes, accepted today."}}
    )

    for who in ("U0PRIYA", "U0KWAME"):
        until(partial(card_says, morning, who, "1133", "Yes, accepted today."), f"the answer on the card of {who}")
    morning.click("U0PRIYA", morning.card("U0PRIYA", "500.01 USD for order 1133"), "decision.approve")
    morning.live("Done: 500.01 USD refunded for order 1133")


def test_an_order_that_does_not_exist_is_not_retried_and_the_requester_reads_why(morning: Stack) -> None:
    morning.ask(order="9999", amount="10.00")

    refused = morning.live("Refused: refund of 10.00 USD for order 9999")

    assert "Order 9999 does not exist in the shop. Check the number and ask again." in json.dumps(refused)


def test_why_tells_on_one_page_by_command_and_by_button(morning: Stack) -> None:
    morning.ask(order="1009", amount="54.75")
    done = morning.live("Done: 54.75 USD refunded for order 1009")

    page = morning.chargehand("why", task_of(done))
    opened = morning.click("U0ANNA", done, "task.why", wait_for_view=30)

    for words in ("Anna Kowalczyk", "shop.order 1009", "amount 54.75 USD is within the limit 500.00 USD", "order.json"):
        assert words in page.stdout
        assert words in json.dumps(opened["view"], ensure_ascii=False)
    assert "chain intact" in page.stdout
    morning.act("close-view", user="U0ANNA", view_id=opened["view"]["id"])


def test_did_we_already_do_that_is_one_command(morning: Stack) -> None:
    morning.ask(order="1010", amount="31.00")
    morning.live("Done: 31.00 USD refunded for order 1010")

    morning.act("command", user="U0ANNA", channel=SUPPORT, command="/chargehand", text="find 1010")

    until(lambda: "31.00 USD refunded for order 1010" in morning.notices("U0ANNA", SUPPORT), "what was found")


@pytest.mark.parametrize("concurrently", [False, True])
def test_the_same_slack_retry_makes_one_task(morning: Stack, concurrently: bool) -> None:
    order = "1300" if concurrently else "1301"
    view = morning.form()
    morning.fault(on="delivery", kind="redeliver", times=1, copies=4, concurrently=concurrently, type="view_submission")

    morning.submit("U0ANNA", view, order=order, amount="11.00")

    morning.live(f"Done: 11.00 USD refunded for order {order}")
    found = json.loads(morning.chargehand("find", f"order {order}", "--json").stdout)
    assert len(found) == 1
    assert morning.refunds(order) == [1100]


def test_text_from_people_never_becomes_markup_or_a_mention(morning: Stack) -> None:
    morning.ask(order="1199", amount="49.99", reason="<!channel> *see* <https://evil.example|here> & <@U0MEI>")

    morning.live("Done: 49.99 USD refunded for order 1199")
    sent = json.dumps([call["args"] for call in morning.look("calls") if "1199" in json.dumps(call)])
    assert "<!channel>" not in sent
    assert "<https://evil" not in sent
    assert "<@U0MEI>" not in sent
