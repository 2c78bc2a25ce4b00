"""What people see in Slack of work and decisions, carried by a real courier."""

import json
from threading import Event

import anyio
import pytest

from contracts.canonical import digest
from contracts.vocabulary import Answer, Message
from escalation.decisions import Voice, decide
from escalation.questions import answer_question
from notifications import courier
from notifications.slack import actions
from storage.outbox import Letter
from tests.integration.notifications.post_office import CHANNEL, PostOffice, buttons, until, words


def answer(office: PostOffice, decision: int, person: str, word: Answer, reason: str | None = None) -> None:
    """A person's answer, as the gateway would record it."""
    with office.house.deployment.database.transaction("morning") as unit:
        decide(unit, Voice(decision, person, word, reason, "slack", None))
    office.house.deployment.wakeups.courier()


def test_the_live_message_is_edited_and_the_result_comes_in_its_thread(post_office: PostOffice) -> None:
    task = post_office.house.asked(order="1001", amount=4200)

    with post_office.courier():
        accepted = until(post_office.messages)[0]
        post_office.house.work()
        until(lambda: len(post_office.messages()) == 2 and post_office.all_sent())

    live, result = post_office.messages()
    assert "Accepted: refund of 42.00 USD for order 1001" in words(accepted)
    assert "Usually 2 minutes." in words(accepted)
    assert buttons(accepted) == [actions.CHANGE_REQUEST, actions.CANCEL]
    assert live["ts"] == accepted["ts"]
    assert "Done: 42.00 USD refunded for order 1001" in words(live)
    assert f"T-{task}" in words(live)
    assert buttons(live) == buttons(result) == [actions.WHY, actions.WRONG]
    assert result["thread_ts"] == live["ts"]
    assert result["text"].startswith("<@U0X> Done: 42.00 USD refunded")
    assert "order.json" in words(result)


def test_everybody_entitled_gets_a_card_and_every_copy_shows_the_outcome(post_office: PostOffice) -> None:
    task = post_office.house.asked(order="1234", amount=74000)

    with post_office.courier():
        post_office.house.work()
        approvers = post_office.house.approvers
        cards = [until(lambda one=one: post_office.messages(one))[0] for one in approvers]  # type: ignore[misc]
        decision = post_office.rows(message="card")[0].decision
        answer(post_office, decision, approvers[0], Answer.APPROVE, "carrier *was* clear")
        until(lambda: all(not buttons(post_office.messages(one)[0]) for one in approvers))

    for card in cards:
        assert buttons(card) == [actions.APPROVE, actions.REJECT, actions.CHANGE, actions.ASK, actions.MORE]
        assert "Refund 740.00 USD for order 1234?" in card["text"]
        assert card["metadata"]["event_payload"].keys() == {"outbox"}
    for one in approvers:
        shown = post_office.messages(one)
        assert len(shown) == 1
        assert "approved this at" in words(shown[0])
        assert "carrier ∗was∗ clear" in words(shown[0])
        assert f"T-{task}" in words(shown[0])


def test_what_was_shown_on_a_card_is_kept_as_a_digest(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)

    with post_office.courier():
        post_office.house.work()
        until(lambda: post_office.rows(message="card") and post_office.all_sent())

    asked = [call["args"] for call in post_office.calls("chat.postMessage") if call["args"]["channel"] != CHANNEL]
    kept = {row.shown_digest for row in post_office.rows(message="card")}
    assert kept == {digest(args["blocks"]) for args in asked}


