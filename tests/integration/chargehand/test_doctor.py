"""Each fault is seeded, and `chargehand doctor` finds it: also with the database, Redis or the files broken."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from sqlalchemy import create_engine, text

from chargehand import heads as heads_of
from chargehand.commands.doctor import doctor
from chargehand.doctor import services
from chargehand.doctor.diagnosis import Diagnosis, Health
from chargehand.doctor.examination import examine, status_of
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from chargehand.installing import keep
from engine.wakeups import short_connection
from notifications.slack.tokens import seal
from storage.checkpoints import Signer
from storage.sealing import Sealer
from tests.builders import AUDIT_KEY, MORNING, House, house
from tests.integration.chargehand.outside import Slack, closed_port, played
from tests.integration.engine.worlds import changed_company, open_shop
from tests.integration.escalation.asking import open_decisions

SECRET = "a-secret-that-nobody-guesses"

RUNTIMES = ("default", "batch")
"""Those that the example's lanes need; those that only observe need none."""


@pytest.fixture
def office(
    morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The morning company with a sign of life of every process, and the settings that lead doctor to it."""
    redis = short_connection(valkey_server.url)
    redis.flushall()
    for runtime in RUNTIMES:
        redis.sadd(f"rq:workers:chargehand-{runtime}", f"rq:worker:{runtime}")
        redis.set(f"rq:worker:{runtime}", "as RQ registers it")
    settings = {
        "CHARGEHAND_HOME": str(home),
        "CHARGEHAND_BUSINESS": str(MORNING),
        "CHARGEHAND_SECRET": SECRET,
        "DATABASE_URL": morning_urls.app,
        "REDIS_URL": valkey_server.url,
        "SLACK_API_URL": f"http://127.0.0.1:{closed_port()}/api/",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(services, "MOST_SKEW_S", 60.0)  # a machine that stands still between two looks at the time
    with house(morning_urls, valkey_server.url, home) as found:
        for process in ("web", "clock", "courier"):
            found.deployment.wakeups.beat(process)
        yield found
    redis.close()


def examined(*, ask_outside: bool = False) -> dict[str, Diagnosis]:
    """The worst that each check found, by name."""
    return {one.check: one for one in reversed(examine(ask_outside=ask_outside))}


def wrong() -> set[str]:
    """The checks that found something to mend."""
    return {name for name, one in examined().items() if one.health in {Health.AWAY, Health.BAD}}


def as_owner(urls: DatabaseUrls, statement: str) -> None:
    """Run a statement as the role that owns everything."""
    engine = create_engine(urls.owner)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.usefixtures("office")
def test_a_healthy_deployment_has_nothing_to_mend() -> None:
    found = examine()

    assert [one for one in found if one.health is not Health.GOOD] == []
    assert status_of(found) == 0


def test_every_bad_line_says_what_mends_it_and_stands_above_the_good_ones(office: House) -> None:
    office.deployment.wakeups.redis.flushall()
    found = examine()

    healths = [one.health for one in found]
    assert healths == sorted(healths, key=list(Health).index)
    assert {"web", "clock", "courier", *(f"runner {runtime}" for runtime in RUNTIMES)} == {
        one.check for one in found if one.health is Health.BAD
    }
    assert all(one.mend for one in found if one.health is Health.BAD)
    assert status_of(found) == 1


@pytest.mark.usefixtures("office")
def test_with_the_database_away_everything_else_is_still_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://app@127.0.0.1:{closed_port()}/chargehand")

    found = examined()

    assert found["database"].health is Health.AWAY
    assert found["record"].health is Health.UNKNOWN
    assert {found[name].health for name in ("queue", "clock", "files", "runner default")} == {Health.GOOD}
    assert status_of(examine()) == 3


@pytest.mark.usefixtures("office")
def test_with_redis_away_the_record_is_still_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{closed_port()}/0")

    found = examined()

    assert found["queue"].health is Health.AWAY
    assert {found[name].health for name in ("processes", "runner default")} == {Health.UNKNOWN}
    assert {found[name].health for name in ("database", "late", "stuck", "blocked")} == {Health.GOOD}
    assert status_of(examine()) == 3


def test_with_a_broken_lane_the_record_of_its_company_is_still_checked(
    office: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asked()
    office.wait(40)
    folder = tmp_path / "morning"
    shutil.copytree(MORNING, folder)
    lane = folder / "lanes" / "refunds" / "lane.yaml"
    lane.write_text(lane.read_text(encoding="utf-8").replace("require:", "requires:", 1), encoding="utf-8")
    monkeypatch.setenv("CHARGEHAND_BUSINESS", str(folder))

    found = examined()

    assert "lane.yaml" in found["files"].said
    assert "chargehand check" in found["files"].mend
    assert found["late task"].company == "morning"


def test_with_a_broken_company_file_its_record_is_checked_by_name(
    office: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.asked()
    office.wait(40)
    folder = tmp_path / "morning"
    shutil.copytree(MORNING, folder)
    (folder / "company.yaml").write_text("company: [", encoding="utf-8")
    monkeypatch.setenv("CHARGEHAND_BUSINESS", str(folder))

    assert "company.yaml" in examined()["files"].said
    assert examined()["record"].health is Health.UNKNOWN
    assert [one.company for one in examine(company="morning") if one.check == "late task"] == ["morning"]


@pytest.mark.usefixtures("office")
def test_a_company_that_is_not_here_is_not_taken_for_a_healthy_one() -> None:
    found = examine(company="evening")

    assert status_of(found) == 1
    assert found[0].said == "There is no company evening here."
    assert status_of(examine(company="morning")) == 0


@pytest.mark.usefixtures("office")
def test_a_role_that_lost_a_right_is_found_and_hides_no_other_check(morning_urls: DatabaseUrls) -> None:
    as_owner(morning_urls, "revoke select on effect from chargehand_app")

    assert wrong() == {"effect"}
    assert "InsufficientPrivilege" in examined()["effect"].said


@pytest.mark.usefixtures("office")
def test_a_database_of_another_revision_and_an_owner_as_the_app_are_found(
    morning_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_owner(morning_urls, "update alembic_version set version_num = '0001'")
    monkeypatch.setenv("DATABASE_URL", morning_urls.owner)

    assert wrong() >= {"migrations", "row-level security"}


def test_a_setting_that_can_not_be_used_is_the_one_thing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARGEHAND_TEST", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://app:hidden@db.example/chargehand")

    found = examine()

    assert [(one.check, one.health) for one in found] == [("settings", Health.BAD)]
    assert "db.example" in found[0].said
    assert "hidden" not in found[0].said


@pytest.mark.usefixtures("office")
def test_secrets_that_others_can_read_or_guess_and_open_checks_are_found(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong() == set()
    (home / "secrets" / "audit_key").chmod(0o644)
    monkeypatch.setenv("MAIL_INBOUND_SECRET", "changeme")
    monkeypatch.setenv("CHARGEHAND_TEST", "1")
    monkeypatch.setenv("CHARGEHAND_LISTEN", "0.0.0.0:8000")

    said = " ".join(one.said for one in examine() if one.health is Health.BAD)

    assert wrong() == {"secrets", "test"}
    assert "audit_key" in said
    assert "MAIL_INBOUND_SECRET is easily guessed" in said
    assert "changeme" not in said


@pytest.mark.usefixtures("office")
def test_a_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))

    assert wrong() == {"disk"}


def test_what_is_late_is_found_by_name(office: House) -> None:
    decision = open_decisions(office)[0]
    task = office.asked(form="late", order="2999")
    office.wait(2 * 86_400)

    found = examined()

    assert f"decision {decision}" in found["late timer"].said
    assert f"T-{task}" in found["late task"].said
    assert "late outbox" in found
    assert "late decision" not in found


SEEDED = {
    "stuck": "update task set state = 'waiting', waiting_for = 'time', due_at = null",
    "effect": """insert into effect (company, key, task, step, revision, tool, effect_class, args, because, digest,
        authority, state, intended_at) select company, 'k', number, step, 1, 'shop.refund', 'neither', '{}', '', '', '',
        'unknown', chargehand_now() from task""",
    "blocked": """insert into blocker (company, id, cause, lane, owner, sentence, action, opened_at)
        values ('morning', 'b', 'c', 'refunds', 'ruth', 'The shop is locked.', 'unlock it', chargehand_now())""",
    "delivery": """insert into delivery (company, key, source, kind, body, tries)
        values ('morning', 'slack:event:Ev1', 'slack', 'event', '{}', 8)""",
    "message": "update outbox set state = 'failed', error = 'invalid_blocks'",
}
NAMED = {
    "stuck": "T-",
    "effect": "shop.refund",
    "blocked": "Ruth Adeyemi",
    "delivery": "8 tries",
    "message": "invalid_blocks",
}


@pytest.mark.parametrize("check", SEEDED)
def test_what_only_a_person_can_mend_is_named_with_what_mends_it(office: House, check: str) -> None:
    office.asked()
    office.rows(f"{SEEDED[check]} returning 1")

    found = examined()

    assert wrong() == {check}
    assert NAMED[check] in found[check].said
    assert found[check].mend


def test_somebody_who_is_asked_and_has_left_is_found(office: House) -> None:
    decision = open_decisions(office)[0]
    office.rows(f"update person set active = false where id = '{office.approvers[0]}' returning 1")

    found = examined()

    assert wrong() == {"asked"}
    assert f"Decision {decision}" in found["asked"].said


def test_a_runner_in_a_long_shift_counts_though_redis_has_forgotten_it(office: House) -> None:
    open_shop(office)
    office.asked()
    office.rows(
        "update task set state = 'running', lease_runner = 'r', due_at = chargehand_now() + interval '9 s' returning 1"
    )
    office.deployment.wakeups.redis.delete("rq:worker:default", "rq:worker:batch")

    assert wrong() == {"runner batch"}


def installed(office: House, secret: str = SECRET) -> None:
    """The app, installed in the morning company's Slack team."""
    keep(office.deployment, team="T0MORNING", bot_user="U0CHARGE", sealed=seal("xoxb-1", secret))


GOOD = Slack(scopes="commands,chat:write,im:write,im:history,users:read,users:read.email")


@pytest.mark.parametrize(
    ("slack", "check", "said"),
    [
        (
            replace(GOOD, scopes="commands,chat:write,im:write,users:read"),
            "slack",
            "lacks im:history, users:read.email",
        ),
        (replace(GOOD, error="token_revoked"), "slack", "token_revoked"),
        (replace(GOOD, ahead_s=400.0), "slack time", "ahead of"),
        (replace(GOOD, ahead_s=-400.0), "slack time", "behind"),
    ],
)
def test_what_is_wrong_with_slack_is_said(
    office: House, monkeypatch: pytest.MonkeyPatch, slack: Slack, check: str, said: str
) -> None:
    installed(office)
    with played(slack) as url:
        monkeypatch.setenv("SLACK_API_URL", f"{url}/api/")
        found = examined(ask_outside=True)

    assert found[check].health is Health.BAD
    assert said in found[check].said


def test_a_good_slack_and_a_gateway_that_answers_are_good(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(office)
    with played(GOOD) as url:
        monkeypatch.setenv("SLACK_API_URL", f"{url}/api/")
        monkeypatch.setenv("CHARGEHAND_URL", url)
        found = examined(ask_outside=True)

    assert {found[name].health for name in ("slack", "slack time", "address", "mail")} == {Health.GOOD}


def test_what_does_not_answer_outside_is_away(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(office)
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("MAIL_FROM", "work@morning.example")
    monkeypatch.setenv("CHARGEHAND_URL", f"http://127.0.0.1:{closed_port()}")

    found = examined(ask_outside=True)

    assert {found[name].health for name in ("slack", "mail", "address")} == {Health.AWAY}


def test_a_token_sealed_with_another_secret_is_found(office: House) -> None:
    installed(office, "another-secret-altogether")

    assert "another CHARGEHAND_SECRET" in examined(ask_outside=True)["slack"].said


def test_the_report_reads_worst_first_and_ends_with_a_count(office: House, capsys: pytest.CaptureFixture[str]) -> None:
    office.deployment.wakeups.redis.delete("chargehand:beat:clock")

    with pytest.raises(typer.Exit) as left:
        doctor()
    assert left.value.exit_code == 1
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("bad")
    assert "clock" in lines[0]
    assert any("→ start it anew: chargehand clock" in line for line in lines[:4])
    assert lines[-1] == "1 thing to mend."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "STOCK_URL is not set, and company.yaml names it for stock."),
        ("mysql://u:hush@db/x", "STOCK_URL, the database of stock: its address can't be used"),
    ],
)
def test_a_declared_system_whose_variable_is_not_right_is_named(
    office: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    stock = "systems:\n  stock: {title: The stock, sql: {url: STOCK_URL}}\n"
    folder = changed_company(tmp_path, {"company.yaml": ("systems:\n", stock)})
    monkeypatch.setenv("CHARGEHAND_BUSINESS", str(folder))
    monkeypatch.setenv("STOCK_URL", value)

    found = examined()["systems"]

    assert (found.health, "hush" in found.said) == (Health.BAD, False)
    assert found.said.startswith(said)
    monkeypatch.setenv("STOCK_URL", "postgresql+psycopg://u:hush@db/x")
    assert examined()["systems"].said == "1 declared system can be spoken to."


def test_a_kept_checkpoint_that_was_cut_a_record_that_was_restored_and_none_that_is_kept_are_told_apart(
    office: House, home: Path
) -> None:
    """None that is kept proves nothing, so it is not called good; whoever keeps them elsewhere has nothing to mend."""
    office.asked()
    made = Sealer(office.deployment.database, Signer.of(AUDIT_KEY)).seal("morning")
    assert made is not None
    nowhere = examined()["checkpoints"]
    heads_of.keep_head(home, made)
    whole = examined()["checkpoints"]
    (head,) = heads_of.heads(home, "morning")
    (torn := head.with_name("2020-01-01.json")).touch()
    cut = examined()["checkpoints"]
    torn.unlink()
    heads_of.keep_head(home, replace(made, size=made.size + 1))
    restored = examined()["checkpoints"]

    assert [one.health for one in (nowhere, whole, cut, restored)] == [
        Health.UNKNOWN,
        Health.GOOD,
        Health.BAD,
        Health.BAD,
    ]
    assert str(torn) in cut.said
    assert restored.mend == "chargehand reconcile"
    assert restored.said.endswith("Nothing is worked or sent and no timer fires; 1 message on hold.")
    assert {one.company for one in (nowhere, whole, cut, restored)} == {"morning"}
