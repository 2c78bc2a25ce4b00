"""Sends errors where SENTRY_DSN says, as little of each as lets somebody find it: nothing that people wrote leaves."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from importlib.metadata import version
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn, event_from_exception

from chargehand.settings import BadSettings, Settings

OURS = ("contracts", "storage", "escalation", "engine", "notifications", "gateway", "chargehand")
_EVENT = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40}){1,3}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,119}")
_LEVELS = ("warning", "error", "critical", "fatal")
_GIVEN = ("event_id", "timestamp", "release")
IDS: Mapping[str, re.Pattern[str]] = {
    "company": re.compile(r"[a-z][a-z0-9-]{0,47}"),
    "task": re.compile(r"(T-)?[0-9]{1,15}"),
    "decision": re.compile(r"[0-9]{1,15}"),
    "outbox": re.compile(r"[0-9]{1,15}"),
    "error": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}"),
    "where": re.compile(r"[a-z_][a-z0-9_./]{0,79}:[0-9]{1,6}"),
}
"""What may be told beside the place of an error, and what it has to look like: anything else stays here."""


def configure(settings: Settings, *, transport: type[Transport] | None = None) -> None:
    """Report this process's errors, if SENTRY_DSN is set; `transport` stands in for the network.

    Raises BadSettings when the address can't be read.
    """
    if settings.sentry_dsn is None:
        return
    try:
        _begin(settings.sentry_dsn.get_secret_value(), transport)
    except BadDsn as error:
        raise BadSettings("SENTRY_DSN is no address of Sentry's kind: https://KEY@HOST/PROJECT.") from error


def _begin(dsn: str, transport: type[Transport] | None) -> None:
    sentry_sdk.init(
        dsn=dsn,
        release=f"chargehand@{version('chargehand')}",  # else the SDK asks git
        transport=transport,
        before_send=scrubbed,  # send_default_pii is off unless asked for
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        auto_session_tracking=False,
        send_client_reports=False,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            ExcepthookIntegration(),
            ThreadingIntegration(),
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
    )


def report(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: what is logged as an error is reported too; without SENTRY_DSN nothing happens."""
    if said.get("level") in _LEVELS[1:] and sentry_sdk.get_client().is_active():
        event, hint = _with_exception(said.get("exc_info"))
        tags = {name: _first(said[name]) for name in IDS if name in said}
        told = {**event, "level": said["level"], "message": said.get("event"), "tags": tags}
        sentry_sdk.capture_event(cast(Event, told), hint=hint)
    return said


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _with_exception(given: object) -> tuple[Mapping[str, Any], Hint]:
    """The error that is logged, or that is being handled at the door that logs."""
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if error is None:
        return {}, {}
    event, hint = event_from_exception(error)
    return cast(Mapping[str, Any], event), hint


def scrubbed(event: Event, _hint: Hint) -> Event | None:
    """A new event that holds only what is listed here: kind, event name, ids, and the lines of ours on the way."""
    given = cast(Mapping[str, Any], event)
    kept: dict[str, Any] = {name: given[name] for name in _GIVEN if name in given}
    kept |= {"platform": "python", "level": given["level"] if given.get("level") in _LEVELS else "error"}
    kept["tags"] = {name: value for name, value in (given.get("tags") or {}).items() if _is_id(name, value)}
    if _fits(_EVENT, given.get("message")):
        kept["message"] = given["message"]
    if _fits(_NAME, given.get("logger")):
        kept["logger"] = given["logger"]
    values = (given.get("exception") or {}).get("values") or []
    if values:
        kept["exception"] = {"values": [_error(value) for value in values]}
    return cast(Event, kept)


def _error(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = ((value.get("stacktrace") or {}).get("frames")) or []
    names = {name: value[name] for name in ("type", "module") if _fits(_NAME, value.get(name))}
    return {**names, "stacktrace": {"frames": [_place(frame) for frame in frames if _is_ours(frame)]}}


def _place(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {"module": frame["module"], "lineno": int(frame.get("lineno") or 0), "in_app": True}


def _is_ours(frame: Mapping[str, Any]) -> bool:
    module = frame.get("module")
    return _fits(_NAME, module) and str(module).partition(".")[0] in OURS


def _is_id(name: str, value: object) -> bool:
    return name in IDS and _fits(IDS[name], value)


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