def test_a_question_asked_back_is_answered_once(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    approver = post_office.house.approvers[0]
    database = post_office.house.deployment.database

    with post_office.courier():
        post_office.house.work()
        until(lambda: post_office.messages(approver))
        decision = post_office.rows(message="card")[0].decision
        with database.transaction("morning") as unit:
            decide(unit, Voice(decision, approver, Answer.ASK, "Which\n*claim*?", "slack", None))
        asked = until(lambda: post_office.messages("anna"))[0]
        with database.transaction("morning") as unit:
            answer_question(unit, decision=decision, person_id="anna", answer="Claim 55.", via="slack")
        until(lambda: "Claim 55." in words(post_office.messages(approver)[0]))
        answered = until(lambda: [one for one in post_office.messages("anna") if not buttons(one)])[0]

    assert buttons(asked) == [actions.ANSWER]
    assert "> Which\\n> ∗claim∗?" in words(asked)
    assert answered["ts"] == asked["ts"]
    assert "Claim 55." in words(answered)
    assert actions.APPROVE in buttons(post_office.messages(approver)[0])


def test_a_reminder_is_a_reply_to_the_card(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    approver = post_office.house.approvers[0]

    with post_office.courier():
        post_office.house.work()
        card = until(lambda: post_office.messages(approver))[0]
        post_office.house.wait(3601)
        post_office.house.sweep()
        reminder = until(lambda: post_office.messages(approver)[1:])[0]

    assert reminder["thread_ts"] == card["ts"]
    assert reminder["text"].startswith("Still waiting for you: Refund 740.00 USD for order 1234? Decide by ")
    assert buttons(reminder) == []


def test_a_card_that_was_decided_before_it_was_sent_is_not_sent(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    post_office.house.work()
    decision = post_office.rows(message="card")[0].decision
    answer(post_office, decision, post_office.house.approvers[0], Answer.REJECT, "twice")

    with post_office.courier():
        until(post_office.all_sent)

    assert {row.state for row in post_office.rows(message="card")} == {"superseded"}
    assert post_office.messages(post_office.house.approvers[0]) == []


def test_text_from_people_never_becomes_markup_or_a_mention(post_office: PostOffice) -> None:
    with post_office.courier():
        post_office.notice("<!channel> *Approved* by <@U0RUTH> & <http://evil.example|the bank>")
        shown = until(lambda: post_office.messages("anna"))[0]

    literal = "&lt;!channel&gt; ∗Approved∗ by &lt;@U0RUTH&gt; &amp; &lt;http://evil.example|the bank&gt;"
    assert shown["text"] == literal
    assert shown["blocks"][0]["text"]["text"] == literal


def test_who_was_found_by_their_address_is_known_from_then_on(post_office: PostOffice) -> None:
    with post_office.courier():
        post_office.notice("one", name="one")
        until(lambda: post_office.messages("anna"))
        post_office.notice("two", name="two")
        until(lambda: len(post_office.messages("anna")) == 2)

    known = post_office.house.rows("select team, slack_user from slack_identity where person = 'anna'")
    assert known == [("T0MORNING", "U0ANNA")]
    assert len(post_office.calls("users.lookupByEmail")) == 1
    assert len(post_office.calls("conversations.open")) == 1


def test_a_button_is_offered_when_there_is_something_to_do(post_office: PostOffice) -> None:
    button = {"label": "Open the form", "action": "request.open", "value": "{}"}
    details = {"sentence": "The form did not open in time.", "button": button}

    with post_office.courier():
        post_office.put(Letter(Message.NOTICE, "late", person="jonas", details=details))
        shown = until(lambda: post_office.messages("jonas"))[0]

    assert buttons(shown) == ["request.open"]


def test_an_edit_that_would_change_nothing_is_not_sent(post_office: PostOffice) -> None:
    with post_office.courier():
        post_office.notice("the same")
        until(lambda: post_office.rows(state="sent"))
        post_office.notice("the same")
        until(lambda: [row for row in post_office.rows(state="sent") if row.wanted == 2])

    assert len(post_office.messages("anna")) == 1
    assert post_office.calls("chat.update") == []


def test_couriers_work_without_redis(post_office: PostOffice) -> None:
    post_office.notice("still here")

    with post_office.courier(redis_url="redis://127.0.0.1:1/0"):
        shown = until(lambda: post_office.messages("anna"))

    assert len(shown) == 1


def test_a_wake_up_is_answered_long_before_the_sweep(post_office: PostOffice) -> None:
    with post_office.courier(sweep_s=100.0):
        post_office.notice("warm", name="warm")
        until(lambda: post_office.rows(state="sent"))
        post_office.notice("quick", name="quick", to="ruth")
        until(lambda: _rung(post_office) and post_office.messages("ruth"))

    assert len(post_office.messages("ruth")) == 1


def test_what_changes_a_moment_after_a_wake_up_is_told_at_once(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    lingers, go_on, sleep = Event(), Event(), anyio.sleep

    async def lingering(seconds: float) -> None:
        if seconds != courier.LINGER_S:
            await sleep(seconds)
            return
        lingers.set()
        while not go_on.is_set():
            await sleep(0.01)

    monkeypatch.setattr(anyio, "sleep", lingering)
    with post_office.courier(sweep_s=100.0):
        until(lambda: _rung(post_office) and lingers.is_set())
        post_office.notice("begun")
        post_office.notice("done")
        go_on.set()
        until(lambda: _rung(post_office) and [row for row in post_office.rows(state="sent") if row.wanted == 2])

    assert ["done" in json.dumps(one) for one in post_office.messages("anna")] == [True]
    assert post_office.calls("chat.update") == []


def _rung(post_office: PostOffice) -> bool:
    """Ring again: a busy machine may lose a ring, since ringing holds nobody up."""
    post_office.house.deployment.wakeups.courier()
    return True


def test_two_couriers_send_each_message_once(post_office: PostOffice) -> None:
    people = [one.id for one in post_office.house.deployment.businesses["morning"].company.people]
    for number in range(28):
        post_office.notice(f"number {number}", to=people[number % len(people)], name=f"n{number}")

    with post_office.courier(), post_office.courier():
        until(post_office.all_sent)

    said = [message["text"] for one in people for message in post_office.messages(one)]
    assert sorted(said) == sorted(f"number {number}" for number in range(28))
    assert len(post_office.calls("chat.postMessage")) >= 28
