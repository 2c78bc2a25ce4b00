"""Slack fails in every way that it can: at most one copy of what asks a person, nothing lost, nothing silent."""

import time
from typing import Any

import pytest
from slack_sdk import WebClient

from contracts.vocabulary import Message
from storage import outbox
from storage.audit import trail_of
from storage.outbox import Letter
from tests.integration.notifications.post_office import CHANNEL, DOUBT_S, TOKEN, PostOffice, until, words

POST, EDIT = "chat.postMessage", "chat.update"

BREAKS_OFF: dict[str, dict[str, Any]] = {
    "reset after accept": {"kind": "reset_after_accept"},
    "reset, not accepted": {"kind": "reset_after_accept", "accepted": False},
    "silence after accept": {"kind": "timeout", "seconds": 0.3},
    "500 after accept": {"kind": "status", "status": 500, "accepted": True},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "a page after accept": {"kind": "html", "accepted": True},
    "a page": {"kind": "html"},
    "internal_error after accept": {"kind": "error", "error": "internal_error", "accepted": True},
}


@pytest.mark.parametrize("name", ["reset after accept", "502"])
def test_a_reply_to_a_card_that_breaks_off_arrives_exactly_once(post_office: PostOffice, name: str) -> None:
    post_office.house.asked(order="1234", amount=74000)
    post_office.house.work()
    approvers = post_office.house.approvers
    with post_office.courier():
        until(post_office.all_sent)
        decision = post_office.rows(message="card")[0].decision
        post_office.fault(method=POST, **BREAKS_OFF[name])

        post_office.put(Letter(Message.REMINDER, "again", person=approvers[0], decision=decision, details={"n": 1}))
        until(lambda: not post_office.pending_faults())
        until(lambda: [row for row in post_office.rows(dedupe="again", state="sending") if row.error])
        assert len(post_office.messages(approvers[0])) <= 2
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: post_office.rows(dedupe="again", state="sent"))

    said = [message for message in post_office.messages(approvers[0]) if "Still waiting" in words(message)]
    assert len(said) == 1
    assert said[0]["ts"] == post_office.rows(dedupe="again")[0].ts


@pytest.mark.parametrize("fault", BREAKS_OFF.values(), ids=BREAKS_OFF.keys())
def test_a_direct_message_that_breaks_off_arrives_exactly_once(post_office: PostOffice, fault: dict[str, Any]) -> None:
    post_office.fault(method=POST, **fault)

    with post_office.courier():
        post_office.notice("once")
        until(lambda: [row for row in post_office.rows(state="sending") if row.error])
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: post_office.rows(state="sent"))

    assert [message["text"] for message in post_office.messages("anna")] == ["once"]


def test_cards_that_break_off_after_they_were_taken_arrive_exactly_once(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    with post_office.courier():
        until(post_office.all_sent)
        post_office.fault(method=POST, kind="reset_after_accept", times=3)
        post_office.house.work()
        until(lambda: not post_office.pending_faults())
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: len(post_office.rows(message="card", state="sent")) == 3)

    assert [len(post_office.messages(one)) for one in post_office.house.approvers] == [1, 1, 1]


def test_nothing_is_looked_up_before_its_time(post_office: PostOffice) -> None:
    post_office.fault(method=POST, kind="reset_after_accept")

    with post_office.courier():
        post_office.notice("once")
        until(lambda: not post_office.pending_faults())
        post_office.house.wait(DOUBT_S - 20)
        time.sleep(2.2)

    assert post_office.calls("conversations.history") == []
    assert len(post_office.calls(POST)) == 1


def test_a_look_up_that_fails_leaves_the_doubt(post_office: PostOffice) -> None:
    post_office.fault(method=POST, kind="reset_after_accept")
    post_office.fault(method="conversations.history", kind="status", status=502)

    with post_office.courier():
        post_office.notice("once")
        until(lambda: len(post_office.pending_faults()) == 1)
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: not post_office.pending_faults())
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: post_office.rows(state="sent"))

    assert len(post_office.calls(POST)) == 1
    assert len(post_office.messages("anna")) == 1


def test_a_doubtful_post_in_a_channel_is_told_directly_instead(post_office: PostOffice) -> None:
    post_office.fault(method=POST, kind="status", status=502)
    post_office.house.asked(order="1001", amount=4200)

    with post_office.courier():
        until(lambda: post_office.messages("anna"))
        post_office.house.work()
        until(lambda: len(post_office.messages("anna")) == 2 and post_office.all_sent())

    assert post_office.messages() == []
    live, result = post_office.messages("anna")
    assert "Done: 42.00 USD refunded for order 1001" in words(live)
    assert result["thread_ts"] == live["ts"]
    unknown = post_office.rows(state="unknown")
    assert [(row.message, row.channel) for row in unknown] == [("task", CHANNEL)]


