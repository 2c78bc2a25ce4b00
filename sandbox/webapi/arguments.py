"""Reads the arguments of a Web API call in every form that Slack takes.

https://docs.slack.dev/apis/web-api/#basics
"""

import json

from fastapi import Request

from sandbox.refusals import Json, JsonValue, Refused

# Arguments that are JSON inside a form. https://docs.slack.dev/apis/web-api/#post-bodies
_NESTED = ("blocks", "view", "metadata", "attachments")
# https://docs.slack.dev/reference/methods/chat.postMessage#errors
_MALFORMED = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
_TRUE = (True, 1, "1", "true", "True")


async def read(request: Request) -> tuple[Json, str]:
    """(arguments, token) from query, form or JSON body; raises Refused (invalid_json, …)."""
    arguments: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        arguments |= _json_object(await request.body())
    else:
        form = await request.form()
        arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    token = str(arguments.pop("token", "") or _bearer(request))
    return {name: _unfolded(name, value) for name, value in arguments.items()}, token


def required(arguments: Json, name: str) -> str:
    """A text argument that must be there; raises Refused (invalid_arguments)."""
    value = arguments.get(name)
    if value in (None, ""):
        raise Refused("invalid_arguments", f"missing required field: {name}")
    return str(value)


def flag(arguments: Json, name: str) -> bool:
    """A boolean in any of Slack's spellings."""
    return arguments.get(name) in _TRUE


def _json_object(body: bytes) -> Json:
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(given, dict):
        raise Refused("json_not_object")
    return given


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unfolded(name: str, value: JsonValue) -> JsonValue:
    if name not in _NESTED or not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise Refused(_MALFORMED.get(name, "invalid_arguments")) from error
