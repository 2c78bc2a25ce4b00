"""What is reported of an error: its kind, its place in our code, event names and ids; nothing that people wrote."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
import structlog
from pydantic import SecretStr
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from chargehand.errors import configure, report
from chargehand.settings import BadSettings, Settings
from contracts import money

SENT: list[str] = []
DSN = "http://publickey@127.0.0.1:9/1"
BODY = '{"reason": "my parcel of 4 May was lost"}'
SECRETS = {
    "password": "hunter2-is-the-password",
    "address": "anna@morning.example",
    "token": "xoxb-1234-abcdef",
    "body": BODY,
    "query": "order=1234&trace=very-private",
    "cookie": "session=c00kie-of-anna",
}


class Kept(Transport):
    """Keeps what would have gone over the network."""

    def capture_envelope(self, envelope: Envelope) -> None:
        """Every byte of it."""
        SENT.append(envelope.serialize().decode())


@pytest.fixture(autouse=True)
def _reporting(tmp_path: Path) -> Iterator[None]:
    settings = Settings.load(tmp_path).model_copy(update={"sentry_dsn": SecretStr(DSN)})
    with sentry_sdk.isolation_scope():
        configure(settings, transport=Kept)
        yield
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    SENT.clear()


def event() -> dict[str, Any]:
    """The one event that was sent."""
    (sent,) = SENT
    found: dict[str, Any] = json.loads(sent.splitlines()[2])
    return found


def fail_with_everything_at_hand() -> None:
    """An error of our own code, with something private in its text, its locals, its scope and its cause."""
    local = dict(SECRETS)
    scope = sentry_sdk.get_isolation_scope()
    scope.set_user({"email": SECRETS["address"], "ip_address": "203.0.113.9"})
    scope.set_extra("body", BODY)
    scope.set_tag("decision", SECRETS["token"])
    scope.set_tag("reason", SECRETS["body"])
    scope.set_context("request", {"headers": {"cookie": SECRETS["cookie"]}, "query_string": SECRETS["query"]})
    scope.add_event_processor(lambda found, _hint: {**found, "request": {"data": BODY, "cookies": local}})
    scope.add_breadcrumb(message=SECRETS["query"])
    try:
        money.decimals(SECRETS["token"])
    except ValueError as error:
        raise RuntimeError(" ".join(local.values())) from error


def nothing_private(sent: str) -> bool:
    """Whether no seeded text, nor the place of this machine's files, is in what was sent."""
    seeded = [*SECRETS.values(), "203.0.113.9", "parcel", "hunter2", "xoxb", "@morning", str(Path(__file__).parent)]
    return [one for one in seeded if one in sent or json.dumps(one)[1:-1] in sent] == []


def test_an_error_that_is_caught_tells_its_kind_and_our_lines_and_nothing_private() -> None:
    try:
        fail_with_everything_at_hand()
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)

    found = event()
    kinds = [value["type"] for value in found["exception"]["values"]]
    frames = [frame for value in found["exception"]["values"] for frame in value["stacktrace"]["frames"]]
    assert nothing_private(SENT[0])
    assert kinds == ["UnknownCurrency", "RuntimeError"]
    assert [frame["module"] for frame in frames] == ["contracts.money"]
    assert {key for frame in frames for key in frame} == {"module", "lineno", "in_app"}
    assert found.keys() <= {
        *("event_id", "timestamp", "release", "platform", "level", "tags", "message", "logger", "exception")
    }


def test_an_error_that_a_door_logs_is_reported_with_its_event_and_ids() -> None:
    log = structlog.wrap_logger(
        structlog.ReturnLogger(), processors=[structlog.processors.add_log_level, report, lambda *said: str(said[2])]
    )
    try:
        fail_with_everything_at_hand()
    except RuntimeError:
        log.error("task.unforeseen", company="morning", task="T-1042", requester=SECRETS["address"], where=["a.py:41"])

    found = event()
    assert nothing_private(SENT[0])
    assert found["message"] == "task.unforeseen"
    assert found["tags"] == {"company": "morning", "task": "T-1042", "where": "a.py:41"}
    assert found["exception"]["values"][-1]["type"] == "RuntimeError"


def test_a_library_that_logs_an_error_is_named_and_not_quoted() -> None:
    logging.getLogger("uvicorn.error").error("Exception for %s", SECRETS["address"], extra={"body": BODY})

    assert nothing_private(SENT[0])
    assert event()["logger"] == "uvicorn.error"
    assert "message" not in event()


def test_a_warning_is_no_error() -> None:
    log = structlog.wrap_logger(
        structlog.ReturnLogger(), processors=[structlog.processors.add_log_level, report, lambda *said: str(said[2])]
    )

    log.warning("sweep.database_away", error="OperationalError")

    assert SENT == []


def test_an_address_that_is_none_is_refused_without_being_shown(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path).model_copy(update={"sentry_dsn": SecretStr("hunter2")})

    with pytest.raises(BadSettings, match=r"^SENTRY_DSN is no address of Sentry's kind: ") as refused:
        configure(settings, transport=Kept)

    assert "hunter2" not in str(refused.value)


def test_without_a_dsn_nothing_is_begun(tmp_path: Path) -> None:
    before = sentry_sdk.get_client()

    configure(Settings.load(tmp_path).model_copy(update={"sentry_dsn": None}), transport=Kept)

    assert sentry_sdk.get_client() is before
