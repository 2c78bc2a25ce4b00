"""Whatever a stranger's code raises becomes a failure that the ladder and the record can take."""

import http.client
import json
import smtplib
import socket
import sqlite3
import ssl
import urllib.error
from datetime import UTC, datetime
from email.message import Message
from typing import Any

import aiosmtplib
import psycopg
import pytest
import sqlalchemy.exc
from hypothesis import given
from hypothesis import strategies as st

from contracts.authoring import Deterministic, Failure, Governance, Judgment, Transient
from contracts.vocabulary import FailureClass, Otherwise
from engine.failures import classify, plain
from engine.strangers import Escaped, call


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        (Transient("It is down.", cause="shop"), FailureClass.TRANSIENT, "shop"),
        (Judgment("Which one?"), FailureClass.JUDGMENT, "judgment"),
        (Governance("No."), FailureClass.GOVERNANCE, "governance"),
        (ConnectionResetError(), FailureClass.TRANSIENT, "network"),
        (TimeoutError(), FailureClass.TRANSIENT, "time_out"),
        (sqlite3.OperationalError("locked"), FailureClass.TRANSIENT, "database"),
        (PermissionError(), FailureClass.GOVERNANCE, "rights"),
        (MemoryError(), FailureClass.DETERMINISTIC, "memory"),
        (KeyError("secret value"), FailureClass.DETERMINISTIC, "worker"),
        (RecursionError(), FailureClass.DETERMINISTIC, "worker"),
    ],
)
def test_an_error_has_its_class_and_cause(error: Exception, kind: FailureClass, cause: str) -> None:
    found = classify(error)

    assert (found.kind, found.cause) == (kind, cause)


class _Response:
    """What a client's error keeps of the other side's answer."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.status_code = status
        self.headers = headers or {}


class _Refused(Exception):
    """An error of an HTTP client, of whichever library."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__("anna@morning.example")
        self.response = _Response(status, headers)


_T, _D, _G = FailureClass.TRANSIENT, FailureClass.DETERMINISTIC, FailureClass.GOVERNANCE
STATUSES = [
    *((status, _D, "rejected") for status in (300, 304, 400, 405, 406, 411, 413, 414, 415, 422, 431, 499, 501, 505)),
    *((status, _G, "rights") for status in (401, 403)),
    (402, _G, "budget"),
    *((status, _D, "not_found") for status in (404, 410)),
    *((status, _T, "time_out") for status in (408, 504)),
    *((status, _D, "invalid_state") for status in (409, 412)),
    *((status, _T, "provider_down") for status in (423, 425, 500, 502, 503, 507, 511, 599)),
    (429, _T, "rate_limit"),
    (451, _G, "policy"),
]


@pytest.mark.parametrize(("status", "kind", "case"), STATUSES)
def test_every_class_of_http_status_has_its_case(status: int, kind: FailureClass, case: str) -> None:
    found = classify(_Refused(status), system="shop")

    assert (found.kind, found.case, found.status, found.system) == (kind, case, status, "shop")
    assert found.cause == ("shop" if kind is _T else case)
    assert found.sentence.endswith(f"({status}).")


@pytest.mark.parametrize("status", [100, 200, 204, 0, 99, 1000, True])
def test_what_is_no_refusal_is_not_taken_for_one(status: int) -> None:
    assert classify(_Refused(status)).case == "worker"


NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("30", 30.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Sat, 28 Nov 2026 09:02:00 GMT", 120.0),
        ("Sat, 28 Nov 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("٣", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_heard_in_seconds_and_as_a_date(status: int, text: str, pause: float | None) -> None:
    assert classify(_Refused(status, {"Retry-After": text}), now=NOW).retry_after_s == pause


def test_the_errors_of_the_standard_library_s_client_are_known_too() -> None:
    headers = Message()
    headers["Retry-After"] = "7"
    error = urllib.error.HTTPError("https://shop.example", 503, "no", headers, None)

    found = classify(error)

    assert (found.case, found.status, found.retry_after_s) == ("provider_down", 503, 7.0)


REPLIES = [
    (smtplib.SMTPServerDisconnected("bye"), _T, "network"),
    (smtplib.SMTPResponseException(421, "closing"), _T, "provider_down"),
    (smtplib.SMTPDataError(451, "later"), _T, "rate_limit"),
    (smtplib.SMTPResponseException(452, "full"), _T, "rate_limit"),
    (smtplib.SMTPAuthenticationError(454, "later"), _T, "provider_down"),
    (smtplib.SMTPAuthenticationError(535, "no"), _G, "rights"),
    (smtplib.SMTPResponseException(550, "unknown"), _D, "undeliverable"),
    (smtplib.SMTPSenderRefused(552, b"too large", "a@morning.example"), _D, "undeliverable"),
    (smtplib.SMTPDataError(554, "no"), _D, "rejected"),
    (
        smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown"), "c@b.example": (451, b"later")}),
        _D,
        "undeliverable",
    ),
    (smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"later")}), _T, "rate_limit"),
    (aiosmtplib.SMTPResponseException(450, "later"), _T, "rate_limit"),
    (aiosmtplib.SMTPResponseException(550, "unknown"), _D, "undeliverable"),
]


@pytest.mark.parametrize(("error", "kind", "case"), REPLIES)
def test_every_reply_of_a_mail_server_has_its_case(error: Exception, kind: FailureClass, case: str) -> None:
    found = classify(error)

    assert (found.kind, found.case) == (kind, case)


