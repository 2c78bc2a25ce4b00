"""What Slack sends is kept once, answered at once, and never answered with a server error."""

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from tests.integration.gateway.events import EVENT_TYPES
from tests.integration.gateway.world import CHANNEL, FORM, TEAM, World, eventually, signed


def _interaction(payload: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return body, signed(body, FORM)


def _press(action_ts: str, **changed: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U0PRIYA", "team_id": TEAM},
        "channel": {"id": "D0PRIYA"},
        "container": {"type": "message", "channel_id": "D0PRIYA", "message_ts": "1.1"},
        "actions": [{"action_id": "nobody.listens", "action_ts": action_ts, "value": "{}", "type": "button"}],
        "trigger_id": f"t.{action_ts}",
        **changed,
    }


def _view(**given: Any) -> dict[str, Any]:
    return {"id": "V1", "type": "modal", "callback_id": "request.form", **given}


def _all_handled(world: World) -> Callable[[], bool]:
    return lambda: all(row.handled_at for row in world.rows())


def test_deliveries_sent_five_times_each_in_any_order_are_one_row_each(world: World) -> None:
    deliveries = [_interaction(_press(f"{number}.0")) for number in range(6)] * 5
    random.shuffle(deliveries)

    answers = [world.post(body, headers) for body, headers in deliveries]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "")}
    assert len(world.rows()) == 6
    assert eventually(_all_handled(world))


def test_twenty_copies_at_once_are_one_row_and_one_dispatch(world: World) -> None:
    body, headers = _interaction(_press("7.0", actions=[{"action_id": "request.open", "action_ts": "7.0"}]))
    together = threading.Barrier(20)

    def send(_: int) -> httpx2.Response:
        together.wait()
        return world.post(body, headers)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))

    assert [answer.status_code for answer in answers] == [200] * 20
    assert len(world.rows()) == 1
    assert eventually(_all_handled(world))
    assert len(world.look("calls", method="users.info")) == 1


