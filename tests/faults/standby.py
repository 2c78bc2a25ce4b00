"""A second PostgreSQL that follows the first one, and takes its place."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chargehand.embedded import addresses
from chargehand.embedded.identity import find_identity
from chargehand.embedded.places import log_file, socket_folder
from chargehand.embedded.postgres import SETTINGS, STOPPING, Postgres, administrator
from chargehand.embedded.tether import Program, start, stop
from tests.stories.stack import until

_SOCKET = f".s.PGSQL.{addresses.POSTGRES_PORT}"


@dataclass(frozen=True, slots=True)
class Standby:
    """A server that follows `primary`, which commits nothing that this one has not got."""

    primary: Postgres
    home: Path

    @property
    def socket(self) -> Path:
        """Where it answers."""
        return socket_folder(self.home) / _SOCKET

    def takes_over(self) -> None:
        """The primary is gone in a moment; this one is promoted."""
        self.primary.process.send_signal(signal.SIGQUIT)
        self.primary.process.wait(60)
        with administrator(self.primary.home, at=self.home) as connection:
            connection.execute("select pg_promote()")
            connection.execute("alter system set synchronous_standby_names = ''")
            connection.execute("select pg_reload_conf()")


@contextmanager
def standby_of(primary: Postgres, programs: Path, home: Path) -> Iterator[Standby]:
    """A copy of a running server that follows it from now on, and for which every commit waits."""
    home.mkdir(parents=True)
    data, sockets = home / "postgres", socket_folder(home)
    identity = find_identity(programs / "postgres", home)
    identity.give(sockets)
    identity.give(home)
    identity.run([str(programs / "pg_basebackup"), "-d", _conninfo(primary.home), "-D", str(data), "-R", "-c", "fast"])
    options = [f"-c{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": str(sockets)}.items()]
    command = [*identity.prefix, str(programs / "postgres"), "-D", str(data), *options]
    process = start(
        Program(
            command=command,
            log=log_file(home, "postgres"),
            death_signal=signal.SIGINT,
            user=identity.user,
            group=identity.group,
        )
    )
    try:
        made = Standby(primary, home)
        _follow(made)
        yield made
    finally:
        stop(process, STOPPING)


def _follow(standby: Standby) -> None:
    """From now on the primary's commits wait for the standby."""
    with administrator(standby.primary.home) as connection:
        streaming = "select 1 from pg_stat_replication where state = 'streaming'"
        until(lambda: connection.execute(streaming).fetchall(), "the standby following")
        connection.execute("alter system set synchronous_standby_names = '*'")
        connection.execute("select pg_reload_conf()")
        synchronous = "select 1 from pg_stat_replication where sync_state = 'sync'"
        until(lambda: connection.execute(synchronous).fetchall(), "commits waiting for the standby")


def _conninfo(home: Path) -> str:
    password = addresses.passwords(home).administrator
    return (
        f"host={socket_folder(home)} port={addresses.POSTGRES_PORT} user={addresses.ADMINISTRATOR} password={password}"
    )