DATABASES = [
    (psycopg.errors.SerializationFailure(), _T, "database"),
    (psycopg.errors.DeadlockDetected(), _T, "database"),
    (psycopg.errors.LockNotAvailable(), _T, "database"),
    (psycopg.errors.AdminShutdown(), _T, "database"),
    (psycopg.errors.TooManyConnections(), _T, "database"),
    (psycopg.errors.ReadOnlySqlTransaction(), _T, "database"),
    (psycopg.errors.QueryCanceled(), _T, "time_out"),
    (psycopg.errors.UniqueViolation(), _D, "duplicate_slug"),
    (psycopg.errors.NotNullViolation(), _D, "missing_field"),
    (psycopg.errors.ForeignKeyViolation(), _D, "invalid_state"),
    (psycopg.errors.NumericValueOutOfRange(), _D, "contract"),
    (psycopg.errors.UndefinedColumn(), _D, "contract"),
    (psycopg.errors.InsufficientPrivilege(), _G, "rights"),
    (psycopg.errors.InvalidPassword(), _G, "rights"),
    (psycopg.OperationalError(), _T, "database"),
    (sqlalchemy.exc.OperationalError("select", {}, psycopg.errors.DeadlockDetected()), _T, "database"),
    (sqlalchemy.exc.IntegrityError("insert", {}, psycopg.errors.UniqueViolation()), _D, "duplicate_slug"),
    (sqlite3.IntegrityError("unique"), _D, "invalid_state"),
    (sqlite3.OperationalError("locked"), _T, "database"),
]


@pytest.mark.parametrize(("error", "kind", "case"), DATABASES)
def test_every_kind_of_trouble_with_a_database_has_its_case(error: Exception, kind: FailureClass, case: str) -> None:
    found = classify(error)

    assert (found.kind, found.case) == (kind, case)


@pytest.mark.parametrize(
    ("error", "kind", "case"),
    [
        (ConnectionResetError(), _T, "network"),
        (socket.gaierror(), _T, "network"),
        (http.client.IncompleteRead(b""), _T, "network"),
        (TimeoutError(), _T, "time_out"),
        (ssl.SSLCertVerificationError(), _G, "rights"),
        (FileNotFoundError(), _D, "not_found"),
        (OSError(28, "No space left on device"), _T, "system"),
        (json.JSONDecodeError("no", "<html>", 0), _D, "contract"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "no"), _D, "contract"),
        (MemoryError(), _D, "memory"),
    ],
)
def test_every_error_that_python_itself_knows_has_its_case(error: Exception, kind: FailureClass, case: str) -> None:
    found = classify(error)

    assert (found.kind, found.case) == (kind, case)


def test_an_author_names_the_case_and_a_known_one_says_where_it_leads() -> None:
    found = classify(Deterministic("Lead 7 has no verified email.", case="no_verified_email"))

    assert (found.case, found.cause, found.otherwise) == ("no_verified_email", "no_verified_email", Otherwise.BLOCKED)


class _Hostile(Exception):
    """An error that raises when it is asked anything."""

    def __getattribute__(self, name: str) -> Any:
        raise KeyError(name)


class _Sly(Exception):
    """An error whose headers raise."""

    status = 429

    @property
    def headers(self) -> Any:
        raise KeyError("headers")


def test_an_error_that_raises_when_it_is_asked_is_an_unknown_one() -> None:
    assert classify(_Hostile()).case == "worker"
    assert (classify(_Sly()).case, classify(_Sly()).retry_after_s) == ("rate_limit", None)


def test_the_text_of_an_unknown_error_is_not_told_because_it_may_be_personal() -> None:
    assert classify(ValueError("anna@morning.example")).sentence == "The worker stopped with ValueError."


def test_a_failure_without_a_class_is_not_retried() -> None:
    assert classify(Failure("Something.")).kind is FailureClass.DETERMINISTIC


hostile = st.one_of(st.text(), st.integers(), st.none(), st.binary(), st.floats(), st.lists(st.text()))


@given(hostile, hostile, hostile)
def test_a_failure_that_was_made_with_anything_still_fits_the_record(sentence: Any, cause: Any, pause: Any) -> None:
    found = classify(Transient(sentence, cause=cause, retry_after_s=pause))

    for text in (found.sentence, found.cause):
        assert text.isprintable()
        assert len(text) <= 300
    assert found.retry_after_s is None or found.retry_after_s > 0


@given(st.text())
def test_a_plain_line_keeps_what_people_can_read(text: str) -> None:
    line = plain(text)

    assert "\x00" not in line
    assert "\n" not in line
    line.encode()


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), BaseException("x")])
def test_what_would_end_the_runner_is_turned_into_an_error_of_the_step(error: BaseException) -> None:
    def step() -> None:
        raise error

    with pytest.raises(Escaped) as caught:
        call(step)

    assert classify(caught.value).sentence == f"The worker stopped with {type(error).__name__}."
    assert classify(caught.value).kind is FailureClass.DETERMINISTIC


def test_an_ordinary_error_and_an_answer_pass_unchanged() -> None:
    def step(a: int, *, b: int) -> int:
        return a // b

    assert call(step, 6, b=3) == 2
    with pytest.raises(ZeroDivisionError):
        call(step, 6, b=0)
