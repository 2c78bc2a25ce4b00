"""Measures a whole Chargehand under `up`: acknowledgements, delays when idle, memory of its processes."""

import hashlib
import hmac
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx2
import psutil
import psycopg

from chargehand.embedded import addresses
from tests.stories.stack import TEAM, Stack, running, until

ACKNOWLEDGEMENTS, A_SECOND, FORMS = 500, 50, 30
WARM_ACKNOWLEDGEMENTS, WARM_FORMS = 50, 4
"""Acknowledgements and forms that are not counted: a process makes its connections and compiles its statements once."""
QUIET_S = 1.0
"""How long a form is filled in, and how long its task is left alone: whatever looks at it takes its share of the machine."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each try, and MiB of each process."""

    acknowledged_ms: list[float]
    started_ms: list[float]
    done_ms: list[float]
    memory_mib: dict[str, float]


def house() -> Measured:
    """Bring the example company up, measure it, take it down."""
    with TemporaryDirectory(prefix="chargehand-bench-") as folder, running(Path(folder) / "home") as stack:
        secret = (stack.home / "secrets" / "sandbox-signing-secret").read_text().strip()
        _acknowledge(stack, secret, WARM_ACKNOWLEDGEMENTS)
        acknowledged = _acknowledge(stack, secret, ACKNOWLEDGEMENTS)
        started, done = _delays(stack)
        return Measured(acknowledged, started, done, _memory(stack))


def _acknowledge(stack: Stack, secret: str, count: int) -> list[float]:
    found = []
    with httpx2.Client() as client:
        for _ in range(count):
            began = time.perf_counter()
            body, headers = _signed_event(secret)
            answer = client.post(f"{stack.web}/slack/events", content=body, headers=headers)
            took = time.perf_counter() - began
            answer.raise_for_status()
            found.append(took * 1000)
            time.sleep(max(0.0, 1 / A_SECOND - took))
    return found


def _signed_event(secret: str) -> tuple[bytes, dict[str, str]]:
    """An event that is kept and leads to nothing (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
    event = {"type": "reaction_added", "user": "U0ANNA", "reaction": "eyes", "event_ts": "1.1"}
    outer = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{uuid4().hex}", "event": event}
    body = json.dumps(outer).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    return body, {**headers, "Content-Type": "application/json"}


def _delays(stack: Stack) -> tuple[list[float], list[float]]:
    """From the kept submission to the first attempt and to the end, by the record's own clock."""
    for number in range(WARM_FORMS + FORMS):
        stack.shop("insert into orders values (?, 'Bench', 'paid', 5000, 1793491200)", str(700000 + number))
        view = stack.form()
        time.sleep(QUIET_S)
        stack.submit("U0ANNA", view, order=str(700000 + number), amount="42.00")
        time.sleep(QUIET_S)
        until(partial(_ended, stack, number + 1), "the task done")
    query = """
        select extract(epoch from (a.started - d.received_at)) * 1000, extract(epoch from (t.ended_at - d.received_at)) * 1000
        from task t join delivery d on d.company = t.company and d.reference = 'T-' || t.number
        join (select company, task, min(started_at) as started from attempt group by 1, 2) a
            on a.company = t.company and a.task = t.number
        order by t.number
    """
    with psycopg.connect(addresses.database(stack.home).owner.replace("+psycopg", "")) as connection:
        rows = connection.execute(query).fetchall()[WARM_FORMS:]
    return [float(row[0]) for row in rows], [float(row[1]) for row in rows]


def _ended(stack: Stack, count: int) -> bool:
    return int(stack.state()["tasks"]["done"]) >= count


def _memory(stack: Stack) -> dict[str, float]:
    """Unique memory of each process; the largest where several have one name."""
    found: dict[str, float] = {}
    for child in psutil.Process(stack.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a session of the database that has ended meanwhile
            words = child.cmdline()
            if "chargehand" in words:
                name = words[-1] if child.ppid() == stack.process.pid else f"{words[-1]} (one of its pool)"
                found[name] = max(found.get(name, 0.0), child.memory_full_info().uss / 2**20)
    return found
