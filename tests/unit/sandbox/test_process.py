"""The sandbox as a process: one line when it is ready, and gone promptly when told to stop."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.ports import free_port
from tests.unit.sandbox.playing import TEAM, TOKEN, config


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_serves_and_stops_when_it_is_told(tmp_path: Path, stop: signal.Signals) -> None:
    file, port = tmp_path / "teams.json", free_port()
    file.write_text(config("http://127.0.0.1:9/slack/events").model_dump_json())
    command = [sys.executable, "-m", "sandbox", "--config", str(file), "--port", str(port)]
    command += ["--state", str(tmp_path / "slack.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        answer = httpx2.post(f"http://127.0.0.1:{port}/api/auth.test", data={"token": TOKEN}, timeout=60).json()

        began = time.monotonic()
        process.send_signal(stop)
        said, complaints = process.communicate(timeout=60)

    assert ready == f"sandbox ready on http://127.0.0.1:{port}/\n"
    assert answer["team_id"] == TEAM
    assert (said, complaints, process.returncode) == ("", "", 0)
    assert time.monotonic() - began < 30


def test_a_wrong_configuration_is_named_and_nothing_starts(tmp_path: Path) -> None:
    file = tmp_path / "teams.json"
    file.write_text(json.dumps({"teams": [{"id": "T1", "colour": "red"}]}))

    run = subprocess.run(
        [sys.executable, "-m", "sandbox", "--config", str(file), "--port", "1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "teams.json" in run.stderr
    assert "colour" in run.stderr
