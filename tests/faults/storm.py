"""Asks for many refunds of a whole deployment while its processes are killed, and counts from outside what came of it."""

import asyncio
import json
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from chargehand.embedded import addresses
from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import TaskState
from storage.audit import broken_at, trail_of
from storage.database import Database, Unit
from storage.tasks import load
from tests.faults.asking import TEAM, Slack, approve_all, ask_for_all
from tests.faults.busy_company import busy_company
from tests.faults.ledger import Balance, Ledger, Seen, balance, open_orders, posts_in, refunds_in
from tests.faults.lightning import Lightning, Weather
from tests.stories.stack import Stack, running, until

APPROVED_ABOVE = 50_000
ENDED = ("done", "refused", "failed", "cancelled")
STALLED_S = 240.0
"""A gateway that dies again and again, and needs a database that is there when it starts, may be away for a minute or two."""
_LOOK_S = 0.5
_CARDS_A_SECOND = 1.0  # Slack's pace for one direct message


@dataclass(frozen=True, slots=True)
class Plan:
    """How many refunds in which weather, by which seed, and which share needs an approval."""

    tasks: int = 1000
    weather: Weather = field(default_factory=Weather)
    seed: int = 1
    approve_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a storm. `recovered` tasks were taken over from a dead runner, one of them `at_most` so often;
    `unresolved` have not ended.
    """

    plan: Plan
    balance: Balance
    tasks: int
    recovered: int
    at_most: int
    unresolved: int
    stuck: int
    broken_trails: int
    unanswered: int
    struck: dict[str, int]
    asking_s: float
    seconds: float
    left_over: tuple[str, ...] = ()
    """What the record says of each task that has not ended."""

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, done twice or said twice, nothing came unasked, and every trail is whole."""
        wrong = (self.balance.lost, self.balance.duplicated, self.balance.unexpected, self.balance.said_twice)
        return not any((*wrong, self.unresolved, self.stuck, self.broken_trails)) and self.tasks == self.plan.tasks

    def lines(self) -> Iterator[str]:
        """As people read it."""
        plan, found = self.plan, self.balance
        struck = ", ".join(f"{name} {count}" for name, count in sorted(self.struck.items()))
        yield f"{plan.tasks} refunds, {sum(self.struck.values())} strikes ({struck}), seed {plan.seed}"
        yield f"lost {found.lost}, duplicated {found.duplicated}, unexpected {found.unexpected}, said twice {found.said_twice}"
        yield f"recovered {self.recovered} (one {self.at_most} times), unresolved {self.unresolved}, stuck {self.stuck}, broken trails {self.broken_trails}"
        yield f"{self.unanswered} forms had to be sent again; all were taken after {self.asking_s:.0f} s"
        yield f"{self.seconds:.0f} s, {plan.tasks / self.seconds:.1f} tasks a second"
        yield from self.left_over


def storm(plan: Plan) -> Report:
    """Bring a deployment up in a folder of its own, storm it, and take it down. The folder stays, for whoever wants to know
    more, unless all holds.
    """
    home = Path(tempfile.mkdtemp(prefix="chargehand-storm-"))
    business = str(busy_company(home))
    with running(home, CHARGEHAND_BUSINESS=business, CHARGEHAND_RUNNERS="2", CHARGEHAND_SWEEP="2") as stack:
        report = _stormed(plan, stack)
    if report.holds:
        shutil.rmtree(home, ignore_errors=True)
    return report


def _stormed(plan: Plan, stack: Stack) -> Report:
    chance = random.Random(plan.seed)
    ledger = Ledger(asked=_amounts(plan, open_orders(stack.home / "shop.sqlite", plan.tasks), chance))
    redis_url = addresses.valkey(stack.home)
    lightning = Lightning(stack.process.pid, redis_url, plan.weather.drawn(chance), chance)
    began = time.monotonic()
    with _striking(lightning):
        asking_s = asyncio.run(_asked_and_ended(plan, stack, ledger, lightning))
    seconds = time.monotonic() - began
    state = until(partial(_state, stack), "the gateway after the storm")
    return Report(
        plan=plan,
        balance=balance(ledger, _seen(stack)),
        tasks=sum(state["tasks"].values()),
        unresolved=sum(count for word, count in state["tasks"].items() if word not in ENDED),
        stuck=state["stuck"],
        unanswered=ledger.unanswered,
        struck=dict(lightning.struck),
        asking_s=asking_s,
        seconds=seconds,
        **_of_the_record(stack.home),
    )


