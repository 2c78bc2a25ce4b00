"""Carries out what the app answered to a command or a submitted view."""

import json
from dataclasses import replace

from sandbox.blockkit.check import check_view
from sandbox.deliveries import Answer
from sandbox.refusals import Json, Refused
from sandbox.team import Team
from sandbox.tickets import ResponseRight
from sandbox.views import OpenView
from sandbox.webapi.answering_back import say

# What a person reads when the app fails. https://docs.slack.dev/interactivity/implementing-slash-commands#troubleshooting
_WORDS = {
    "http_timeout": "operation_timeout",
    "http_error": "http_service_error",
    "connection_failed": "dispatch_failed",
}
TROUBLE = "We had some trouble connecting. Try again?"


def word_for(answer: Answer) -> str | None:
    """Slack's word for a failed delivery, None if it went well."""
    return _WORDS.get(answer.error) if answer.error else None


def carry_out_command(team: Team, right: ResponseRight, answer: Answer) -> str | None:
    """The immediate reply to a slash command; returns Slack's word if it can't be shown.

    https://docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response
    """
    if not answer.body.strip():
        return None
    try:
        say(team, right, _reply(answer))
    except Refused as refusal:
        return refusal.error
    return None


def carry_out_submission(team: Team, view: OpenView, answer: Answer) -> str | None:
    """The answer to view_submission; returns a sentence for the person if it makes no sense.

    https://docs.slack.dev/surfaces/modals#modal_submissions
    """
    try:
        reply = json.loads(answer.body) if answer.body.strip() else {}
    except ValueError:
        return TROUBLE
    action = reply.get("response_action") if isinstance(reply, dict) else "?"
    try:
        return _respond(team, view, action, reply)
    except Refused:
        return TROUBLE


def _respond(team: Team, view: OpenView, action: object, reply: Json) -> str | None:
    if action is None:
        team.views.close(view)
    elif action == "clear":
        team.views.clear(view.user)
    elif action == "update":
        team.views.update(view, check_view(reply.get("view"), kind="modal"))
    elif action == "push":
        team.views.push(view.user, check_view(reply.get("view"), kind="modal"))
    elif action == "errors" and _names_inputs(view, reply.get("errors")):
        # The hash stays: an error beside a field does not change the view.
        team.views.put(replace(view, errors=reply["errors"]))
    else:
        return TROUBLE
    return None


def _names_inputs(view: OpenView, errors: object) -> bool:
    """Errors name input blocks of the view. https://docs.slack.dev/surfaces/modals#displaying_errors."""
    inputs = {block["block_id"] for block in view.definition["blocks"] if block["type"] == "input"}
    return isinstance(errors, dict) and bool(errors) and set(errors) <= inputs


def _reply(answer: Answer) -> Json:
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return {"text": answer.body}
    try:
        reply = json.loads(answer.body)
    except ValueError:
        return {"text": answer.body}
    return reply if isinstance(reply, dict) else {"text": str(reply)}