def test_a_post_that_was_claimed_by_a_courier_that_died_is_sent_once(post_office: PostOffice) -> None:
    post_office.notice("survived")
    with post_office.house.deployment.database.transaction("morning") as unit:
        claimed = outbox.take(unit, limit=5)
    post_office.house.wait(DOUBT_S + 1)

    with post_office.courier():
        until(lambda: post_office.rows(state="sent"))

    assert len(claimed) == 1
    assert len(post_office.messages("anna")) == 1
    assert len(post_office.calls("conversations.history")) == 1


def test_a_post_whose_courier_died_before_recording_it_is_found(post_office: PostOffice) -> None:
    with post_office.courier():
        post_office.notice("there already")
        until(lambda: post_office.rows(state="sent"))
    stood = post_office.rows()[0].ts
    post_office.house.rows("update outbox set state = 'sending', ts = null, sending_at = created_at returning id")
    post_office.house.wait(DOUBT_S + 1)

    with post_office.courier():
        until(lambda: post_office.rows(state="sent"))

    assert len(post_office.messages("anna")) == 1
    assert post_office.rows()[0].ts == stood


def test_an_edit_that_breaks_off_is_tried_again(post_office: PostOffice) -> None:
    post_office.house.asked(order="1001", amount=4200)

    with post_office.courier():
        until(post_office.messages)
        until(post_office.all_sent)
        post_office.fault(method=EDIT, kind="reset_after_accept", accepted=False, times=2)
        post_office.house.work()
        until(lambda: "Done:" in words(post_office.messages()[0]))

    assert len([message for message in post_office.messages() if not message.get("thread_ts")]) == 1


def test_a_rate_limit_is_waited_for_and_the_order_kept(post_office: PostOffice) -> None:
    post_office.fault(method=POST, kind="ratelimited", retry_after="5")

    with post_office.courier():
        post_office.notice("first", name="first")
        until(lambda: not post_office.pending_faults())
        post_office.notice("second", name="second")
        post_office.notice("elsewhere", name="elsewhere", to="ruth")
        until(post_office.all_sent)

    limited, *later = post_office.calls(POST)
    to_anna = [call for call in later if call["args"]["channel"] == limited["args"]["channel"]]
    (to_ruth,) = [call for call in later if call not in to_anna]
    assert to_ruth["at"] < to_anna[0]["at"]
    assert [call["args"]["text"] for call in to_anna] == ["first", "second"]
    assert to_anna[0]["at"] - limited["at"] >= 5
    assert to_anna[1]["at"] - to_anna[0]["at"] >= 1


