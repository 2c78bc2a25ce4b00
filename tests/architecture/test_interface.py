"""The names that others rely on are there: scripts, settings, processes, paths, commands and Python."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from redis import Redis

import chargehand
from chargehand.composition import load_businesses
from chargehand.settings import Settings
from contracts import rules
from engine.deployment import Deployment
from engine.wakeups import Wakeups
from gateway.app import GatewayParts, SlackConfig, create_app
from gateway.mail.config import MailConfig
from gateway.mail.names import DnsNames
from gateway.mail.proof import read_trust
from gateway.slack.signatures import read_secrets
from storage.database import Database
from tests.architecture.generated import NOWHERE, callbacks, commands
from tests.architecture.sources import ROOT
from tests.builders import MORNING

SCRIPTS = ("run", "test", "check", "setup", "chargehand")
SETTINGS = (
    *("CHARGEHAND_BUSINESS", "CHARGEHAND_HOME", "CHARGEHAND_URL", "CHARGEHAND_SECRET", "CHARGEHAND_LEASE"),
    *("CHARGEHAND_SWEEP", "CHARGEHAND_AUDIT_KEY", "CHARGEHAND_TEST", "CHARGEHAND_FAILPOINT", "DATABASE_URL"),
    *("DATABASE_OWNER_URL", "REDIS_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"),
    *("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_API_URL", "SMTP_URL", "IMAP_URL", "MAIL_FROM", "MAIL_DOMAIN"),
    *("MAIL_LISTEN", "MAIL_AUTHSERV_ID", "MAIL_TRUSTED_RELAYS", "MAIL_INBOUND_SECRET", "LLM_MODEL", "LLM_BASE_URL"),
    *("LLM_API_KEY", "SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"),
)
PROCESSES = {"web", "runner", "clock", "courier", "mail"}
PATHS = {
    "/slack/events",
    "/email/inbound",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/incidents",
    "/api/v1/incidents/{number}",
    "/api/v1/incidents/{number}/close",
    "/",
    "/decisions/{number}",
    "/incidents/{number}",
    "/together",
    "/sign-in",
    "/sign-in/{token}",
    "/sign-out",
    "/page.css",
}
FOR_TESTS = {"/api/v1/test/state", "/api/v1/test/deliveries", "/api/v1/test/clock"}
COMMANDS = {
    "up",
    "check",
    "settings",
    "request",
    "find",
    "why",
    "decide",
    "amend",
    "cancel",
    "lanes",
    "tasks",
    "migrate",
    "failpoints",
    "kpis",
    "backtest",
    "deliveries",
    "digest",
    "doctor",
    "token",
    "page",
    "incidents list",
    "incidents report",
    "incidents close",
    "audit export",
    "audit verify",
}
SPEAKS_JSON = COMMANDS - {"up"}
ACTS_FOR_SOMEBODY = {"request", "decide", "amend", "cancel", "page", "incidents report", "incidents close"}
FOR_AUTHORS = ("Desk", "Proposal", "worker", "Transient", "Deterministic", "Judgment", "Governance")


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """The example company over a database and a Redis that are nowhere."""
    businesses, files = load_businesses([MORNING])
    database, redis = Database(NOWHERE), Redis()
    yield Deployment(database, businesses, files, Wakeups(redis, 2), tmp_path)
    database.close()
    redis.close()


def test_the_scripts_are_there_and_can_be_run() -> None:
    assert [name for name in SCRIPTS if not (ROOT / "bin" / name).stat().st_mode & 0o111] == []
    assert "bin/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_promised_setting_is_read() -> None:
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}

    assert set(SETTINGS) <= known


def test_the_procfile_names_the_processes() -> None:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()

    assert {name: words.split()[-1] for name, _, words in (line.partition(":") for line in lines)} == {
        name: name for name in PROCESSES
    }
    assert set(commands()) >= PROCESSES


def test_the_gateway_serves_the_promised_paths_and_no_other(deployment: Deployment) -> None:
    assert _paths(_gateway(deployment, test=False)) == PATHS


def test_paths_for_checks_from_outside_exist_under_test_only(deployment: Deployment) -> None:
    assert _paths(_gateway(deployment, test=True)) == PATHS | FOR_TESTS


def test_the_commands_are_there_with_their_options() -> None:
    parameters = {name: set(inspect.signature(callback).parameters) for name, callback in callbacks().items()}

    assert set(parameters) >= COMMANDS
    assert {name for name in SPEAKS_JSON if "json" not in parameters[name]} == set()
    assert {name for name in ACTS_FOR_SOMEBODY if "person" not in parameters[name]} == set()


def test_people_who_write_workers_find_what_they_import() -> None:
    assert [name for name in FOR_AUTHORS if not hasattr(chargehand, name)] == []


def test_rules_are_compiled_in_two_profiles_and_explained() -> None:
    rule = {">": [{"var": "amount"}, 50000]}

    assert rules.compile(rule, profile="contract")({"amount": 74000}) is True
    assert rules.compile(rule, profile="official")({"amount": "74000"}) is True
    assert "50000" in rules.explain(rule, {"amount": 74000}).sentence


def _gateway(deployment: Deployment, *, test: bool) -> FastAPI:
    slack = SlackConfig(read_secrets("secret"), "https://slack.invalid/api/", "secret")
    mail = MailConfig(None, None, "secret", "secret", read_trust(None, None), DnsNames())
    return create_app(GatewayParts(deployment, slack, "http://page.invalid", test, mail))


def _paths(gateway: FastAPI) -> set[str]:
    return set(gateway.openapi()["paths"])
