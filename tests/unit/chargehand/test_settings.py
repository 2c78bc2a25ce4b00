"""Settings come from the environment, `.env`, the home folder or a default, and say which."""

import stat
from pathlib import Path

import pytest

from chargehand.settings import BadSettings, Settings, child_environment, forget_slack_environment

ELSEWHERE = "postgresql+psycopg://app:pw@db.example.com/chargehand"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def origin(settings: Settings, name: str) -> str:
    return next(setting.origin for setting in settings.sources() if setting.name == name)


def shown(settings: Settings, name: str) -> str:
    return next(setting.shown for setting in settings.sources() if setting.name == name)


def test_without_any_setting_everything_is_embedded_and_played(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)

    assert settings.home == tmp_path / ".chargehand"
    assert settings.business_folders == (tmp_path / "examples" / "morning",)
    assert settings.database_is_embedded
    assert settings.redis_is_embedded
    assert settings.sandbox
    assert settings.slack_api_url == "http://127.0.0.1:8010/api/"
    assert settings.listens_on == ("127.0.0.1", 8000)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHARGEHAND_LEASE=5\nCHARGEHAND_SWEEP=7\nOTHER_PROGRAM=1\n", encoding="utf-8")
    monkeypatch.setenv("CHARGEHAND_LEASE", "3 s")

    settings = Settings.load(tmp_path)

    assert (settings.lease, origin(settings, "CHARGEHAND_LEASE")) == (3.0, "environment")
    assert (settings.sweep, origin(settings, "CHARGEHAND_SWEEP")) == (7.0, ".env")
    assert origin(settings, "CHARGEHAND_URL") == "default"


def test_made_secrets_are_the_same_the_second_time_and_private(tmp_path: Path) -> None:
    first, second = Settings.load(tmp_path), Settings.load(tmp_path)

    assert first.secret == second.secret
    assert first.audit_key == second.audit_key
    assert first.mail_inbound_secret != first.secret
    folder = tmp_path / ".chargehand" / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_no_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://app:hunter2@db/chargehand")
    monkeypatch.setenv("LLM_API_KEY", "hunter2")

    settings = Settings.load(tmp_path)

    assert shown(settings, "DATABASE_URL") == "postgresql+psycopg://app:***@db/chargehand"
    assert shown(settings, "LLM_API_KEY") == "***"
    assert "hunter2" not in "".join(setting.shown for setting in settings.sources()) + repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHARGEHAND_LEASE", "soon"),
        ("CHARGEHAND_LEASE", "0"),
        ("CHARGEHAND_URL", "localhost"),
        ("CHARGEHAND_SANDBOX_PORT", "99999"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=name):
        Settings.load(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        ELSEWHERE,
        "postgresql+psycopg://app:pw@/chargehand?host=10.0.0.5",
        "postgresql+psycopg://app:pw@127.0.0.1,10.0.0.5/chargehand",
        "postgresql+psycopg://app:pw@127.0.0.1/chargehand?hostaddr=10.0.0.5",
        "postgresql+psycopg://app:pw@localhost.example.com/chargehand",
    ],
)
def test_tests_are_refused_on_a_database_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CHARGEHAND_TEST", "1")
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(BadSettings, match="which is not this machine"):
        Settings.load(tmp_path)


def test_tests_are_refused_when_the_surroundings_name_a_host_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARGEHAND_TEST", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg:///chargehand")
    monkeypatch.setenv("PGHOST", "db.example.com")

    with pytest.raises(BadSettings, match="which is not this machine"):
        Settings.load(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql+psycopg://app:pw@127.0.0.1:5433/chargehand",
        "postgresql+psycopg://app:pw@[::1]:5433/chargehand",
        "postgresql+psycopg://app:pw@localhost/chargehand",
        "postgresql+psycopg://app:pw@/chargehand?host=/tmp/sockets&port=5432",
    ],
)
def test_tests_are_allowed_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CHARGEHAND_TEST", "1")
    monkeypatch.setenv("DATABASE_URL", url)

    assert Settings.load(tmp_path).test


@pytest.mark.parametrize("name", ["SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_SIGNING_SECRET"])
def test_a_slack_of_your_own_means_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "https://slack.example.com/api/")

    settings = Settings.load(tmp_path)

    assert not settings.sandbox
    assert "127.0.0.1" not in settings.slack_api_url


def test_children_get_our_environment_but_not_the_owners_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", ELSEWHERE)
    monkeypatch.setenv("KEPT", "1")

    environment = child_environment({"REDIS_URL": "redis://there"})

    assert "DATABASE_OWNER_URL" not in environment
    assert (environment["KEPT"], environment["REDIS_URL"]) == ("1", "redis://there")


def test_slack_is_forgotten_before_bolt_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")

    forget_slack_environment()

    assert "SLACK_CLIENT_ID" not in child_environment({})


def test_calendars_are_by_person_and_none_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = "morning/priya=https://cal.example/p@me/a?b=c morning/mei=webcal://cal.example/d evening/ana=http://cal.example/e"
    monkeypatch.setenv("CHARGEHAND_CALENDARS", given)

    settings = Settings.load(tmp_path)

    assert settings.calendars_of("morning") == {
        "priya": "https://cal.example/p@me/a?b=c",
        "mei": "https://cal.example/d",
    }
    assert settings.calendars_of("night") == {}
    assert "cal.example" not in shown(settings, "CHARGEHAND_CALENDARS") + repr(settings)


@pytest.mark.parametrize("wrong", ["priya=https://cal.example/secret", "morning/priya=file:///secret", "morning/priya"])
def test_an_entry_that_is_no_calendar_is_named_by_its_place_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("CHARGEHAND_CALENDARS", f"morning/mei=https://cal.example/d {wrong}")

    with pytest.raises(BadSettings, match=r"CHARGEHAND_CALENDARS: .*entry 2 is not COMPANY/PERSON=https://…") as found:
        Settings.load(tmp_path)

    assert "secret" not in str(found.value)
