"""`up` brings a machine's processes up under one parent, says where to look, and takes all of it down again."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from chargehand.embedded import addresses
from chargehand.settings import child_environment
from tests.ports import free_port

COMMAND = """
import sys, types
from chargehand import parts
from chargehand.settings import Settings
from chargehand.up import up
from contracts.company import Company

WEB = '''
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ["DATABASE_URL"].encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["TEST_PORT"])), Answer).serve_forever()
'''
IDLE = "import time; time.sleep(600)"
real = parts.ours
def ours(settings, name):
    command = [sys.executable, "-c", WEB if name == "web" else IDLE]
    part = real(settings, name)
    program = parts.Program(command=command, log=part.log, environment=parts.child_environment(settings.for_children()))
    return parts.Part(name=name, stage=part.stage, log=part.log, is_ready=part.is_ready, begin=lambda: parts.start(program))
parts.ours = ours
company = Company.model_validate_json(sys.argv[1])
sys.exit(up(Settings.load(), [types.SimpleNamespace(company=company, lanes={})]))
"""
COMPANY = {
    "company": "morning",
    "name": "The morning company",
    "currency": "USD",
    "timezone": "UTC",
    "slack_channels": {"support": ["anna"]},
    "last_resort": "anna",
    "strategy": "Keep customers",
    "workspaces": [{"id": "w", "name": "W", "portfolios": [{"id": "p", "name": "P", "manager": "anna"}]}],
    "people": [{"id": "anna", "name": "Anna K.", "email": "anna@morning.example", "role": "Support"}],
}


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Surroundings of one `up` with a home and ports of its own."""
    port = free_port()
    return child_environment(
        {
            "CHARGEHAND_HOME": str(home),
            "CHARGEHAND_URL": f"http://127.0.0.1:{port}",
            "CHARGEHAND_SANDBOX_PORT": str(free_port()),
            "TEST_PORT": str(port),
        }
    )


@contextmanager
def upped(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, json.dumps(COMPANY)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        if process.poll() is None:
            process.kill()


def read_welcome(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    welcome = "".join(process.stdout.readline() for _ in range(5))
    assert welcome, process.stderr.read()
    return welcome


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_it_says_where_to_look_and_a_signal_stops_all_of_it(environment: dict[str, str]) -> None:
    with upped(environment) as process:
        welcome = read_welcome(process)
        children = descendants(process)
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)

    assert "The morning company: 0 lanes, 0 workers, 1 person." in welcome
    assert f"Slack, as anyone   http://127.0.0.1:{environment['CHARGEHAND_SANDBOX_PORT']}/" in welcome
    assert f"What waits for you {environment['CHARGEHAND_URL']}/\n" in welcome
    assert "be Anna K., type /chargehand." in welcome
    assert len(children) >= 7
    assert status == 0
    assert not any(child.is_running() for child in children)


def test_children_get_the_apps_database_and_not_the_owners(environment: dict[str, str], home: Path) -> None:
    with upped(environment) as process:
        read_welcome(process)
        surroundings = [child.environ() for child in descendants(process) if is_ours(child)]
        process.send_signal(signal.SIGINT)
        process.wait(60)

    assert {each["DATABASE_URL"] for each in surroundings} == {addresses.database(home).app}
    assert not any("DATABASE_OWNER_URL" in each for each in surroundings)


def is_ours(child: psutil.Process) -> bool:
    """Whether it is one of those that do nothing; the database's own come and go."""
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return "time.sleep(600)" in " ".join(child.cmdline())
    return False


def test_a_killed_parent_leaves_nothing_and_the_next_start_works(environment: dict[str, str]) -> None:
    with upped(environment) as process:
        read_welcome(process)
        children = descendants(process)
        process.kill()

    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
    with upped(environment) as process:
        assert "is up" in read_welcome(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_database_and_a_queue_killed_hard_are_started_again(environment: dict[str, str], home: Path) -> None:
    with upped(environment) as process:
        read_welcome(process)
        for child in servers(process):
            child.kill()

        database, queue = addresses.database(home).app.replace("+psycopg", ""), addresses.valkey(home)
        revived = [
            answers(lambda: psycopg.connect(database).close(), psycopg.OperationalError),
            answers(lambda: redis.Redis.from_url(queue).ping(), redis.ConnectionError),
        ]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    assert revived == [True, True]


def test_a_second_one_in_the_same_home_is_told_so(environment: dict[str, str]) -> None:
    with upped(environment) as first:
        read_welcome(first)

        with upped(environment) as second:
            _, said = second.communicate(timeout=60)

        assert second.returncode == 3
        assert "already up in" in said
        first.send_signal(signal.SIGTERM)
        first.wait(60)


def test_a_taken_port_is_named_with_its_setting(environment: dict[str, str]) -> None:
    with (
        socket.create_server(("127.0.0.1", int(environment["CHARGEHAND_SANDBOX_PORT"]))),
        upped(environment) as process,
    ):
        _, said = process.communicate(timeout=60)

    assert process.returncode == 3
    assert f"Port {environment['CHARGEHAND_SANDBOX_PORT']} is taken" in said
    assert "CHARGEHAND_SANDBOX_PORT" in said


def servers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if Path(child.exe()).name in {"postgres", "valkey-server"}]


def answers(look: Callable[[], object], *gone: type[Exception]) -> bool:
    """Whether a server that was killed answers again."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(*gone):
            look()
            return True
        time.sleep(0.1)
    return False