def test_cards_are_not_held_up_by_progress(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    post_office.fault(method=POST, kind="ratelimited", retry_after="30")

    with post_office.courier():
        until(lambda: not post_office.pending_faults())
        post_office.house.work()
        until(lambda: all(post_office.messages(one) for one in post_office.house.approvers), within_s=60)

    assert post_office.messages() == []


def test_a_burst_into_one_channel_keeps_slacks_pace(post_office: PostOffice) -> None:
    assert post_office.http.post(f"{post_office.slack}/sandbox/faults", json={"on": "pace"}).status_code == 200
    for number in range(4):
        post_office.notice(f"number {number}", name=f"n{number}")

    with post_office.courier():
        until(post_office.all_sent)

    assert [message["text"] for message in post_office.messages("anna")] == [f"number {n}" for n in range(4)]
    assert [call["fault"] for call in post_office.calls(POST)] == [None] * 4


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"])
def test_a_channel_that_cant_be_used_is_replaced_by_the_requester(post_office: PostOffice, error: str) -> None:
    post_office.fault(method=POST, kind="error", error=error)
    post_office.house.asked(order="1001", amount=4200)

    with post_office.courier():
        until(lambda: post_office.messages("anna"))
        post_office.house.work()
        until(lambda: len(post_office.messages("anna")) == 2)

    assert post_office.messages() == []
    assert post_office.rows(state="unknown") == []


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
def test_words_that_slack_finds_too_rich_are_sent_plain(post_office: PostOffice, error: str) -> None:
    post_office.fault(method=POST, kind="error", error=error)

    with post_office.courier():
        post_office.notice("in plain words")
        shown = until(lambda: post_office.messages("anna"))[0]

    assert shown["text"] == "in plain words"
    assert not shown.get("blocks")


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth", "missing_scope"])
def test_an_app_that_slack_refuses_waits_and_the_operator_is_told(post_office: PostOffice, error: str) -> None:
    post_office.fault(method=POST, kind="error", error=error)

    with post_office.courier():
        post_office.notice("not lost")
        told = until(lambda: post_office.messages("jonas"))
        waiting = post_office.rows(dedupe="notice")[0]
        post_office.house.wait(60)
        until(lambda: post_office.messages("anna"))

    assert (waiting.state, waiting.error) == ("pending", error)
    assert error in told[0]["text"]
    assert len(told) == 1


@pytest.mark.parametrize(("method", "error"), [("users.lookupByEmail", "users_not_found"), (POST, "user_disabled")])
def test_somebody_who_cant_be_reached_is_on_record(post_office: PostOffice, method: str, error: str) -> None:
    post_office.fault(method=method, kind="error", error=error)

    with post_office.courier():
        post_office.notice("nobody there")
        row = until(lambda: post_office.rows(state="failed"))[0]

    assert row.error == error
    with post_office.house.deployment.database.transaction("morning") as unit:
        said = trail_of(unit, "person:anna")[-1]
    assert said["event"] == "message_undeliverable"
    assert said["content"]["why"] == error


def test_a_direct_message_that_was_deleted_is_posted_anew(post_office: PostOffice) -> None:
    with post_office.courier():
        post_office.notice("first words")
        until(lambda: post_office.rows(state="sent"))
        post_office.fault(method=EDIT, kind="error", error="message_not_found")
        post_office.notice("other words")
        until(lambda: len(post_office.messages("anna")) == 2)
        until(post_office.all_sent)

    newest = post_office.messages("anna")[-1]
    assert newest["text"] == "other words"
    assert post_office.rows()[0].ts == newest["ts"]


def test_a_reply_whose_card_was_deleted_is_found_where_slack_put_it(post_office: PostOffice) -> None:
    post_office.house.asked(order="1234", amount=74000)
    post_office.house.work()
    approver = post_office.house.approvers[0]
    with post_office.courier():
        until(post_office.all_sent)
        card = next(row for row in post_office.rows(message="card") if row.person == approver)
        WebClient(TOKEN, f"{post_office.slack}/api/").chat_delete(channel=card.channel, ts=card.ts)
        post_office.fault(method=POST, **BREAKS_OFF["reset after accept"])

        post_office.put(Letter(Message.REMINDER, "again", person=approver, decision=card.decision, details={"n": 1}))
        until(lambda: [row for row in post_office.rows(dedupe="again", state="sending") if row.error])
        post_office.house.wait(DOUBT_S + 1)
        until(lambda: post_office.rows(dedupe="again", state="sent"))

    (said,) = [message for message in post_office.messages(approver) if "Still waiting" in words(message)]
    assert said["ts"] == post_office.rows(dedupe="again")[0].ts


def test_nothing_is_sent_to_somebody_who_is_not_active_any_more(post_office: PostOffice) -> None:
    post_office.house.rows("update person set active = false where id = 'anna' returning id")

    with post_office.courier():
        post_office.notice("too late")
        row = until(lambda: post_office.rows(state="failed"))[0]

    assert row.error == "nobody active to tell"
    assert post_office.calls(POST) == []


def test_a_slack_that_is_away_is_tried_again_and_nothing_is_looked_up(post_office: PostOffice) -> None:
    post_office.notice("patience")
    away = PostOffice(post_office.house, "http://127.0.0.1:1", post_office.http, post_office.redis_url)

    with away.courier():
        until(lambda: [row for row in post_office.rows(state="pending") if row.error])
    post_office.house.wait(60)
    with post_office.courier():
        until(lambda: post_office.messages("anna"))

    assert len(post_office.messages("anna")) == 1
    assert post_office.calls("conversations.history") == []


def test_a_token_sealed_with_another_secret_is_no_silence(post_office: PostOffice) -> None:
    post_office.house.rows("update slack_installation set sealed_token = 'x'::bytea returning team")

    with post_office.courier():
        post_office.notice("wait for it")
        until(lambda: [row for row in post_office.rows(dedupe="notice") if row.error == "token_unreadable"])
        post_office.install()
        post_office.house.wait(120)
        until(lambda: post_office.messages("anna"))

    assert len(post_office.messages("anna")) == 1
