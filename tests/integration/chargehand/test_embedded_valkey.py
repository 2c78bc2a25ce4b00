"""The embedded Valkey keeps what it accepted, opens no port, and never outlives us."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import redis

from chargehand.embedded import addresses, valkey
from chargehand.embedded.places import InUse
from chargehand.embedded.valkey import Valkey

PARENT = """
import pathlib, sys, time
from chargehand.embedded import valkey
with valkey.running(pathlib.Path(sys.argv[1])) as server:
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


def test_what_was_accepted_is_there_after_a_hard_kill(home: Path) -> None:
    with valkey.running(home) as server, redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        server.process.kill()
        server.process.wait()

    with valkey.running(home) as server, redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"


def test_it_listens_on_no_port(valkey_server: Valkey) -> None:
    assert psutil.Process(valkey_server.process.pid).net_connections("inet") == []


def test_it_asks_for_the_password(valkey_server: Valkey) -> None:
    path = valkey_server.url.rpartition("@")[2].partition("?")[0]

    with redis.Redis(unix_socket_path=path) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_its_password_is_not_on_its_command_line(home: Path) -> None:
    with valkey.running(home) as server:
        words = psutil.Process(server.process.pid).cmdline()

    assert not any(addresses.valkey_password(home) in word for word in words)


def test_a_second_launcher_in_one_home_is_told_that_it_is_taken(home: Path) -> None:
    with valkey.running(home), pytest.raises(InUse, match="belongs to another chargehand"), valkey.running(home):
        pass


def test_a_killed_parent_leaves_no_server(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(home)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    end = time.monotonic() + 60
    while psutil.pid_exists(number) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(number)


def test_a_server_left_behind_is_stopped_and_its_data_found(home: Path) -> None:
    with valkey.running(home) as server:
        command = list(server.process.args) if isinstance(server.process.args, list) else []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as orphan:
        said_to_the_orphan(home)

        with valkey.running(home) as server, redis.Redis.from_url(server.url) as client:
            assert client.get("kept") == b"yes"
        assert orphan.wait(60) == 0


def said_to_the_orphan(home: Path) -> None:
    with redis.Redis.from_url(addresses.valkey(home)) as client:
        for _ in range(3000):
            try:
                client.set("kept", "yes")
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
