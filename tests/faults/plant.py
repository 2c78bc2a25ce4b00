"""A deployment whose processes a test holds in its hand, with Slack played beside it and the shop as the witness."""

import json
import os
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx2
from sqlalchemy import text

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.heads import heads
from chargehand.verify_audit import verify
from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import TaskState
from engine.why import why
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from storage import migrate
from storage.audit import broken_at, trail_of
from storage.database import Database
from storage.sealed import documents
from storage.tasks import Task, load
from tests.builders import MORNING, build_world
from tests.faults.busy_company import busy_company
from tests.faults.crew import Crew
from tests.integration.gateway.world import SECRET, SIGNING, TOKEN, team_config
from tests.ports import free_port
from tests.stories.stack import Stack, until
from tests.unit.sandbox.playing import PATIENT

CHANNEL = "C0SUPPORT"
PAID = 100_000
TAKES = {"claimed", "taken_over"}
DOUBT_S = 25.0


@dataclass(slots=True)
class Plant:
    """`stack` drives it as people do; `crew` are its processes; `database` is the record, read past them."""

    stack: Stack
    crew: Crew
    database: Database
    offset_s: float = 0.0
    orders: int = 5000

    def order(self) -> str:
        """A new paid order in the shop; its number."""
        self.orders += 1
        with closing(sqlite3.connect(self.stack.home / "shop.sqlite", isolation_level=None, timeout=60)) as shop:
            shop.execute("insert into orders values (?, 'Somebody', 'paid', ?, 1793491200)", (str(self.orders), PAID))
        return str(self.orders)

    @contextmanager
    def locked_shop(self, lock: str = "exclusive") -> Iterator[None]:
        """Nobody can read or write the shop; with "immediate", nobody can write it."""
        with closing(sqlite3.connect(self.stack.home / "shop.sqlite", isolation_level=None, timeout=60)) as shop:
            shop.execute(f"begin {lock}")
            yield
            shop.execute("rollback")

    def later(self, seconds: float) -> None:
        """Move the time of the record and of Slack on, as soon as there is a gateway to do it."""
        self.offset_s += seconds
        until(self._moved, "the clocks moved")

    def _moved(self) -> bool:
        try:
            self.stack.wait(self.offset_s)
        except httpx2.HTTPError:
            return False
        return True

    def task(self, order: str) -> Task | None:
        """The only task on an order, if there is one."""
        with self.database.transaction("morning") as unit:
            query = text("select number from task where subject = :subject")
            found = list(unit.connection.execute(query, {"subject": f"order {order}"}).scalars())
            assert len(found) <= 1, found
            return load(unit, found[0]) if found else None

    def ended(self, order: str) -> Task:
        """The task on an order, once it is done."""

        def done() -> Task | None:
            task = self.task(order)
            return task if task is not None and task.state is TaskState.DONE else None

        return until(done, f"the task on {order} done")

    def is_answering(self) -> bool:
        """Whether the gateway is ready."""
        try:
            return self.stack.client.get(f"{self.stack.web}/readyz").status_code == 200
        except httpx2.HTTPError:
            return False

    def trail_holds(self, number: int) -> bool:
        """Whether the trail's chain is intact, says so on the Why page, and folds to the row."""
        with self.database.transaction("morning") as unit:
            row, page, entries = load(unit, number), why(unit, number), trail_of(unit, f"task:{number}")
        moves = [
            Entry(Event(e["event"]), TaskState(e["source"]), TaskState(e["target"]), e["version"]) for e in entries
        ]
        said = dict(page.rows)["Trail"][0]
        return broken_at(entries) is None and "chain intact" in said and fold(moves) == (row.state, row.version)

    def is_sealed(self) -> bool:
        """Whether the log verifies, alone and against what was kept in the home folder, and lacks no entry."""
        kept = [json.loads(path.read_text()) for path in heads(self.stack.home, "morning")]
        proof = verify(documents(self.database, "morning"), kept=kept)
        return bool(kept) and not proof.unsealed

    def events(self, number: int) -> list[str]:
        """The events of a task's trail."""
        with self.database.transaction("morning") as unit:
            return [str(entry["event"]) for entry in trail_of(unit, f"task:{number}")]

    def intruders(self, number: int) -> list[str]:
        """What runners wrote into a task's trail that did not hold its lease then: the newest to take it does."""
        holder, found = "", []
        with self.database.transaction("morning") as unit:
            for entry in trail_of(unit, f"task:{number}"):
                actor, event = str(entry["actor"]), str(entry["event"])
                holder = actor if event in TAKES else holder
                found += [f"{event} by {actor}"] if actor.startswith("runner:") and actor != holder else []
        return found

    def votes(self, number: int) -> list[str]:
        """Who has voted in the decisions of a task."""
        with self.database.transaction("morning") as unit:
            query = text(
                "select v.person from vote v join decision d on d.company = v.company and d.number = v.decision where d.task = :task"
            )
            return list(unit.connection.execute(query, {"task": number}).scalars())

    def letters(self, number: int) -> list[Any]:
        """The outbox rows of a task."""
        with self.database.transaction("morning") as unit:
            query = text("select * from outbox where task = :task order by id")
            return list(unit.connection.execute(query, {"task": number}))

    def all_carried(self, number: int) -> bool:
        """Whether nothing about a task is on its way any more."""
        return not self._on_their_way(number)

    def _on_their_way(self, number: int) -> list[int]:
        return [one.id for one in self.letters(number) if one.state in {"pending", "sending"}]

    def stands_still(self, number: int, *, for_s: float = 4.0) -> bool:
        """Whether no message about a task arrives any more: a post under way that is looked up would seem to be lost."""
        before = self._on_their_way(number)
        time.sleep(for_s)
        return self._on_their_way(number) == before

    def told(self, order: str) -> bool:
        """Whether nothing about the task on an order is on its way any more."""
        task = self.task(order)
        return task is not None and self.all_carried(task.number)

    def copies(self, number: int) -> Counter[tuple[str, str]]:
        """How often each message about a task stands in Slack: (message, "channel" or a person's Slack id) → copies."""
        names = {one.id: one.message for one in self.letters(number)}
        places = {CHANNEL: "channel"} | {self.stack.dm(user): user for user in PEOPLE}
        found: Counter[tuple[str, str]] = Counter()
        for place, called in places.items():
            for message in self.stack.look("messages", channel=place):
                row = message.get("metadata", {}).get("event_payload", {}).get("outbox")
                found.update([(names[row], called)] if row in names else [])
        return found


