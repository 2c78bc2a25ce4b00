"""People act, and a real slack-bolt app answers: signatures, forms, buttons, response URLs, deliveries."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from sandbox.deliveries import Pace
from tests.unit.sandbox.playing import (
    ANNA,
    BEN,
    FINANCE,
    PATIENT,
    SECRET,
    SUPPORT,
    Playing,
    button,
    modal,
    plain,
    playing,
    section,
    text_input,
)

Body = dict[str, Any]


def opens(slack: Playing, view: Body) -> None:
    """The app opens this view when it is asked for work."""

    def open_it(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    slack.bolt.command("/chargehand")(open_it)


def ask(slack: Playing, user: str = ANNA) -> Body:
    return slack.act("command", user=user, channel=SUPPORT, command="/chargehand", text="refund")


def payload_of(delivery: dict[str, str]) -> Body:
    return dict(json.loads(parse_qs(delivery["body"])["payload"][0]))


def test_what_is_sent_is_signed_as_slacks_own_verifier_demands(slack: Playing) -> None:
    ask(slack)

    (delivery,) = slack.received
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(delivery["body"], delivery)
    assert not verifier.is_valid_request(delivery["body"] + "&text=more", delivery)
    assert parse_qs(delivery["body"])["command"] == ["/chargehand"]


def test_a_form_with_a_mistake_stays_open_with_its_hash_and_is_then_accepted(slack: Playing) -> None:
    opens(slack, modal(text_input("order"), private_metadata="lane=refunds"))

    def check(ack: Ack, view: Body) -> None:
        order = view["state"]["values"]["order"]["value"]["value"]
        ack() if order == "1234" else ack(response_action="errors", errors={"order": "No such order."})

    slack.bolt.view("refund")(check)
    opened = ask(slack)["view"]
    refused = slack.act("submit", user=ANNA, view_id=opened["id"], values={"order": {"value": "99"}})
    accepted = slack.act("submit", user=ANNA, view_id=opened["id"], values={"order": {"value": "1234"}})

    assert refused["errors"] == {"order": "No such order."}
    assert refused["view"]["hash"] == opened["hash"]
    assert payload_of(slack.received[-1])["view"]["hash"] == opened["hash"]
    assert payload_of(slack.received[-1])["view"]["private_metadata"] == "lane=refunds"
    assert accepted["view"] is None


def test_a_required_field_left_empty_is_said_before_anything_is_sent(slack: Playing) -> None:
    opens(slack, modal(text_input("order")))
    opened = ask(slack)["view"]

    outcome = slack.act("submit", user=ANNA, view_id=opened["id"], values={})

    assert outcome["errors"] == {"order": "Please complete this required field."}
    assert outcome["status"] is None
    assert len(slack.received) == 1


def test_an_error_for_a_field_that_is_not_there_is_trouble(slack: Playing) -> None:
    opens(slack, modal(text_input("order")))
    slack.bolt.view("refund")(lambda ack: ack(response_action="errors", errors={"amount": "Too much."}))
    opened = ask(slack)["view"]

    outcome = slack.act("submit", user=ANNA, view_id=opened["id"], values={"order": {"value": "1"}})

    assert outcome["notice"] == "We had some trouble connecting. Try again?"
    assert outcome["view"]["id"] == opened["id"]
    assert outcome["errors"] == {}


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": modal(section(), title=plain("Thank you"))}, ["Thank you"]),
        ({"response_action": "push", "view": modal(section(), title=plain("More"))}, ["Refund an order", "More"]),
    ],
)
def test_the_answer_to_a_form_is_carried_out(slack: Playing, answer: Body, titles: list[str]) -> None:
    opens(slack, modal(section()))
    slack.bolt.view("refund")(lambda ack: ack(**answer))
    opened = ask(slack)["view"]

    slack.act("submit", user=ANNA, view_id=opened["id"])

    assert [view["title"]["text"] for view in slack.see("views", user=ANNA)["modals"]] == titles


def test_a_trigger_opens_one_view_within_three_seconds(slack: Playing) -> None:
    triggers: list[str] = []

    def keep(ack: Ack, body: Body) -> None:
        ack()
        triggers.append(body["trigger_id"])

    slack.bolt.command("/chargehand")(keep)
    ask(slack)
    ask(slack)

    slack.client.views_open(trigger_id=triggers[0], view=modal(section()))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        slack.client.views_open(trigger_id=triggers[0], view=modal(section()))
    slack.clock.move(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        slack.client.views_open(trigger_id=triggers[1], view=modal(section()))


def test_a_view_changed_meanwhile_is_not_updated_with_an_old_hash(slack: Playing) -> None:
    opens(slack, modal(text_input("order")))
    old = ask(slack)["view"]

    new = slack.client.views_update(view_id=old["id"], hash=old["hash"], view=modal(text_input("order")))["view"]

    assert new["hash"] != old["hash"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        slack.client.views_update(view_id=old["id"], hash=old["hash"], view=modal(section()))


def test_a_press_carries_the_message_and_its_response_url_works_five_times(slack: Playing) -> None:
    pressed: list[Body] = []

    def keep(ack: Ack, body: Body) -> None:
        ack()
        pressed.append(body)

    slack.bolt.action("approve")(keep)
    ts = slack.client.chat_postMessage(channel=SUPPORT, text="Approve?", blocks=[button("approve")])["ts"]
    slack.act("click", user=BEN, channel=SUPPORT, ts=ts, action_id="approve")
    url = pressed[0]["response_url"]

    answers = [slack.http.post(url, json={"text": f"answer {number}"}) for number in range(6)]

    assert pressed[0]["actions"][0]["value"] == "7"
    assert pressed[0]["message"]["ts"] == ts
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[5].json()["error"] == "used_url"
    assert len(slack.see("messages", channel=SUPPORT, user=BEN)) == 6
    assert len(slack.see("messages", channel=SUPPORT, user=ANNA)) == 1


def test_a_response_url_is_dead_after_half_an_hour(slack: Playing) -> None:
    urls: list[str] = []

    def keep(ack: Ack, body: Body) -> None:
        ack()
        urls.append(body["response_url"])

    slack.bolt.command("/chargehand")(keep)
    ask(slack)

    slack.clock.move(1801)
    answer = slack.http.post(urls[0], json={"text": "late"})

    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


def test_an_answer_can_replace_or_delete_the_original(slack: Playing) -> None:
    def replace(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="Approved", replace_original=True)

    def remove(ack: Ack, respond: Respond) -> None:
        ack()
        respond(delete_original=True)

    slack.bolt.action("approve")(replace)
    slack.bolt.action("reject")(remove)
    first = slack.client.chat_postMessage(channel=SUPPORT, text="1", blocks=[button("approve")])["ts"]
    second = slack.client.chat_postMessage(channel=SUPPORT, text="2", blocks=[button("reject")])["ts"]

    slack.act("click", user=BEN, channel=SUPPORT, ts=first, action_id="approve")
    slack.act("click", user=BEN, channel=SUPPORT, ts=second, action_id="reject")

    (left,) = slack.see("messages", channel=SUPPORT)
    assert (left["ts"], left["text"], left.get("blocks")) == (first, "Approved", None)


def test_ten_presses_at_once_are_ten_deliveries_of_their_own(slack: Playing) -> None:
    slack.bolt.action("approve")(lambda ack: ack())
    ts = slack.client.chat_postMessage(channel=SUPPORT, text="?", blocks=[button("approve")])["ts"]

    outcome = slack.act("click", user=BEN, channel=SUPPORT, ts=ts, action_id="approve", times=10, concurrently=True)

    stamps = {payload_of(delivery)["actions"][0]["action_ts"] for delivery in slack.received}
    assert [answer["status"] for answer in outcome["answers"]] == [200] * 10
    assert len(stamps) == 10


def test_who_is_not_in_the_channel_presses_only_by_forgery(slack: Playing) -> None:
    seen: list[Body] = []

    def keep(ack: Ack, body: Body) -> None:
        ack()
        seen.append(body)

    slack.bolt.action("approve")(keep)
    direct = slack.client.conversations_open(users=BEN)["channel"]["id"]
    ts = slack.client.chat_postMessage(channel=direct, text="?", blocks=[button("approve")])["ts"]
    press = {"user": ANNA, "channel": direct, "ts": ts, "action_id": "approve"}

    honest = slack.act("click", **press)
    forged = slack.act("click", **press, forged=True, value="99")

    assert honest["error"] == "not_in_channel"
    assert forged["status"] == 200
    assert (seen[0]["user"]["id"], seen[0]["actions"][0]["value"]) == (ANNA, "99")


def test_a_redelivery_is_the_same_body_freshly_signed(slack: Playing) -> None:
    slack.bolt.action("approve")(lambda ack: ack())
    ts = slack.client.chat_postMessage(channel=SUPPORT, text="?", blocks=[button("approve")])["ts"]
    slack.fault(on="delivery", kind="redeliver", copies=3, concurrently=True)

    slack.act("click", user=BEN, channel=SUPPORT, ts=ts, action_id="approve")
    slack.act("click", user=BEN, channel=SUPPORT, ts=ts, action_id="approve")

    first_four = slack.received[:4]
    assert len(slack.received) == 5
    assert len({delivery["body"] for delivery in first_four}) == 1
    assert sorted(delivery.get("x-slack-retry-num", "0") for delivery in first_four) == ["0", "1", "2", "3"]
    assert all(SignatureVerifier(SECRET).is_valid_request(one["body"], one) for one in first_four)


def test_an_app_that_answers_too_late_is_told_of_to_the_person() -> None:
    def answer_late(ack: Ack) -> None:
        time.sleep(0.3)
        ack()

    with playing(pace=Pace(answer_within_s=0.1)) as slack:
        slack.bolt.command("/chargehand")(answer_late)

        outcome = ask(slack)

        assert outcome["error"] == "operation_timeout"
        (told,) = slack.see("messages", channel=SUPPORT, user=ANNA)
        assert "operation_timeout" in told["text"]
        assert told["visible_to"] == ANNA
        assert slack.see("messages", channel=SUPPORT, user=BEN) == []


def test_an_event_that_fails_comes_again_with_retry_headers() -> None:
    with playing(pace=replace(PATIENT, event_retries_s=(0.0, 0.05)), events=("message.im",)) as slack:
        slack.bolt.event("message")(lambda: 1 / 0)

        slack.act("message", user=ANNA, channel="U0CHARGE", text="hello")
        deadline = time.monotonic() + 60
        while len(slack.received) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)

        retries = [(one.get("x-slack-retry-num"), one.get("x-slack-retry-reason")) for one in slack.received]
        assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
        assert len({json.loads(one["body"])["event_id"] for one in slack.received}) == 1


def test_a_mention_is_an_event_of_its_own_beside_the_message(slack_with_events: Playing) -> None:
    slack = slack_with_events
    slack.bolt.event("message")(lambda: None)
    slack.bolt.event("app_mention")(lambda: None)

    slack.act("mention", user=ANNA, channel=SUPPORT, text="pay <script> & @ben")

    events = [json.loads(delivery["body"])["event"] for delivery in slack.received]
    assert [event["type"] for event in events] == ["message", "app_mention"]
    assert events[0]["text"] == "<@U0CHARGE> pay &lt;script&gt; &amp; <@U0BEN>"
    assert events[0]["channel_type"] == "channel"


def test_options_are_asked_of_the_app_and_kept_for_the_form(slack: Playing) -> None:
    found = {"text": plain("Carla Jung"), "value": "c-1"}
    customer = {"type": "external_select", "action_id": "customer", "min_query_length": 1}
    opens(slack, modal({"type": "input", "block_id": "who", "label": plain("Who"), "element": customer}))
    slack.bolt.options("customer")(lambda ack: ack(options=[found]))
    slack.bolt.view("refund")(lambda ack: ack())
    opened = ask(slack)["view"]

    offered = slack.act("options", user=ANNA, view_id=opened["id"], action_id="customer", text="car")["options"]
    slack.act("submit", user=ANNA, view_id=opened["id"], values={"who": {"customer": "c-1"}})

    assert offered == [found]
    submitted = payload_of(slack.received[-1])["view"]["state"]["values"]["who"]["customer"]
    assert submitted == {"type": "external_select", "selected_option": found}


def test_a_closed_form_is_told_only_when_the_app_wants_to_know(slack: Playing) -> None:
    opens(slack, modal(section(), notify_on_close=True))
    slack.bolt.view_closed("refund")(lambda ack: ack())
    opened = ask(slack)["view"]

    slack.act("close-view", user=ANNA, view_id=opened["id"])

    assert payload_of(slack.received[-1])["type"] == "view_closed"
    assert slack.see("views", user=ANNA)["modals"] == []


def test_a_home_tab_is_shown_to_the_one_person_who_opened_it(slack_with_events: Playing) -> None:
    slack = slack_with_events
    home = {"type": "home", "blocks": [section("Nothing waits for you.")]}
    slack.bolt.event("app_home_opened")(lambda event, client: client.views_publish(user_id=event["user"], view=home))

    slack.act("home", user=ANNA)

    assert slack.see("views", user=ANNA)["home"]["blocks"][0]["text"]["text"] == "Nothing waits for you."
    assert slack.see("views", user=BEN)["home"] is None


def test_yesterdays_messages_are_there_after_a_restart_and_can_be_edited(tmp_path: Path) -> None:
    state = tmp_path / "slack.sqlite"
    with playing(state=state) as slack:
        direct = slack.client.conversations_open(users=ANNA)["channel"]["id"]
        ts = slack.client.chat_postMessage(channel=direct, text="Approve?", blocks=[button("approve")])["ts"]

    with playing(state=state) as slack:
        slack.client.chat_update(channel=direct, ts=ts, text="Approved", blocks=[])

        (message,) = slack.client.conversations_history(channel=direct)["messages"]
        assert (message["ts"], message["text"]) == (ts, "Approved")


def test_unread_counts_are_each_persons_own(slack: Playing) -> None:
    slack.act("message", user=ANNA, channel=SUPPORT, text="hello")

    def unread(user: str) -> dict[str, int]:
        return {place["id"]: place["unread"] for place in slack.see("channels", user=user)}

    assert unread(BEN)[SUPPORT] == 1
    assert unread(ANNA)[SUPPORT] == 0
    assert FINANCE not in unread(ANNA)


def test_a_page_of_somebody_else_can_not_act(slack: Playing) -> None:
    body = {"user": ANNA, "channel": SUPPORT, "text": "not me"}

    answer = slack.http.post(
        "/sandbox/api/T0MORNING/message", json=body, headers={"Origin": "https://elsewhere.example"}
    )

    assert answer.json()["error"] == "foreign_page"
    assert slack.see("messages", channel=SUPPORT) == []


def test_an_immediate_answer_for_all_is_a_message_of_the_app(slack_with_events: Playing) -> None:
    slack = slack_with_events
    slack.bolt.command("/chargehand")(lambda ack: ack(text="Everybody sees it", response_type="in_channel"))
    slack.bolt.event("message")(lambda: None)

    ask(slack)

    (said,) = slack.see("messages", channel=SUPPORT, user=BEN)
    deadline = time.monotonic() + 60
    while len(slack.received) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said["text"] == "Everybody sees it"
    assert json.loads(slack.received[1]["body"])["event"]["bot_id"] == "B0CHARGE"
