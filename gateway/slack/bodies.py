"""Reads the body of a request into one JSON object that can be kept, or says that Slack never sent it."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

Payload = Mapping[str, Any]

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Malformed(ValueError):
    """The request is signed, and yet not what Slack sends; `str()` says what is wrong with it."""


def read(content_type: str, body: bytes) -> Payload:
    """The payload of a request's body (UTF-8); raises Malformed."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _object(body.decode())
    if kind != "application/x-www-form-urlencoded":
        raise Malformed("neither JSON nor a form")
    return _form(body.decode())


def _form(text: str) -> Payload:
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=200, errors="strict")
    except ValueError as error:
        raise Malformed("not a form that can be read") from error
    if any(len(values) > 1 for values in fields.values()):
        raise Malformed("a field is sent twice")
    single = {name: values[0] for name, values in fields.items()}
    return _object(single["payload"]) if "payload" in single else _storable(single)


def _object(text: str) -> Payload:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON that can be read") from error
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    return _storable(value)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _storable(value: dict[str, Any]) -> Payload:
    """PostgreSQL's jsonb takes no NUL, no half of a surrogate pair and no infinity: better refused here than there."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed("text or a number that can't be kept") from error
    if _NUL.search(written):
        raise Malformed("text with a NUL in it")
    return value
