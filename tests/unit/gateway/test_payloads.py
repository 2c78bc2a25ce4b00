"""Every copy of a delivery has the same key, different ones have different keys, and nonsense is called so."""

import copy
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.slack.bodies import Malformed, read
from gateway.slack.payloads import Kind, understand

COMMAND = {
    "command": "/chargehand",
    "text": "",
    "trigger_id": "1.2.abc",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "response_url": "https://hooks.slack.com/commands/1",
}
EVENT = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "app_mention", "user": "U1"}}
PRESS = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "D1"},
    "container": {"type": "message", "channel_id": "D1", "message_ts": "1.1"},
    "actions": [{"action_id": "decision.approve", "action_ts": "5.5", "value": "{}", "type": "button"}],
    "trigger_id": "1.2.abc",
}
VIEW = {
    "id": "V1",
    "type": "modal",
    "callback_id": "request.form",
    "private_metadata": "{}",
    "hash": "h1",
    "state": {"values": {"order": {"value": {"type": "plain_text_input", "value": "1234"}}}},
}
SUBMISSION = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": VIEW}
SHORTCUT = {"type": "shortcut", "team": {"id": "T1"}, "user": {"id": "U1"}, "callback_id": "ask", "trigger_id": "9.9.z"}


def _with(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    *way, last = path.split(".")
    place: Any = changed
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("payload", "kind", "key"),
    [
        (COMMAND, Kind.COMMAND, "slack:trigger:1.2.abc"),
        (EVENT, Kind.EVENT, "slack:event:Ev1"),
        (PRESS, Kind.ACTIONS, "slack:action:T1:U1:D1/1.1:5.5"),
        (SHORTCUT, Kind.SHORTCUT, "slack:trigger:9.9.z"),
    ],
)
def test_the_key_of_a_delivery_is_made_of_what_slack_repeats(payload: dict[str, Any], kind: Kind, key: str) -> None:
    found = understand(payload)

    assert (found.kind, found.key, found.team, found.user) == (kind, key, "T1", "U1")


def test_a_corrected_form_is_another_delivery_although_slack_keeps_the_hash() -> None:
    first = understand(SUBMISSION)
    again = understand(copy.deepcopy(SUBMISSION))
    corrected = understand(_with(SUBMISSION, "view.state.values.order.value.value", "1235"))
    other_hash = understand(_with(SUBMISSION, "view.hash", "h2"))

    assert first.key == again.key == other_hash.key
    assert corrected.key != first.key


@pytest.mark.parametrize(
    ("path", "value"),
    [("user.id", "U2"), ("team.id", "T2"), ("container.message_ts", "1.2"), ("actions.0.action_ts", "5.6")],
)
def test_presses_by_others_elsewhere_or_later_are_other_deliveries(path: str, value: str) -> None:
    assert understand(_with(PRESS, path, value)).key != understand(PRESS).key


@pytest.mark.parametrize("kind", ["view_closed", "block_suggestion", "workflow_step_edit", "something_new"])
def test_what_is_never_kept_has_no_key(kind: str) -> None:
    assert understand({"type": kind, "team": {"id": "T1"}, "user": {"id": "U1"}}).key is None


BROKEN = [
    _with(EVENT, "event_id", ""),
    _with(EVENT, "event_id", 5),
    _with(EVENT, "event", []),
    _with(EVENT, "event", "text"),
    _with(COMMAND, "trigger_id", ""),
    _with(COMMAND, "user_id", ["U1"]),
    _with(COMMAND, "channel_id", "C" * 301),
    _with(PRESS, "actions", []),
    _with(PRESS, "actions", {}),
    _with(PRESS, "actions", [{"action_id": "a"}]),
    _with(PRESS, "actions.0.value", {"decision": 1}),
    _with(PRESS, "actions.0.action_ts", 5.5),
    _with(PRESS, "container", None),
    _with(PRESS, "user", None),
    _with(PRESS, "user", {}),
    _with(PRESS, "team", {"id": 5}),
    _with(PRESS, "team", 5),
    _with(SUBMISSION, "view", None),
    _with(SUBMISSION, "view.state", None),
    _with(SUBMISSION, "view.state.values", []),
    _with(SUBMISSION, "view.state.values.order", "1234"),
    _with(SUBMISSION, "view.state.values.order.value", "1234"),
    _with(SUBMISSION, "view.callback_id", 7),
    _with(SUBMISSION, "view.type", None),
    _with(PRESS, "trigger_id", None),
    _with(SUBMISSION, "view.private_metadata", "x" * 3001),
    _with(SUBMISSION, "user.id", None),
    _with(SHORTCUT, "trigger_id", None),
]


@pytest.mark.parametrize("payload", BROKEN, ids=range(len(BROKEN)))
def test_a_payload_without_its_fields_is_called_malformed(payload: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        understand(payload)


BODIES = {
    "nothing": ("application/json", b""),
    "no JSON": ("application/json", b"{"),
    "a list": ("application/json", b"[]"),
    "a number": ("application/json", b"5"),
    "null": ("application/json", b"null"),
    "NaN": ("application/json", b'{"a": NaN}'),
    "infinite": ("application/json", b'{"a": 1e999}'),
    "a number of 5,000 digits": ("application/json", b'{"a": ' + b"9" * 5000 + b"}"),
    "a NUL": ("application/json", b'{"a": "\\u0000"}'),
    "half a pair": ("application/json", b'{"a": "\\ud800"}'),
    "very deep": ("application/json", b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "deep lists": ("application/json", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "no payload in it": ("application/x-www-form-urlencoded", b"payload="),
    "payload twice": ("application/x-www-form-urlencoded", b"payload={}&payload={}"),
    "bad percent": ("application/x-www-form-urlencoded", b"payload=%ff"),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(300))),
    "XML": ("application/xml", b"<a/>"),
    "no type": ("", b"{}"),
    "multipart": ("multipart/form-data; boundary=x", b"--x--"),
}


@pytest.mark.parametrize(("content_type", "body"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_not_slacks_is_called_malformed(content_type: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        read(content_type, body)


def test_a_form_with_a_payload_and_a_form_without_are_both_read() -> None:
    interaction = read("application/x-www-form-urlencoded", urlencode({"payload": json.dumps(PRESS)}).encode())
    command = read("application/x-www-form-urlencoded; charset=utf-8", urlencode(COMMAND).encode())

    assert interaction == PRESS
    assert command == COMMAND


def test_the_six_characters_of_a_written_nul_are_no_nul() -> None:
    assert read("application/json", b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}
