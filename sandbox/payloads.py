"""Builds what Slack sends to an app, field by field as its pages show it."""

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from sandbox.config import Member, TeamConfig
from sandbox.messages import Conversation, Message
from sandbox.refusals import Json

# Deprecated by Slack and still sent. https://docs.slack.dev/authentication/verifying-requests-from-slack
_TOKEN = "sandbox-verification-token"  # noqa: S105 - checked by nobody
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def slash_command(
    team: TeamConfig, member: Member, *, conversation: Conversation, command: str, text: str, trigger_id: str, url: str
) -> bytes:
    """https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling."""
    fields = {
        "token": _TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": conversation.id,
        "channel_name": conversation.name,
        "user_id": member.id,
        "user_name": member.name,
        "command": command,
        "text": text,
        "api_app_id": team.app.id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger_id,
    }
    return urlencode(fields).encode()


def interaction(payload: Json) -> bytes:
    """Interactivity is one form field. https://docs.slack.dev/interactivity/handling-user-interaction#payloads."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def _common(team: TeamConfig, member: Member, *, kind: str) -> Json:
    return {
        "type": kind,
        "token": _TOKEN,
        "api_app_id": team.app.id,
        "team": {"id": team.id, "domain": team.domain},
        "user": {"id": member.id, "username": member.name, "name": member.name, "team_id": team.id},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action_taken(
    team: TeamConfig, member: Member, *, message: Message, conversation: Conversation, action: Json, state: Json
) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, from a message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": conversation.id,
        "is_ephemeral": message.visible_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _common(team, member, kind="block_actions")
    payload |= {"container": container, "channel": {"id": conversation.id, "name": conversation.name}}
    # The page: an ephemeral message's content is not sent along.
    shown = {} if message.visible_to else {"message": message.as_slack(with_metadata=True) | {"team": team.id}}
    return payload | shown | {"state": {"values": state}, "actions": [action]}


def view_action_taken(team: TeamConfig, member: Member, *, view: Json, action: Json) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, from a modal or a home tab."""
    payload = _common(team, member, kind="block_actions")
    return payload | {"container": {"type": "view", "view_id": view["id"]}, "view": view, "actions": [action]}


def view_submitted(team: TeamConfig, member: Member, *, view: Json, response_urls: list[Json]) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission."""
    return _common(team, member, kind="view_submission") | {"view": view, "response_urls": response_urls}


def view_closed(team: TeamConfig, member: Member, *, view: Json, is_cleared: bool) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed."""
    return _common(team, member, kind="view_closed") | {"view": view, "is_cleared": is_cleared}


def options_wanted(team: TeamConfig, member: Member, *, action: Json, text: str, place: Json) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload."""
    asked = {"action_id": action["action_id"], "block_id": action["block_id"], "value": text}
    return _common(team, member, kind="block_suggestion") | asked | place


def global_shortcut(team: TeamConfig, member: Member, *, callback_id: str, action_ts: str) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""
    return _common(team, member, kind="shortcut") | {"callback_id": callback_id, "action_ts": action_ts}


def message_shortcut(
    team: TeamConfig, member: Member, *, callback_id: str, message: Message, conversation: Conversation, action_ts: str
) -> Json:
    """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload#message."""
    return _common(team, member, kind="message_action") | {
        "callback_id": callback_id,
        "action_ts": action_ts,
        "message_ts": message.ts,
        "channel": {"id": conversation.id, "name": conversation.name},
        "message": message.as_slack(with_metadata=True) | {"team": team.id},
    }


def event_callback(team: TeamConfig, event: Json, *, now: float) -> Json:
    """https://docs.slack.dev/apis/events-api#callback-field."""
    authorization: dict[str, Any] = {
        "enterprise_id": None,
        "team_id": team.id,
        "user_id": team.app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": _TOKEN,
        "team_id": team.id,
        "api_app_id": team.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(now),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_hex(8),
    }
