"""A Prefect flow of three tasks for each piece of work, on the local server that Prefect starts, one after the other."""

import json
import os
import sys
import tempfile
import time

home = tempfile.mkdtemp(prefix="prefect-")
os.environ |= {
    "PREFECT_HOME": home,
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
}

from prefect import flow, task  # noqa: E402 - it reads its settings when it is imported

count = int(sys.argv[1])


@task
def look(number: int) -> dict:
    """Read something."""
    return {"number": number, "seen": True}


@task
def judge(known: dict) -> dict:
    """Make something of it."""
    return {**known, "fit": True}


@task
def write(known: dict) -> dict:
    """Put it down."""
    return {**known, "written": True}


@flow
def work(number: int) -> dict:
    """The three of them."""
    return write(judge(look(number)))


work(-1)
began = time.perf_counter()
for number in range(count):
    work(number)
sys.stdout.write(json.dumps({"tasks": count, "seconds": time.perf_counter() - began}) + "\n")