def _state(stack: Stack) -> dict[str, Any] | None:
    try:
        return stack.state()
    except httpx2.HTTPError:
        return None  # its last strike was just now


def _amounts(plan: Plan, orders: Sequence[str], chance: random.Random) -> dict[str, int]:
    """A different number of cents for each order; a share of them is above the limit."""
    large = set(chance.sample(orders, round(plan.tasks * plan.approve_share)))
    return {order: APPROVED_ABOVE * (order in large) + 100 + place for place, order in enumerate(orders)}


@contextmanager
def _striking(lightning: Lightning) -> Iterator[None]:
    thread = threading.Thread(target=lightning.run, name="lightning")
    thread.start()
    try:
        yield
    finally:
        lightning.over.set()
        thread.join()


async def _asked_and_ended(plan: Plan, stack: Stack, ledger: Ledger, lightning: Lightning) -> float:
    """Everything asked for, approved and ended, and the last kill done; the seconds that the asking took."""
    began = time.monotonic()
    async with httpx2.AsyncClient(timeout=60) as http:
        slack = Slack(stack.web, stack.sandbox, _signing_secret(stack.home), http)
        large = [order for order, cents in ledger.asked.items() if cents > APPROVED_ABOVE]
        approving = asyncio.create_task(approve_all(slack, ledger, large))
        await ask_for_all(slack, ledger)
        asking_s = time.monotonic() - began
        await _ended(plan, slack, lightning)
        approving.cancel()
        await asyncio.gather(approving, return_exceptions=True)
    return asking_s


def _signing_secret(home: Path) -> str:
    """What Slack signs with, from Slack's own side."""
    config = json.loads((home / "secrets" / "sandbox.json").read_text(encoding="utf-8"))
    return str(config["teams"][0]["signing_secret"])


async def _ended(plan: Plan, slack: Slack, lightning: Lightning) -> None:
    """Until all tasks have ended, or for a long time none has."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < STALLED_S:
        ended = await _how_many_ended(slack)
        if ended >= plan.tasks and lightning.struck.total() >= plan.weather.strikes:
            return
        if ended != last:
            last, since = ended, time.monotonic()
        await asyncio.sleep(_LOOK_S)


async def _how_many_ended(slack: Slack) -> int:
    try:
        answer = await slack.http.get(f"{slack.web}/api/v1/test/state")
        tasks = answer.json()["tasks"]
    except (httpx2.HTTPError, ValueError, KeyError):
        return -1  # the gateway was just killed
    return sum(tasks[word] for word in ENDED)


def _seen(stack: Stack) -> Seen:
    calls = httpx2.get(f"{stack.sandbox}/sandbox/api/{TEAM}/calls", params={"method": "chat.postMessage"}, timeout=60)
    return Seen(refunds_in(stack.home / "shop.sqlite"), posts_in(calls.json()))


def _of_the_record(home: Path) -> dict[str, Any]:
    """What only the record knows: how many tasks were taken over, and whether each trail is whole."""
    database = Database(addresses.database(home).app, size=1)
    with database.transaction("morning") as unit:
        often = text("select count(*) from audit_entry where event = :event group by trail order by 1 desc")
        taken = unit.connection.execute(often, {"event": Event.TAKEN_OVER}).scalars().all()
        numbers = unit.connection.execute(text("select number from task")).scalars().all()
        broken = sum(not _is_whole(unit, number) for number in numbers)
        left = unit.connection.execute(text("select number from task where ended_at is null")).scalars()
        left_over = tuple(_told(unit, number) for number in left)
    database.close()
    return {"recovered": len(taken), "at_most": max(taken, default=0), "broken_trails": broken, "left_over": left_over}


def _told(unit: Unit, number: int) -> str:
    """Where a task is, how it came there, and what was sent for it."""
    task = load(unit, number)
    entries = trail_of(unit, f"task:{number}")
    events = ", ".join(f"{entry['event']} {entry['at']:%H:%M:%S} by {entry['actor']}" for entry in entries)
    sent = unit.connection.execute(
        text("select message, state, tries, error from outbox where task = :task"), {"task": number}
    )
    return f"{task} at {unit.now}: {events}; {sent.all()}"


def _is_whole(unit: Unit, number: int) -> bool:
    row, entries = load(unit, number), trail_of(unit, f"task:{number}")
    moves = [Entry(Event(e["event"]), TaskState(e["source"]), TaskState(e["target"]), e["version"]) for e in entries]
    return broken_at(entries) is None and fold(moves) == (row.state, row.version)