PEOPLE = ("U0ANNA", "U0PRIYA", "U0KWAME", "U0MEI", "U0JONAS")


@contextmanager
def plant(urls: DatabaseUrls, redis_url: str, home: Path, *, wire: str = "", **settings: str) -> Iterator[Plant]:
    """The morning company with every process running, with other settings; they have the database over a wire if there is one."""
    migrate.upgrade(urls.owner, test_clock=True)
    build_world(home)
    web = f"http://127.0.0.1:{free_port()}"
    businesses, _ = load_businesses([MORNING])
    config = Config.model_validate({"teams": [team_config(web, businesses["morning"])]}, strict=False)
    with served(create_app(config, pace=PATIENT)) as slack:
        environment = surroundings(urls, redis_url, home) | {"CHARGEHAND_URL": web, "SLACK_API_URL": f"{slack}/api/"}
        environment |= {"DATABASE_URL": wire or urls.app, **settings}
        crew, database = Crew(environment, home), Database(urls.app)
        stack = Stack(web, slack, home, cast("subprocess.Popen[str]", None), environment)
        made = Plant(stack, crew, database)
        try:
            crew.begin()
            until(made.is_answering, "the gateway ready")
            yield made
        finally:
            crew.end()
            database.close()
            stack.client.close()


def surroundings(urls: DatabaseUrls, redis_url: str, home: Path) -> dict[str, str]:
    """The settings of every process."""
    ours = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG"}}
    return ours | {
        "CHARGEHAND_BUSINESS": str(busy_company(home)),
        "CHARGEHAND_HOME": str(home),
        "CHARGEHAND_SECRET": SECRET,
        "CHARGEHAND_RUNNERS": "2",
        "CHARGEHAND_SWEEP": "0.3",
        "CHARGEHAND_TEST": "1",
        "DATABASE_URL": urls.app,
        "REDIS_URL": redis_url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING,
    }