def test_a_copy_of_a_submitted_form_hears_what_the_first_one_heard(world: World) -> None:
    values = {
        name: {"value": {"value": text}} for name, text in (("order", "1234"), ("amount", "42"), ("reason", "lost it"))
    }
    view = _view(private_metadata='{"lane":"refunds"}', state={"values": values})
    body, headers = _interaction(
        {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U0ANNA"}, "view": view}
    )

    answers = [world.post(body, headers) for _ in range(3)]

    assert [answer.json() for answer in answers] == [{"response_action": "clear"}] * 3
    assert eventually(lambda: world.count("task")) == 1


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_event_is_taken(shared_world: World, kind: str) -> None:
    answer = shared_world.event(f"Ev-{kind}", {"type": kind, "user": "U0ANNA", "channel": CHANNEL})

    assert (answer.status_code, answer.content) == (200, b"")


FORGED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "unsigned": lambda body: {"Content-Type": FORM},
    "another secret": lambda body: signed(body, FORM, secret="f" * 32),
    "an old one again": lambda body: signed(body, FORM, at=1_700_000_000),
    "one from the future": lambda body: signed(body, FORM, at=4_000_000_000),
    "another body": lambda body: signed(body + b"&x=1", FORM),
    "truncated": lambda body: (found := signed(body, FORM)) | {"X-Slack-Signature": found["X-Slack-Signature"][:-2]},
    "no number": lambda body: signed(body, FORM) | {"X-Slack-Request-Timestamp": "soon"},
    "a huge number": lambda body: signed(body, FORM) | {"X-Slack-Request-Timestamp": "9" * 6000},
    "no version": lambda body: signed(body, FORM) | {"X-Slack-Signature": "deadbeef"},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_slack_did_not_sign_is_refused_counted_and_not_kept(
    world: World, forge: Callable[[bytes], dict[str, str]]
) -> None:
    body = urlencode({"command": "/chargehand", "trigger_id": "1.1", "team_id": TEAM}).encode()

    answer = world.post(body, forge(body))

    counted = [line for line in _metrics(world) if line.startswith("chargehand_slack_refused_total{")]
    assert answer.status_code == 401
    assert sum(float(line.rpartition(" ")[2]) for line in counted) == 1
    assert world.rows() == []


def test_headers_that_are_no_ascii_are_refused(world: World) -> None:
    answer = world.http.post(
        f"{world.gateway}/slack/events",
        content=b"{}",
        headers=[(b"X-Slack-Signature", "v0=ü".encode()), (b"X-Slack-Request-Timestamp", "١٢٣".encode())],
    )

    assert answer.status_code == 401


def _metrics(world: World) -> list[str]:
    found: list[str] = world.http.get(f"{world.gateway}/metrics").text.splitlines()
    return found


MALFORMED = [
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b"null"),
    ("application/json", b'"text"'),
    ("application/json", b'{"type": NaN}'),
    ("application/json", b'{"type": "event_callback"}'),
    ("application/json", b'{"type": "event_callback", "event": [], "event_id": "E"}'),
    ("application/json", b'{"type": "event_callback", "event": {}, "event_id": 1, "team_id": "T0MORNING"}'),
    ("application/json", b'{"type": "event_callback", "event": {}, "event_id": "E", "team_id": {"a": 1}}'),
    (
        "application/json",
        b'{"type": "event_callback", "event": {"t": "\\u0000"}, "event_id": "E", "team_id": "T0MORNING"}',
    ),
    (
        "application/json",
        b'{"type": "event_callback", "event": {"t": "\\ud800"}, "event_id": "E", "team_id": "T0MORNING"}',
    ),
    ("application/json", b'{"type": "event_callback", "event": {"t": 1e999}, "event_id": "E", "team_id": "T0MORNING"}'),
    ("application/json", b'{"type": "event_callback", "authorizations": "x", "event": {}, "event_id": "E"}'),
    ("application/json", b'{"type": "event_callback", "authorizations": [5], "event": {}, "event_id": "E"}'),
    ("application/json", b'{"a":' * 5000 + b"1" + b"}" * 5000),
    ("application/json", b"\xff\xfe"),
    ("application/json", b'{"type": {}}'),
    ("application/json", b'{"type": []}'),
    ("application/json", b'{"type": "url_verification"}'),
    ("application/json", b'{"type": "url_verification", "challenge": {"a": [1]}, "event": 5}'),
    (FORM, b""),
    (FORM, b"payload="),
    (FORM, b"payload=%7B"),
    (FORM, b"payload=%ff%fe"),
    (FORM, b"payload=[]"),
    (FORM, b"payload={}&payload={}"),
    (FORM, b"command=%2Fchargehand"),
    (FORM, b"command=%2Fchargehand&team_id=T0MORNING&trigger_id=1"),
    (FORM, b"command=%2Fchargehand&team_id=T0MORNING&trigger_id=1&user_id=U&channel_id=C&text=%00"),
    (FORM, b"ssl_check=0"),
    (FORM, b"ssl_check=1"),
    (FORM, urlencode({"payload": '{"type":"block_actions"}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"block_actions","actions":null,"user":null}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"view_submission","view":null}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"view_submission","view":{"state":{}}}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"view_submission","view":[1],"response_urls":5}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"shortcut","user":"U"}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"message_action"}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"dialog_submission"}'}).encode()),
    (FORM, urlencode({"payload": '{"type":"block_suggestion","team":7}'}).encode()),
    ("text/plain", b"hello"),
    ("", b"{}"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
]


@pytest.mark.parametrize(("content_type", "body"), MALFORMED, ids=range(len(MALFORMED)))
def test_nonsense_that_is_properly_signed_is_no_server_error(
    shared_world: World, content_type: str, body: bytes
) -> None:
    answer = shared_world.post(body, signed(body, content_type))

    assert answer.status_code in (200, 400, 401)
    assert [row for row in shared_world.rows() if row.kind != "event"] == []


def test_a_form_with_a_note_that_is_not_ours_is_refused(world: World) -> None:
    view = _view(private_metadata='{"lane":"payroll"}', state={"values": {}})
    submission = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U0ANNA"}, "view": view}

    answer = world.post(*_interaction(submission))

    assert answer.status_code == 400
    assert world.rows() == []


def test_a_body_of_more_than_a_megabyte_is_refused_before_it_is_judged(world: World) -> None:
    body = b"x" * 1_000_001

    assert world.post(body, signed(body, FORM)).status_code == 413


def test_slacks_greeting_is_answered_with_its_challenge(world: World) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode()

    assert world.post(body, signed(body, "application/json")).json() == {"challenge": "abc"}


def test_a_team_that_nobody_installed_is_told_so_and_nothing_is_kept(world: World) -> None:
    command = world.command("1.1", team="T0ELSEWHERE")
    body = json.dumps({"type": "event_callback", "team_id": "T0ELSEWHERE", "event_id": "Ev", "event": {}}).encode()
    event = world.post(body, signed(body, "application/json"))

    assert command.status_code == 200
    assert "not set up for this Slack team" in command.json()["text"]
    assert (event.status_code, event.content) == (200, b"")
    assert world.rows() == []


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "bot_id": "B0CHARGE", "text": "ours"},
        {"type": "message", "user": "U0CHARGE", "text": "ours"},
        {"type": "message", "subtype": "bot_message", "text": "another bot"},
        {"type": "message", "user": "U0OTHER", "bot_profile": {"id": "B1"}, "text": "a workflow"},
    ],
)
def test_what_bots_say_starts_nothing(world: World, event: dict[str, Any]) -> None:
    answer = world.event("Ev-bot", event)

    assert answer.status_code == 200
    assert eventually(_all_handled(world))
    assert [row.became for row in world.rows()] == ["ignored"]
    assert (world.count("task"), world.count("outbox")) == (0, 0)


def test_a_reply_before_its_parent_and_an_edit_before_its_message_are_taken(world: World) -> None:
    message: dict[str, Any] = {
        "type": "message",
        "channel": CHANNEL,
        "user": "U0ANNA",
        "ts": "2.0",
        "thread_ts": "1.0",
        "text": "yes",
    }
    edit = {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "message": message}
    gone = {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "previous_message": message}

    answers = [world.event(f"Ev{n}", event) for n, event in enumerate((gone, edit, message))]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert eventually(_all_handled(world))


def test_options_are_answered_without_a_row(world: World) -> None:
    suggestion = {"type": "block_suggestion", "team": {"id": TEAM}, "user": {"id": "U0ANNA"}, "value": "12"}

    answers = [world.post(*_interaction(suggestion)).json() for _ in range(2)]

    assert answers == [{"options": []}] * 2
    assert world.rows() == []


def test_the_time_that_signatures_are_judged_by_is_the_databases(world: World, test_clock: None) -> None:
    before = world.command("1.1")
    moved = world.http.post(f"{world.gateway}/api/v1/test/clock", json={"offset_s": 86400})
    stale = world.command("1.2")

    assert (before.status_code, moved.status_code, stale.status_code) == (200, 200, 401)
