"""A gateway killed around the receipt: who heard yes has a row, and the row becomes what it should."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from tests.integration.gateway.world import SECRET, SIGNING, TOKEN, World, eventually
from tests.ports import free_port

FILLED = {"order": "1234", "amount": "42.00", "reason": "The parcel was lost."}


@pytest.fixture
def environment(world: World, morning_urls: DatabaseUrls, valkey_server: Valkey, tmp_path: Path) -> dict[str, str]:
    """What a gateway's process is told."""
    home = tmp_path / "killed"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "TMPDIR": os.environ["TMPDIR"],
        "CHARGEHAND_TEST": "1",
        "CHARGEHAND_HOME": str(home),
        "CHARGEHAND_SECRET": SECRET,
        "DATABASE_URL": morning_urls.app,
        "REDIS_URL": valkey_server.url,
        "SLACK_API_URL": f"{world.slack}/api/",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING,
    }


@contextmanager
def _process(world: World, environment: dict[str, str]) -> Iterator[tuple[World, subprocess.Popen[bytes]]]:
    """A gateway in a process of its own, and the same world seen through it."""
    address = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "chargehand", "web"], env=environment | {"CHARGEHAND_URL": address}
    )
    try:
        assert eventually(lambda: _is_ready(world, address))
        yield replace(world, gateway=address), process
    finally:
        process.kill()
        process.wait(60)


def _is_ready(world: World, address: str) -> bool:
    try:
        return bool(world.http.get(f"{address}/readyz").status_code == 200)
    except httpx2.TransportError:
        return False


def _taken(world: World) -> httpx2.Response | None:
    """The same form once more; a gateway whose machine was busy for seconds says that it has to be sent again."""
    answer = world.submit("U0ANNA", "request.form", {"lane": "refunds"}, view_id="V1", **FILLED)
    return answer if answer.status_code == 200 else None


@pytest.mark.parametrize(("failpoint", "kept"), [("gateway.before_receipt", 0), ("gateway.after_receipt", 1)])
def test_what_was_not_answered_with_yes_is_sent_again_and_becomes_one_task(
    world: World, environment: dict[str, str], failpoint: str, kept: int
) -> None:
    armed = environment | {"CHARGEHAND_FAILPOINT": failpoint}
    with _process(world, armed) as (dying, process):
        with pytest.raises(httpx2.TransportError):
            dying.submit("U0ANNA", "request.form", {"lane": "refunds"}, view_id="V1", **FILLED)
        assert process.wait(60) == -signal.SIGKILL
    assert world.count("delivery") == kept

    with _process(world, armed) as (again, _):
        answer = eventually(lambda: _taken(again))
        made = eventually(lambda: world.count("task"))

    assert answer.json() == {"response_action": "clear"}
    assert made == 1
    assert [row.became for row in world.rows()] == ["task"]
