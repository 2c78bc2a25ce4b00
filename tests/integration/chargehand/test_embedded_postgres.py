"""The embedded PostgreSQL starts anywhere, keeps its data, and never outlives us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from chargehand.embedded import identity, postgres
from chargehand.embedded.identity import Identity
from chargehand.embedded.places import InUse
from chargehand.embedded.postgres import Postgres

PARENT = """
import pathlib, sys, time
from chargehand.embedded import postgres
with postgres.running(pathlib.Path(sys.argv[1]), fast=True):
    print("up", flush=True)
    time.sleep(60)
"""


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def server_number(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0])


def wait_until_gone(number: int, *, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while psutil.pid_exists(number) and time.monotonic() < end:
        time.sleep(0.05)
    return not psutil.pid_exists(number)


def test_what_was_written_is_there_after_a_restart(home: Path) -> None:
    with postgres.running(home, fast=True) as server, connect(server.owner_url) as connection:
        connection.execute("create table kept as select 42 as answer")

    with postgres.running(home, fast=True) as server, connect(server.owner_url) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_the_app_role_is_plain_and_owns_nothing(postgres_server: Postgres) -> None:
    urls = postgres_server.create_database("plain_role")

    with connect(urls.app) as connection:
        rights = connection.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table public.mine (id int)")

    assert rights == (False, False, False, False)


def test_the_owner_role_is_no_superuser_and_owns_its_database(postgres_server: Postgres) -> None:
    urls = postgres_server.create_database("owned")

    with connect(urls.owner) as connection:
        found = connection.execute(
            "select rolname, rolsuper, rolbypassrls from pg_database join pg_roles on datdba = pg_roles.oid"
            " where datname = current_database()"
        ).fetchone()

    assert found == ("chargehand_owner", False, False)


def test_a_wrong_password_does_not_get_in(postgres_server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=postgres_server.app_url.partition("host=")[2].partition("&")[0],
            port=5432,
            dbname="chargehand",
            user="chargehand_app",
            password="guessed",
        )


def test_a_copied_database_holds_what_its_template_held(postgres_server: Postgres) -> None:
    with connect(postgres_server.create_database("pattern").owner) as connection:
        connection.execute("create table copied as select 7 as number")

    with connect(postgres_server.create_database("copy", template="pattern").owner) as connection:
        assert connection.execute("select number from copied").fetchone() == (7,)


def test_it_starts_under_a_home_too_deep_for_a_socket(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 5)

    with postgres.running(deep, fast=True) as server, connect(server.app_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_starts_under_a_home_that_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    with postgres.running(tmp_path / "home", fast=True) as server, connect(server.app_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_second_launcher_in_one_home_is_told_that_it_is_taken(home: Path) -> None:
    with (
        postgres.running(home, fast=True),
        pytest.raises(InUse, match="belongs to another chargehand"),
        postgres.running(home, fast=True),
    ):
        pass


def test_a_first_start_killed_half_way_is_begun_again(home: Path) -> None:
    half = home / "postgres-making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18", encoding="utf-8")

    with postgres.running(home, fast=True) as server, connect(server.app_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_killed_parent_leaves_no_server(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(home)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        number = server_number(home)
        parent.send_signal(signal.SIGKILL)

    assert wait_until_gone(number)


def test_a_server_left_behind_is_stopped_and_its_data_found(home: Path) -> None:
    with postgres.running(home, fast=True) as server, connect(server.owner_url) as connection:
        connection.execute("create table kept as select 42 as answer")
        command = list(server.process.args) if isinstance(server.process.args, list) else []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as orphan:
        while not (home / "postgres" / "postmaster.pid").exists():
            time.sleep(0.02)

        with postgres.running(home, fast=True) as server, connect(server.owner_url) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)
            assert server.process.pid != orphan.pid
        assert orphan.wait(60) == 0


def test_a_process_that_took_the_old_number_is_left_alone(home: Path) -> None:
    with postgres.running(home, fast=True):
        pass
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (home / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n", encoding="utf-8")

        with pytest.raises(postgres.PostgresFailed), postgres.running(home, fast=True):
            pass

        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("without", ["_mapped", "_nobody"])
def test_root_finds_another_way_when_one_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    monkeypatch.setattr(identity, without, list)
    home = reachable(tmp_path)

    with postgres.running(home, fast=True) as server, connect(server.app_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_root_without_any_way_reads_what_would_open_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "_works", lambda *_: False)

    with pytest.raises(identity.CannotRunPostgres, match="user namespaces are off"):
        identity.find_identity(Path("/bin/true"), home)


def test_an_ordinary_user_needs_no_disguise(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert identity.find_identity(Path("/bin/true"), home) == Identity()


def reachable(folder: Path) -> Path:
    """Let others pass through pytest's private folders down to this one."""
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent.stat().st_mode & 0o011 != 0o011:
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder / "home"
