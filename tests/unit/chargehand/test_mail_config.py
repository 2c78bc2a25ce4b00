"""Whether letters go out, and how, is read from the settings; what can't work is said at the start."""

from pathlib import Path

import pytest

from chargehand.mail_config import mail_out
from chargehand.parts import working
from chargehand.settings import BadSettings, Settings
from notifications.mail.server import Server, Tls


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def test_without_any_setting_the_sandbox_takes_the_letters_and_ours_listens_behind_it(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path).with_mail_at(9025, 9026)

    out = mail_out(settings)

    assert settings.plays_mail
    assert out is not None
    assert out[0].sender == "chargehand@chargehand.example"
    assert out[1] == Server("127.0.0.1", 9025, Tls.NONE)
    assert settings.mail_listen == "127.0.0.1:9026"
    assert "mail" in working(settings)


def test_a_mail_server_of_your_own_is_used_and_none_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtps://u:p@mail.example")
    monkeypatch.setenv("MAIL_FROM", "Back office <office@shop.example>")

    settings = Settings.load(tmp_path)
    out = mail_out(settings)

    assert not settings.plays_mail
    assert settings.mail_listen is None
    assert out is not None
    assert (out[0].sender, out[0].domain) == ("office@shop.example", "shop.example")
    assert out[1] == Server("mail.example", 465, Tls.IMPLICIT, "u", "p")


def test_your_own_slack_without_a_mail_server_sends_no_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")

    settings = Settings.load(tmp_path)

    assert mail_out(settings) is None
    assert "mail" not in working(settings)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SMTP_URL": "smtp://mail.example"}, "MAIL_FROM"),
        ({"SMTP_URL": "http://x:hunter2@y", "MAIL_FROM": "a@b.example"}, "SMTP_URL"),
    ],
)
def test_settings_that_can_t_work_are_refused_with_the_one_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=named) as refusal:
        mail_out(Settings.load(tmp_path))

    assert "hunter2" not in str(refusal.value)
