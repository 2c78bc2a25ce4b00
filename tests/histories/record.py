"""Records how tasks went under this version, as files that every later one must replay; run `python -m tests.histories.record`.

Files of earlier versions are never written again: a new version gets a folder of its own.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from chargehand.embedded import postgres, valkey
from chargehand.embedded.postgres import Postgres
from contracts.authoring import Transient
from contracts.vocabulary import ENDED, Answer, WaitingFor
from escalation.cancelling import cancel
from storage import migrate
from storage.claims import Claimant
from tests.builders import MORNING, House, house
from tests.integration.engine.dying import Reaper
from tests.integration.engine.fate import TURNS, Fate
from tests.integration.engine.prospects import ask_for, company
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import changed_company, decision_of, deploy, open_shop, press, raising
from tests.integration.escalation.asking import speak

VERSION = "0.1"
FOLDER = Path(__file__).parent / VERSION
LIFE, LIVES = "life-", range(40)
_PATIENCE = 60
_ENTRIES = "select event, source, target, version from audit_entry where trail = :trail order by seq"


def main() -> None:
    """Bring up the parts, let every story and some lives happen on databases of their own, and write what the trails say."""
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres.running(scratch / "postgres", fast=True))
        redis = stack.enter_context(valkey.running(scratch / "valkey", fast=True))
        opened = partial(_opened, server, redis.url, scratch)
        for name, (folder, happen) in STORIES.items():
            with opened(name, folder) as office:
                _write(name, _history(office, happen(office)))
        for seed in LIVES:
            with opened(f"life-{seed}", "") as office:
                _write_what_is_new(seed, [_history(office, task) for task in _live(office, seed)])


@contextmanager
def _opened(server: Postgres, redis_url: str, scratch: Path, name: str, folder: str) -> Iterator[House]:
    urls = server.create_database(f"story_{name.replace('-', '_')}")
    migrate.upgrade(urls.owner, test_clock=True)
    Redis.from_url(redis_url).flushall()
    declared = company(scratch / name / "company") if folder else MORNING
    with house(urls, redis_url, scratch / name / "home", folder=declared) as office:
        office.company = folder or office.company
        yield office


def _write_what_is_new(seed: int, lives: Sequence[dict[str, Any]]) -> None:
    seen = set[tuple[str, str]]().union(*(moves_of(found) for _, found in histories(FOLDER)))
    for ordinal, found in enumerate(lives, start=1):
        if moves_of(found) - seen:
            _write(f"{LIFE}{seed}-{ordinal}", found)
            seen |= moves_of(found)


def _live(office: House, seed: int) -> Sequence[int]:
    """What chance makes of a company; its tasks."""
    with pytest.MonkeyPatch.context() as patch:
        fate = Fate(office, open_shop(office), Reaper(patch), random.Random(seed))
        for _ in range(TURNS):
            fate.turn()
        assert fate.ends_well()
    return fate.tasks


def _history(office: House, task: int) -> dict[str, Any]:
    row = office.task(task)
    entries = [dict(entry._mapping) for entry in office.rows(_ENTRIES, trail=row.trail)]
    return {"lane": row.lane, "state": row.state, "version": row.version, "entries": entries}


def _write(name: str, found: dict[str, Any]) -> None:
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


def _wanted(lane: str, by: str, decider: str = "", **request: str) -> Callable[[House], int]:
    """A request of one of the example's other lanes; whoever decides approves, if anybody is asked."""

    def happen(office: House) -> int:
        task = office.wanted(lane, by=by, **request)
        for _ in range(3):
            office.work()
        if decider:
            press(office, task, decider)
        return _until_ended(office, task)

    return happen


def _observed(office: House) -> int:
    """The example's lane that only observes, raised: its second try is another runtime's."""
    raised = {"lanes/enrichment/lane.yaml": ("stage: 1", "stage: 3")}
    deploy(office, changed_company(office.deployment.home, raised))
    office.peer.claimant = Claimant("test-browser", "browser")
    return _until_ended(office, office.wanted("enrichment", by="tomas", prospect="P-101"))


def _said(answer: Answer, **given: Any) -> Callable[[House], int]:
    """The first approver changes it, or sends it back; whatever is asked then is approved by the second."""

    def happen(office: House) -> int:
        task = office.asked(order="1302", amount=60000)
        office.work()
        first, second = office.approvers[:2]
        speak(office, decision_of(office, task), answer, first, **given)
        office.work()
        if office.task(task).waiting_for is WaitingFor.DECISION:
            press(office, task, second)
        return _until_ended(office, task)

    return happen


def _lane_taken_out(office: House) -> int:
    task, folder = office.asked(), changed_company(office.deployment.home, {})
    shutil.rmtree(folder / "lanes" / "refunds")
    deploy(office, folder)
    office.work()
    deploy(office, MORNING)
    return _until_ended(office, task)


def _cancelled(office: House) -> int:
    task = office.asked(order="1302", amount=60000)
    office.work()
    with office.deployment.database.transaction(office.company) as unit:
        cancel(unit, task=task, person_id=office.asker, reason="not needed", via="terminal")
    return task


def _asked_otherwise(office: House) -> int:
    """Asked of people, changed by who asked, and paid without asking anybody."""
    open_shop(office)
    task = office.asked(order="1302", amount=60000)
    office.work()
    rethink(office, task, amount=3000)
    return _until_ended(office, task)


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
    "refund-asked-otherwise": ("", _asked_otherwise),
    "refund-rejected": ("", _decided(Answer.REJECT)),
    "refund-silence": ("", _asked(order="1302", amount=60000)),
    "refund-refused-by-rule": ("", _asked(order="1006", amount=100)),
    "refund-of-no-order": ("", _asked(order="9999", amount=100)),
    "refund-cancelled": ("", _cancelled),
    "refund-changed": ("", _said(Answer.CHANGE, changes={"amount": "550.00"})),
    "refund-sent-back": ("", _said(Answer.REVISE, reason="ask for the photo first")),
    "refund-lane-taken-out": ("", _lane_taken_out),
    "outreach-sent": ("", _wanted("outreach", "tomas", prospect="P-17", offer="assessment")),
    "outreach-approved": ("", _wanted("outreach", "tomas", "jonas", prospect="P-18", offer="assessment")),
    "publishing-amended": ("", _wanted("publishing", "tomas", post="71", slug="how-refunds-work")),
    "publishing-refused": ("", _wanted("publishing", "tomas", post="61", slug="too-short")),
    "triage-closed": ("", _wanted("triage", "anna", ticket="501")),
    "triage-after-a-second-look": ("", _wanted("triage", "anna", ticket="506")),
    "enrichment-by-a-browser": ("", _observed),
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


def moves_of(history: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Each event of a history with the state that it led away from."""
    return {(one["event"], one["source"]) for one in history["entries"]}


def histories(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The recorded histories below a folder, with their names."""
    for path in sorted(folder.rglob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
