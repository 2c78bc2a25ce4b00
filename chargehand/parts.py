"""The processes that `up` keeps alive: how each is started, when it is ready, how it is stopped."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from chargehand.embedded import postgres, valkey
from chargehand.embedded.places import log_file
from chargehand.embedded.tether import Program, start
from chargehand.kept import note
from chargehand.sandbox_config import sandbox_config
from chargehand.settings import Settings, child_environment
from chargehand.supervisor import Part
from contracts.company import Company

OURS = ("web", "runner", "clock", "courier")
DATABASE, QUEUE, SANDBOX, WORKING = range(4)  # stages: the highest stops first, the database last
PYTHON = (sys.executable, "-P")  # without the folder we stand in: it may hold packages named like ours
SOON = ((signal.SIGTERM, 1.0),)


def servers(settings: Settings) -> list[Part]:
    """The embedded Valkey and PostgreSQL, unless others were named; they are ready when begun."""
    home = settings.home
    queue = Part(
        name="valkey",
        stage=QUEUE,
        log=log_file(home, "valkey"),
        begin=lambda: valkey.begin(home).process,
        stopping=valkey.STOPPING,
    )
    database = Part(
        name="postgres",
        stage=DATABASE,
        log=log_file(home, "postgres"),
        begin=lambda: postgres.begin(home).process,
        stopping=postgres.STOPPING,
    )
    chosen = ((queue, settings.redis_is_embedded), (database, settings.database_is_embedded))
    return [part for part, is_embedded in chosen if is_embedded]


def sandbox(settings: Settings, companies: Sequence[Company]) -> Part:
    """Slack's side, played on the sandbox's port."""
    document = json.dumps(sandbox_config(companies, settings))
    config = note(settings.home, "sandbox.json", document)
    words = ("--config", str(config), "--port", str(settings.sandbox_port), *_mail_server(settings))
    state = str(settings.home / "sandbox.sqlite")
    return Part(
        name="sandbox",
        stage=SANDBOX,
        log=log_file(settings.home, "sandbox"),
        begin=_beginning(settings, "sandbox", [*PYTHON, "-m", "sandbox", *words, "--state", state], environment={}),
        is_ready=partial(listens, ("127.0.0.1", settings.sandbox_port)),
        stopping=SOON,
    )


def working(settings: Settings) -> tuple[str, ...]:
    """The Procfile's processes that these settings ask for."""
    return (*OURS, "mail") if settings.mail_listen else OURS


def in_turn(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The same in two turns: what nobody needs in the first second leaves the processor to what people wait for."""
    second = ("clock", "mail")
    names = working(settings)
    return tuple(name for name in names if name not in second), tuple(name for name in names if name in second)


def _mail_server(settings: Settings) -> tuple[str, ...]:
    """The port that SMTP_URL names, when it is the sandbox's."""
    if not settings.plays_mail or settings.smtp_url is None:
        return ()
    return ("--smtp-port", str(urlsplit(settings.smtp_url.get_secret_value()).port))


def ours(settings: Settings, name: str) -> Part:
    """One of the Procfile's processes."""
    command = [*PYTHON, "-m", "chargehand", name]
    return Part(
        name=name,
        stage=WORKING,
        log=log_file(settings.home, name),
        begin=_beginning(settings, name, command, environment=settings.for_children()),
        is_ready=partial(answers, settings.listens_on, "/readyz") if name == "web" else lambda: True,
    )


def answers(address: tuple[str, int], path: str) -> bool:
    """Whether a process of this machine answers 200 there; no proxy is asked."""
    host, port = address
    connection = http.client.HTTPConnection("127.0.0.1" if host in {"", "0.0.0.0"} else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(address: tuple[str, int]) -> bool:
    """Whether a process of this machine takes connections there."""
    try:
        with socket.create_connection(address, timeout=2):
            return True
    except OSError:
        return False


def _beginning(
    settings: Settings, name: str, command: Sequence[str], *, environment: Mapping[str, str]
) -> Callable[[], subprocess.Popen[bytes]]:
    surroundings = child_environment({"PYTHONUNBUFFERED": "1", **environment})
    program = Program(command=command, log=log_file(settings.home, name), environment=surroundings)
    return lambda: start(program)
