"""A shop in memory that misbehaves on demand, and copies of the example company with something changed."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargehand.composition import load_businesses, publish_all
from contracts.authoring import Seen, effect, reads
from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import Answer, TaskState
from engine.deployment import Deployment
from escalation.decisions import Outcome, Voice, decide
from storage.audit import broken_at, trail_of
from storage.claims import Claimant
from tests.builders import MORNING, House


@dataclass(slots=True)
class Refund:
    """A refund that the world has taken."""

    order: str
    amount: int
    reason: str
    key: str


ONLY_REFUNDS = {f"lanes/{lane}/lane.yaml": ("stage: 3", "stage: 1") for lane in ("outreach", "publishing", "triage")}
"""Changes of the example company that leave one lane at work, and so one portfolio to tell of."""

Trouble = Callable[[], None]


def nothing() -> None:
    """No trouble."""


@dataclass(slots=True)
class Shop:
    """Any order exists and cost 2,000.00 USD; `before`, `after` and `looking` raise what the test wants.

    `tells` makes of an order what a read of it returns.
    """

    refunds: list[Refund] = field(default_factory=list)
    before: list[Trouble] = field(default_factory=list)
    after: list[Trouble] = field(default_factory=list)
    looking: list[Trouble] = field(default_factory=list)
    reading: list[Trouble] = field(default_factory=list)
    tells: Callable[[dict[str, Any]], Any] = dict
    orders_read: int = 0
    blind_looks: int = 0
    shows: Mapping[str, Any] = field(default_factory=dict)
    performs: int = 0
    looks: int = 0

    @reads()
    def order(self, *, number: str) -> Any:
        """An order that was paid."""
        _next(self.reading)
        self.orders_read += 1
        return self.tells(
            {
                "number": number,
                "customer": "Ada",
                "status": "paid",
                "paid": 200000,
                "paid_at": 1793491200,
                "refunded": 0,
            }
        )

    @effect("readable", look="refund_by_key", blast="spending", timeout_s=5.0, settle_s=1.0)
    def refund(self, *, order: str, amount: int, reason: str = "", key: str) -> dict[str, Any]:
        """Take a refund."""
        self.performs += 1
        _next(self.before)
        self.refunds.append(Refund(order, amount, reason, key))
        _next(self.after)
        return {"reference": str(len(self.refunds)), "amount": amount, "at": int(time.time())}

    def refund_by_key(self, *, key: str, **_: object) -> Seen | None:
        """The refund of a key, once the world shows it."""
        self.looks += 1
        _next(self.looking)
        found = [i for i, one in enumerate(self.refunds, start=1) if one.key == key]
        if not found or self.looks <= self.blind_looks:
            return None
        one = self.refunds[found[0] - 1]
        args = {"order": one.order, "amount": one.amount, "reason": one.reason} | dict(self.shows)
        return Seen(str(found[0]), args, 1793491200)


def _next(troubles: list[Trouble]) -> None:
    if troubles:
        troubles.pop(0)()


def raising(error: BaseException) -> Trouble:
    """Trouble that is one error."""

    def trouble() -> None:
        raise error

    return trouble


def open_shop(office: House) -> Shop:
    """Put a shop in memory in the place of the one on disk."""
    shop = Shop()
    for runner in (office.runner, office.peer):
        runner.systems[office.company]["shop"] = shop
    return shop


def changed_company(home: Path, changes: Mapping[str, tuple[str, str]]) -> Path:
    """A copy of the example company in which, by file, one text stands for another."""
    folder = home / "company"
    shutil.copytree(MORNING, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (old, new) in changes.items():
        path = folder / name
        text = path.read_text()
        assert old in text, (name, old)
        path.write_text(text.replace(old, new))
    return folder


def deploy(office: House, folder: Path) -> None:
    """Deploy another version of the company's files to the running house."""
    businesses, sources = load_businesses([folder])
    was = office.deployment
    office.deployment = Deployment(was.database, businesses, sources, was.wakeups, was.home)
    for runner in (office.runner, office.peer):
        runner.deployment = office.deployment
    publish_all(office.deployment)


def next_runner(office: House, name: str) -> None:
    """Another runner takes the place of the one before."""
    office.runner.claimant = Claimant(name, "default")
    office.peer.claimant = Claimant(f"{name}-batch", "batch")


def decision_of(office: House, task: int) -> int:
    """The newest decision of a task."""
    query = "select max(number) as number from decision where task = :task"
    found: int = office.rows(query, task=task)[0].number
    return found


def press(office: House, task: int, person: str, answer: Answer = Answer.APPROVE) -> Outcome:
    """A person's press on the newest card of a task."""
    decision = decision_of(office, task)
    with office.deployment.database.transaction(office.company) as unit:
        return decide(unit, Voice(decision, person, answer, None, "slack", None))


def assert_trail_is_whole(office: House, task: int) -> list[Event]:
    """The trail folds to the row and its chain is intact; returns its events."""
    row = office.task(task)
    with office.deployment.database.transaction(office.company) as unit:
        entries = trail_of(unit, row.trail)
    moves = [Entry(Event(e["event"]), TaskState(e["source"]), TaskState(e["target"]), e["version"]) for e in entries]
    assert broken_at(entries) is None
    assert fold(moves) == (row.state, row.version)
    assert (row.trail_seq, row.trail_hash) == (entries[-1]["seq"], entries[-1]["hash"])
    return [move.event for move in moves]


def stuck(office: House) -> list[int]:
    """The tasks that nothing would ever move."""
    with office.deployment.database.unbound() as connection:
        return [row.number for row in connection.exec_driver_sql("select number from stuck_tasks()")]
