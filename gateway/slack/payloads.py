"""Reads what Slack sends into one shape: which kind it is, from whom, and the key that every copy of it shares."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_bolt import BoltRequest

from gateway.slack.bodies import Malformed, Payload


class Kind(StrEnum):
    """What came, as far as it is treated differently."""

    EVENT = "event"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    ACTIONS = "block_actions"
    SUBMISSION = "view_submission"
    SUGGESTION = "block_suggestion"
    GREETING = "greeting"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One payload, understood; team, user and channel are Slack's ids, `key` is None for what is never kept."""

    kind: Kind
    payload: Payload
    team: str | None
    user: str | None
    channel: str | None
    key: str | None


class _Part(BaseModel):
    """Only what we read is checked: Slack adds fields as it likes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


_Id = Annotated[str, Field(min_length=1, max_length=300)]
_Text = Annotated[str, Field(max_length=20_000)]


class _Event(_Part):
    event_id: _Id
    event: dict[str, Any]


class _Greeting(_Part):
    challenge: _Text | None = None
    event: None = None


class _Command(_Part):
    command: _Id
    trigger_id: _Id
    user_id: _Id
    channel_id: _Id
    text: _Text = ""
    response_url: _Text = ""


class _User(_Part):
    id: _Id


class _Shortcut(_Part):
    user: _User
    callback_id: _Id
    trigger_id: _Id


class _Action(_Part):
    action_id: _Id
    action_ts: _Id
    value: _Text | None = None
    selected_option: dict[str, Any] | None = None


class _Container(_Part):
    type: _Id
    view_id: _Id | None = None
    channel_id: _Id | None = None
    message_ts: _Id | None = None


class _Channel(_Part):
    id: _Id


class _State(_Part):
    values: dict[str, dict[str, dict[str, Any]]]


class _View(_Part):
    id: _Id
    type: _Id
    callback_id: str = Field(max_length=255)
    private_metadata: str = Field(default="", max_length=3000)
    hash: str = ""
    state: _State | None = None


class _Actions(_Part):
    user: _User
    container: _Container
    actions: Annotated[list[_Action], Field(min_length=1)]
    channel: _Channel | None = None
    view: _View | None = None
    trigger_id: _Id
    response_url: _Text | None = None


class _Submitted(_View):
    private_metadata: str = Field(max_length=3000)
    state: _State


class _Submission(_Part):
    user: _User
    view: _Submitted


def understand(payload: Payload) -> Incoming:
    """What a payload is; raises Malformed when it has not the fields of its kind."""
    kind = _kind(payload)
    team, user, channel = _from(payload)
    reading = _READINGS.get(kind)
    if reading is None:
        return Incoming(kind, payload, team, user, channel, None)
    model, key = reading
    try:
        model.model_validate(payload)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Malformed(f"{kind} without a proper {where}") from error
    return Incoming(kind, payload, team, user, channel, key(payload, team) if key else None)


_TYPES = {
    "event_callback": Kind.EVENT,
    "block_actions": Kind.ACTIONS,
    "view_submission": Kind.SUBMISSION,
    "block_suggestion": Kind.SUGGESTION,
    "shortcut": Kind.SHORTCUT,
    "message_action": Kind.SHORTCUT,
    "url_verification": Kind.GREETING,
}


def _kind(payload: Payload) -> Kind:
    if "command" in payload and "type" not in payload:
        return Kind.COMMAND
    if payload.get("ssl_check") == "1":
        return Kind.GREETING
    kind = payload.get("type")
    return _TYPES.get(kind, Kind.OTHER) if isinstance(kind, str) else Kind.OTHER


def _from(payload: Payload) -> tuple[str | None, str | None, str | None]:
    """Team, user and channel as Bolt finds them, so that its authorize and our keys speak of the same team."""
    try:
        context = BoltRequest(body=dict(payload), mode="socket_mode").context
    except (AttributeError, TypeError, KeyError, ValueError, IndexError) as error:
        raise Malformed("a team, a user or a channel that can't be read") from error
    found = (context.team_id, context.user_id, context.channel_id)
    if any(one is not None and not isinstance(one, str) for one in found):
        raise Malformed("a team, a user or a channel that is no text")
    return found


def _event_key(payload: Payload, team: str | None) -> str:
    return f"slack:event:{payload['event_id']}"


def _trigger_key(payload: Payload, team: str | None) -> str:
    return f"slack:trigger:{payload['trigger_id']}"


def _action_key(payload: Payload, team: str | None) -> str:
    container = payload["container"]
    place = container.get("view_id") or f"{container.get('channel_id')}/{container.get('message_ts')}"
    return f"slack:action:{team}:{payload['user']['id']}:{place}:{payload['actions'][0]['action_ts']}"


def _view_key(payload: Payload, team: str | None) -> str:
    """By what was filled in, not by the view's hash: that stays over `errors`, so a corrected form has the same."""
    view = payload["view"]
    values = json.dumps(view["state"]["values"], sort_keys=True, separators=(",", ":"))
    return f"slack:view:{team}:{view['id']}:{sha256(values.encode()).hexdigest()}"


_Key = Callable[[Payload, str | None], str]
_READINGS: Mapping[Kind, tuple[type[_Part], _Key | None]] = {
    Kind.GREETING: (_Greeting, None),
    Kind.EVENT: (_Event, _event_key),
    Kind.COMMAND: (_Command, _trigger_key),
    Kind.SHORTCUT: (_Shortcut, _trigger_key),
    Kind.ACTIONS: (_Actions, _action_key),
    Kind.SUBMISSION: (_Submission, _view_key),
}
