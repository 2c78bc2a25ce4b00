"""`chargehand audit`: what it exports others can verify alone, and what was changed it names with status 1."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result

from chargehand import verify_certificate
from chargehand.cli import app
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.growing_log import NotThatLog, follow
from chargehand.heads import heads, keep_head
from chargehand.settings import Settings
from chargehand.verify_audit import Wrong
from storage.certifying import NotCertified
from storage.checkpoints import NotAKey, Signer
from storage.sealed import sealed_since
from storage.sealing import Sealer
from storage.tasks import TaskNotFound
from tests.architecture.sources import ROOT
from tests.builders import AUDIT_KEY, House

PROGRAM = ROOT / "chargehand" / "verify_audit.py"
CERTIFICATES = ROOT / "chargehand" / "verify_certificate.py"


@pytest.fixture
def run(office: House, monkeypatch: pytest.MonkeyPatch) -> "Run":
    """The commands work on this house, with one finished task, sealed."""
    office.asked()
    office.work()
    made = Sealer(office.deployment.database, Signer.of(AUDIT_KEY)).seal(office.company)
    assert made is not None
    keep_head(office.deployment.home, made)
    found = Settings.model_validate({"CHARGEHAND_AUDIT_KEY": SecretStr(AUDIT_KEY)})
    monkeypatch.setattr(Settings, "load", lambda: found)
    monkeypatch.setattr(
        "chargehand.commands.opening.opened", lambda company: nullcontext((office.deployment, office.company))
    )
    return Run()


class Run:
    """One command with its words."""

    def __call__(self, *words: str) -> Result:
        """What it said."""
        return CliRunner().invoke(app, ["audit", *words])


def test_an_export_is_verified_by_us_and_by_the_program_alone(office: House, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    (head,) = heads(office.deployment.home, office.company)

    exported = run("export", str(file))
    verified = run("verify", str(file), "--checkpoint", str(head))
    command = [sys.executable, "-I", str(PROGRAM), str(file), "--checkpoint", str(head)]
    alone = subprocess.run(command, capture_output=True, text=True, check=False, env={})

    lines = file.read_text().splitlines()
    assert exported.stdout == f"{len(lines)} lines in {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert verified.stdout.startswith(f"Whole: {len(lines) - 2} entries of morning, sealed up to ")
    assert (alone.returncode, alone.stdout) == (0, verified.stdout)


def alone(file: Path, *words: str) -> tuple[int, str]:
    """What the program says that others run without us."""
    command = [sys.executable, "-I", str(CERTIFICATES), str(file), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    return done.returncode, done.stdout + done.stderr


def test_a_certificate_of_a_task_is_verified_by_us_and_by_the_program_alone(
    office: House, run: Run, tmp_path: Path
) -> None:
    file, key = tmp_path / "T-1001.json", Signer.of(AUDIT_KEY).public
    office.asked(order="1235", form="another")
    office.work()
    office.seal()

    certified, verified = run("certify", "T-1001", str(file)), run("verify", str(file))
    as_json = json.loads(run("verify", str(file), "--json").stdout)

    document = json.loads(file.read_text())
    many = office.rows("select count(*) as many from audit_entry where trail = 'task:1001'")[0].many
    assert certified.stdout == f"All {many} entries of T-1001 in {file}.\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert verified.stdout.startswith(f"Whole: all {many} entries of T-1001 of morning until ")
    assert (as_json["whole"], as_json["task"], as_json["length"]) == (True, "T-1001", many)
    assert {entry["trail"] for entry in document["entries"]} == {"task:1001"}
    assert len(document["entries"][0]["path"]) > 2
    assert alone(file, "--key", key, "--task", "T-1001", "--company", "morning") == (0, verified.stdout)


def test_a_certificate_that_was_altered_or_is_anothers_is_refused_with_status_1(
    office: House, run: Run, tmp_path: Path
) -> None:
    file, key = tmp_path / "T-1001.json", Signer.of(AUDIT_KEY).public
    run("certify", "T-1001", str(file))
    text = file.read_text()

    other = alone(file, "--key", key, "--task", "T-1002")
    elsewhere = alone(file, "--key", key, "--company", "evening")
    file.write_text(text.replace("The parcel was lost", "The parcel was sold"))
    altered, refused = alone(file, "--key", key), run("verify", str(file))
    as_json = run("verify", str(file), "--json")

    assert other == (1, "WRONG: The certificate is about T-1001, not about T-1002.\n")
    assert elsewhere == (1, "WRONG: The certificate is of another company: morning, not evening.\n")
    assert altered == (1, "WRONG: The content of entry 1 (accepted) was changed.\n")
    assert isinstance(refused.exception, verify_certificate.Wrong)
    assert (as_json.exit_code, json.loads(as_json.stdout)["whole"]) == (1, False)


def test_nothing_is_certified_of_a_task_that_is_not_sealed_or_not_there(
    office: House, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "certificate.json"
    task = office.asked(order="1235", form="another")

    unsealed, unknown = run("certify", f"T-{task}", str(file)), run("certify", "T-77", str(file))

    assert isinstance(unsealed.exception, NotCertified)
    assert "not sealed yet" in str(unsealed.exception)
    assert isinstance(unknown.exception, TaskNotFound)
    assert not file.exists()


def test_erased_content_is_not_certified_and_the_rest_is(office: House, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "T-1001.json"
    office.rows("update audit_entry set salt = null, content = null where trail = 'task:1001' returning 1")

    run("certify", "T-1001", str(file))

    assert "The parcel was lost" not in file.read_text()
    assert alone(file)[0] == 0
    assert json.loads(run("verify", str(file), "--json").stdout)["erased"] == 8


def test_a_followed_log_grows_with_what_is_sealed_and_survives_a_cut(office: House, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    rounds: list[bool] = []

    def goes_on(answered: bool) -> bool:
        rounds.append(answered)
        office.asked(order=f"200{len(rounds)}", form=f"f{len(rounds)}")
        office.work()
        office.seal()
        office.asked(order=f"300{len(rounds)}", form=f"g{len(rounds)}")  # not sealed yet
        return len(rounds) < 3

    follow(office.deployment.database, office.company, file, goes_on=goes_on)
    before = file.read_bytes()
    with file.open("ab") as out:  # a crash in the middle of the next chunk
        out.write(b'{"kind":"entry","position":12,"at":"2026-')
    follow(office.deployment.database, office.company, file, goes_on=lambda _: False)

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert rounds == [True, True, True]
    assert file.read_bytes().startswith(before)
    assert len(file.read_bytes()) > len(before)
    assert [line["position"] for line in lines if line["kind"] == "entry"] == list(range(lines[-1]["size"]))
    assert lines[-1]["kind"] == "checkpoint"
    assert run("verify", str(file)).stdout.startswith(f"Whole: {lines[-1]['size']} entries of morning")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"", b'{"ki', b'{"kind":"log","format":"chargehand au'])
def test_a_log_that_a_crash_has_cut_in_its_first_line_begins_anew(
    office: House, run: Run, tmp_path: Path, left: bytes
) -> None:
    file = tmp_path / "trail.jsonl"
    file.write_bytes(left)

    follow(office.deployment.database, office.company, file, goes_on=lambda _: False)

    assert run("verify", str(file)).stdout.startswith("Whole: ")


def test_a_log_grows_into_no_file_of_somebody_elses(office: House, run: Run, tmp_path: Path) -> None:
    other, busy = tmp_path / "notes.txt", tmp_path / "trail.jsonl"
    other.write_text("Dear diary\n")

    def twice(_: object) -> bool:
        with pytest.raises(NotThatLog, match="Another process writes"):
            follow(office.deployment.database, office.company, busy, goes_on=lambda _: False)
        return False

    with pytest.raises(NotThatLog, match="does not begin as an audit log of morning does"):
        follow(office.deployment.database, office.company, other, goes_on=lambda _: False)
    follow(office.deployment.database, office.company, busy, goes_on=twice)

    assert other.read_text() == "Dear diary\n"


def test_a_log_waits_for_a_database_that_is_away(
    office: House, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, answers = tmp_path / "trail.jsonl", iter([True, False])

    def away(*_: object) -> Generator[dict[str, object], None, None]:
        if next(answers):
            raise OperationalError("select", {}, Exception("away"))
        yield from sealed_since(office.deployment.database, office.company, None)

    monkeypatch.setattr("chargehand.growing_log.sealed_since", away)
    heard: list[bool] = []

    def goes_on(answered: bool) -> bool:
        heard.append(answered)
        return not answered

    follow(office.deployment.database, office.company, file, goes_on=goes_on)

    assert heard == [False, True]
    assert run("verify", str(file)).exit_code == 0


def test_erased_content_is_not_exported_and_the_rest_verifies(office: House, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    office.rows("update audit_entry set salt = null, content = null where trail = 'task:1001' returning 1")

    run("export", str(file))
    verified = json.loads(run("verify", str(file), "--json").stdout)

    assert "The parcel was lost" not in file.read_text()
    assert (verified["whole"], verified["erased"]) == (True, 8)


def test_what_was_changed_in_the_database_is_named(office: House, run: Run, morning_urls: DatabaseUrls) -> None:
    whole = run("verify", "--live")
    engine = create_engine(morning_urls.owner)
    with engine.begin() as connection:
        connection.execute(text("update audit_entry set actor = 'person:mei' where trail = 'task:1001' and seq = 3"))
    engine.dispose()
    changed, as_json = run("verify", "--live"), run("verify", "--live", "--json")

    assert whole.stdout.startswith("Whole: ")
    assert isinstance(changed.exception, Wrong)
    assert "entry 3 of task:1001" in str(changed.exception).lower()
    assert (as_json.exit_code, json.loads(as_json.stdout)["whole"]) == (1, False)


def test_a_cut_tail_is_found_by_the_head_that_the_clock_keeps_in_home(
    office: House, run: Run, morning_urls: DatabaseUrls
) -> None:
    engine = create_engine(morning_urls.owner)
    with engine.begin() as connection:
        for table in ("audit_checkpoint", "audit_leaf", "audit_entry"):
            connection.execute(text(f"delete from {table}"))
    engine.dispose()

    assert "tail is cut" in str(run("verify", "--live").exception)


def test_a_key_that_is_none_is_refused_without_showing_it() -> None:
    for text_of_key in ("", "x", "c2hvcnQ=", AUDIT_KEY + AUDIT_KEY):
        with pytest.raises(NotAKey) as caught:
            Signer.of(text_of_key)
        assert text_of_key == "" or text_of_key not in str(caught.value).split()
