"""The Web API answers as Slack's does, to the real client."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.unit.sandbox.playing import ANNA, FINANCE, SUPPORT, TOKEN, Playing, button, modal, section, text_input


def test_a_post_is_read_back_with_its_metadata_only_when_asked_for(slack: Playing) -> None:
    metadata = {"event_type": "card", "event_payload": {"decision": "d-1"}}
    posted = slack.client.chat_postMessage(channel=SUPPORT, text="Paid", blocks=[section()], metadata=metadata)

    bare = slack.client.conversations_history(channel=SUPPORT)["messages"][0]
    whole = slack.client.conversations_history(channel=SUPPORT, include_all_metadata=True)["messages"][0]

    assert bare["ts"] == posted["ts"]
    assert "metadata" not in bare
    assert whole["metadata"] == metadata
    assert whole["bot_id"] == "B0CHARGE"


def test_history_is_newest_first_and_leaves_replies_to_the_thread(slack: Playing) -> None:
    first = slack.client.chat_postMessage(channel=SUPPORT, text="one")["ts"]
    slack.client.chat_postMessage(channel=SUPPORT, text="below one", thread_ts=first)
    second = slack.client.chat_postMessage(channel=SUPPORT, text="two")["ts"]

    history = slack.client.conversations_history(channel=SUPPORT)["messages"]
    thread = slack.client.conversations_replies(channel=SUPPORT, ts=first)["messages"]

    assert [message["text"] for message in history] == ["two", "one"]
    assert [message["text"] for message in thread] == ["one", "below one"]
    assert second > first


def test_history_keeps_to_its_bounds_and_pages(slack: Playing) -> None:
    stamps = [slack.client.chat_postMessage(channel=SUPPORT, text=str(number))["ts"] for number in range(4)]

    between = slack.client.conversations_history(channel=SUPPORT, oldest=stamps[0], latest=stamps[2])["messages"]
    with_bounds = slack.client.conversations_history(
        channel=SUPPORT, oldest=stamps[0], latest=stamps[2], inclusive=True
    )["messages"]
    page = slack.client.conversations_history(channel=SUPPORT, limit=3)
    rest = slack.client.conversations_history(channel=SUPPORT, limit=3, cursor=page["response_metadata"]["next_cursor"])

    assert [message["text"] for message in between] == ["1"]
    assert [message["text"] for message in with_bounds] == ["2", "1", "0"]
    assert page["has_more"] is True
    assert [message["text"] for message in rest["messages"]] == ["0"]


def test_an_update_marks_the_message_and_words_alone_take_its_blocks_away(slack: Playing) -> None:
    posted = slack.client.chat_postMessage(channel=SUPPORT, text="Asked", blocks=[button("approve")])

    slack.client.chat_update(channel=SUPPORT, ts=posted["ts"], text="Approved")

    approved = slack.see("messages", channel=SUPPORT, user=ANNA)[0]
    assert (approved["text"], approved.get("blocks", [])) == ("Approved", [])
    assert approved["edited"]["user"] == "U0CHARGE"


def test_a_reply_to_a_message_that_is_gone_stands_in_the_channel(slack: Playing) -> None:
    gone = slack.client.chat_postMessage(channel=SUPPORT, text="Soon gone")["ts"]
    slack.client.chat_delete(channel=SUPPORT, ts=gone)

    reply = slack.client.chat_postMessage(channel=SUPPORT, text="Late", thread_ts=gone)

    assert "thread_ts" not in reply["message"]
    assert slack.client.conversations_history(channel=SUPPORT)["messages"][0]["ts"] == reply["ts"]


def test_opening_a_direct_message_twice_gives_the_same_one(slack: Playing) -> None:
    first = slack.client.conversations_open(users=ANNA)
    again = slack.client.conversations_open(users=[ANNA])

    assert first["channel"]["id"].startswith("D")
    assert again["channel"]["id"] == first["channel"]["id"]
    assert again["already_open"] is True


def test_people_are_found_by_id_and_address(slack: Playing) -> None:
    by_id = slack.client.users_info(user=ANNA)["user"]
    by_address = slack.client.users_lookupByEmail(email="Anna@morning.example")["user"]

    assert by_id == by_address
    assert by_id["profile"]["email"] == "anna@morning.example"
    assert slack.client.auth_test()["user_id"] == "U0CHARGE"


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": FINANCE, "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "U0GONE", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"channel": SUPPORT}, "no_text"),
    ("chat.postMessage", {"channel": SUPPORT, "text": "x" * 40_001}, "msg_too_long"),
    ("chat.postMessage", {"channel": SUPPORT, "blocks": "nonsense"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": SUPPORT, "blocks": [section("x" * 2500)] * 5}, "msg_blocks_too_long"),
    ("chat.postMessage", {"channel": SUPPORT, "text": "x", "metadata": "nonsense"}, "invalid_metadata_format"),
    ("chat.postMessage", {"channel": SUPPORT, "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
    (
        "chat.postMessage",
        {"channel": SUPPORT, "text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 9000}}},
        "metadata_too_large",
    ),
    ("chat.postEphemeral", {"channel": SUPPORT, "text": "x", "user": "U0GONE"}, "user_not_in_channel"),
    ("chat.update", {"channel": SUPPORT, "ts": "1.000001", "text": "x"}, "message_not_found"),
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.open", {"users": "U0NONE"}, "user_not_found"),
    ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
    ("conversations.history", {"channel": SUPPORT, "limit": 1000}, "invalid_limit"),
    ("conversations.history", {"channel": SUPPORT, "oldest": "yesterday"}, "invalid_ts_oldest"),
    ("users.info", {"user": "U0NONE"}, "user_not_found"),
    ("users.lookupByEmail", {"email": "gone@morning.example"}, "users_not_found"),
    ("views.open", {"trigger_id": "1.2.3", "view": modal(text_input("order"))}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "1.2.3", "view": "nonsense"}, "invalid_arguments"),
    ("views.open", {"trigger_id": "1.2.3", "view": modal(private_metadata="x" * 260_000)}, "view_too_large"),
    ("views.update", {"view_id": "V0NONE", "view": modal(section())}, "not_found"),
    ("chat.sendNothing", {}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "args", "error"), REFUSED, ids=[f"{m}-{e}" for m, _, e in REFUSED])
def test_a_call_is_refused_in_slacks_words(slack: Playing, method: str, args: dict[str, Any], error: str) -> None:
    assert slack.error_of(method, **args) == error


def test_a_person_s_message_can_not_be_edited_by_the_app(slack: Playing) -> None:
    said = slack.act("message", user=ANNA, channel=SUPPORT, text="mine")

    assert slack.error_of("chat.update", channel=SUPPORT, ts=said["ts"], text="not mine") == "cant_update_message"
    assert slack.see("messages", channel=SUPPORT, user=ANNA)[0]["text"] == "mine"


def test_without_a_known_token_nothing_is_answered(slack: Playing) -> None:
    nobody = slack.http.post("/api/auth.test").json()
    stranger = slack.http.post("/api/auth.test", headers={"Authorization": "Bearer xoxb-other"}).json()
    in_the_body = slack.http.post("/api/auth.test", data={"token": TOKEN}).json()

    assert (nobody["error"], stranger["error"]) == ("not_authed", "invalid_auth")
    assert in_the_body["ok"] is True


def test_a_rate_limited_call_says_when_to_come_back_and_posts_nothing(slack: Playing) -> None:
    slack.fault(method="chat.postMessage", kind="ratelimited", retry_after="30", on="call")

    with pytest.raises(SlackApiError) as refused:
        slack.client.chat_postMessage(channel=SUPPORT, text="now")

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "30"
    assert slack.see("messages", channel=SUPPORT) == []
    assert slack.client.chat_postMessage(channel=SUPPORT, text="later")["ok"] is True


def test_a_reset_after_acceptance_leaves_the_message_there(slack: Playing) -> None:
    slack.fault(method="chat.postMessage", kind="reset_after_accept", on="call")

    with pytest.raises(OSError, match="reset"):
        slack.client.chat_postMessage(channel=SUPPORT, text="once")

    assert [message["text"] for message in slack.see("messages", channel=SUPPORT)] == ["once"]
    assert slack.see("calls")[-1]["fault"] == "reset_after_accept"


def test_broken_answers_are_played_and_then_over(slack: Playing) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for fault in ({"kind": "status", "status": 502}, {"kind": "html"}, {"kind": "error", "error": "token_revoked"}):
        slack.fault(on="call", method="*", **fault)

    answers = [slack.http.post("/api/auth.test", headers=headers) for _ in range(4)]

    assert answers[0].status_code == 502
    assert "text/html" in answers[1].headers["content-type"]
    assert answers[2].json()["error"] == "token_revoked"
    assert answers[3].json()["ok"] is True


def test_posts_that_follow_too_fast_are_limited_when_told_to(slack: Playing) -> None:
    slack.fault(on="pace", seconds_between_posts=60.0)
    slack.client.chat_postMessage(channel=SUPPORT, text="one")

    with pytest.raises(SlackApiError, match="ratelimited"):
        slack.client.chat_postMessage(channel=SUPPORT, text="two")

    slack.clock.move(61)
    assert slack.client.chat_postMessage(channel=SUPPORT, text="three")["ok"] is True
