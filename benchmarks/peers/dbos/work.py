"""A DBOS workflow of three steps for each piece of work, its state in PostgreSQL, one after the other in one process."""

import json
import sys
import time

from dbos import DBOS

count, url, _ = int(sys.argv[1]), sys.argv[2], sys.argv[3]
DBOS(config={"name": "work", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})


@DBOS.step()
def look(number: int) -> dict:
    """Read something."""
    return {"number": number, "seen": True}


@DBOS.step()
def judge(known: dict) -> dict:
    """Make something of it."""
    return {**known, "fit": True}


@DBOS.step()
def write(known: dict) -> dict:
    """Put it down."""
    return {**known, "written": True}


@DBOS.workflow()
def work(number: int) -> dict:
    """The three of them."""
    return write(judge(look(number)))


DBOS.launch()
work(-1)
began = time.perf_counter()
for number in range(count):
    work(number)
seconds = time.perf_counter() - began
DBOS.destroy()
sys.stdout.write(json.dumps({"tasks": count, "seconds": seconds}) + "\n")
