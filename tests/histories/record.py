"""Records how tasks went under this version, as files that every later one must replay; run `python -m tests.histories.record`.

Files of earlier versions are never written again: a new version gets a folder of its own.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from redis import Redis

from chargehand.embedded import postgres, valkey
from contracts.authoring import Transient
from contracts.vocabulary import ENDED, Answer
from escalation.cancelling import cancel
from storage import migrate
from tests.builders import House, house
from tests.integration.engine.prospects import ask_for, company
from tests.integration.engine.worlds import open_shop, press, raising

VERSION = "0.1"
FOLDER = Path(__file__).parent / VERSION
_PATIENCE = 60
_ENTRIES = "select event, source, target, version from audit_entry where trail = :trail order by seq"


def main() -> None:
    """Bring up the parts, let every story happen on a database of its own, and write what the trails say."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres.running(scratch / "postgres", fast=True))
        redis = stack.enter_context(valkey.running(scratch / "valkey", fast=True))
        for name, (folder, happen) in STORIES.items():
            urls = server.create_database(f"story_{name.replace('-', '_')}")
            migrate.upgrade(urls.owner, test_clock=True)
            Redis.from_url(redis.url).flushall()
            files = {"folder": company(scratch / name / "company")} if folder else {}
            with house(urls, redis.url, scratch / name / "home", **files) as office:
                office.company = folder or office.company
                _write(name, office, happen(office))


def _write(name: str, office: House, task: int) -> None:
    row = office.task(task)
    entries = [dict(entry._mapping) for entry in office.rows(_ENTRIES, trail=row.trail)]
    found = {"lane": row.lane, "state": row.state, "version": row.version, "entries": entries}
    (FOLDER / f"{name}.json").write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")


def _until_ended(office: House, task: int) -> int:
    for _ in range(_PATIENCE):
        office.work()
        if office.task(task).state in ENDED:
            break
        office.wait(1800)
        office.sweep()
    return task


def _asked(**request: Any) -> Callable[[House], int]:
    return lambda office: _until_ended(office, office.asked(**request))


def _decided(answer: Answer) -> Callable[[House], int]:
    def happen(office: House) -> int:
        task = office.asked(order="1302", amount=60000)
        office.work()
        press(office, task, office.approvers[0], answer)
        return _until_ended(office, task)

    return happen


def _cancelled(office: House) -> int:
    task = office.asked(order="1302", amount=60000)
    office.work()
    with office.deployment.database.transaction(office.company) as unit:
        cancel(unit, task=task, person_id=office.asker, reason="not needed", via="terminal")
    return task


def _troubled(**troubles: int) -> Callable[[House], int]:
    """The shop fails so often: before it takes a refund, after it, when it is looked at, or when it is read."""

    def happen(office: House) -> int:
        shop = open_shop(office)
        for when, times in troubles.items():
            getattr(shop, when).extend([raising(Transient("The shop can't be reached.", cause="shop"))] * times)
        return _until_ended(office, office.asked())

    return happen


def _unseen(office: House) -> int:
    """Paid, and never to be read back: a person is asked."""
    open_shop(office).blind_looks = 1000
    task = office.asked()
    for _ in range(_PATIENCE):
        office.work()
        office.wait(30)
    return task


def _about(lane: str, **request: str) -> Callable[[House], int]:
    return lambda office: _until_ended(office, ask_for(office, lane, "one", **request))


def _heard_no(office: House) -> int:
    _until_ended(office, ask_for(office, "lookup", "one", words="stop"))
    return _until_ended(office, ask_for(office, "writing", "two"))


STORIES: Mapping[str, tuple[str, Callable[[House], int]]] = {
    "refund-paid": ("", _asked()),
    "refund-approved": ("", _decided(Answer.APPROVE)),
    "refund-rejected": ("", _decided(Answer.REJECT)),
    "refund-silence": ("", _asked(order="1302", amount=60000)),
    "refund-refused-by-rule": ("", _asked(order="1006", amount=100)),
    "refund-of-no-order": ("", _asked(order="9999", amount=100)),
    "refund-cancelled": ("", _cancelled),
    "refund-read-again": ("", _troubled(reading=2)),
    "refund-by-a-peer": ("", _troubled(reading=5)),
    "refund-blocked-and-freed": ("", _troubled(reading=14)),
    "refund-paid-at-second-try": ("", _troubled(before=1)),
    "refund-paid-though-the-answer-was-lost": ("", _troubled(after=1)),
    "refund-looked-at-again": ("", _troubled(looking=2)),
    "refund-never-seen": ("", _unseen),
    "lookup-done": ("prospects", _about("lookup")),
    "lookup-failed": ("prospects", _about("lookup", words="fail")),
    "writing-done": ("prospects", _about("writing")),
    "writing-refused-after-a-no": ("prospects", _heard_no),
}


def histories(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The recorded histories below a folder, with their names."""
    for path in sorted(folder.rglob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
