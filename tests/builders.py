"""Boring defaults for tests: a deployment of the example company on real parts, and a runner in this process."""

import atexit
import importlib.util
import shutil
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy import text

from chargehand.composition import load_businesses, publish_all, systems
from chargehand.embedded.addresses import DatabaseUrls
from contracts.loaded import Business
from contracts.vocabulary import Answer
from engine.deployment import Deployment
from engine.intake import Accepted, AlreadyAsked, Draft, accept
from engine.shift import Runner, take_up, work_shift
from engine.sweep import sweep
from engine.wakeups import Wakeups, short_connection
from engine.watch import Watch
from escalation.decisions import OutcomeKind, Voice, decide
from storage.checkpoints import Signer
from storage.claims import Claimant
from storage.database import Database
from storage.sealing import Sealer
from storage.tasks import Task, load

MORNING = Path(__file__).parents[1] / "examples" / "morning"
AUDIT_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
Loaded = tuple[dict[str, Business], dict[str, dict[str, bytes]]]
"""Companies by id, and the files of each."""


@dataclass(slots=True)
class House:
    """A deployment with a runner that works in this process when told to."""

    deployment: Deployment
    runner: Runner
    peer: Runner
    company: str = "morning"

    def ask(self, *, by: str = "", form: str = "form-1", **request: Any) -> Accepted | AlreadyAsked:
        """Ask for a refund."""
        wanted = {"order": "1234", "amount": 4200, "reason": "The parcel was lost."} | request
        origin = {"surface": "slack", "team": "T0MORNING", "channel": "C0SUPPORT", "user": "U0X"}
        return accept(self.deployment, self.company, Draft("refunds", by or self.asker, wanted, origin, form, None))

    def wanted(self, lane: str, *, by: str, form: str = "", **request: Any) -> int:
        """Ask for something of any lane and give the task's number."""
        draft = Draft(lane, by, request, {"surface": "slack"}, form or f"{lane}:{request}", None)
        answer = accept(self.deployment, self.company, draft)
        assert isinstance(answer, Accepted)
        return answer.task

    def asked(self, **request: Any) -> int:
        """Ask for a refund and give the task's number."""
        answer = self.ask(**request)
        assert isinstance(answer, Accepted)
        return answer.task

    @property
    def asker(self) -> str:
        """A member of staff who may ask and may not approve."""
        company = self.deployment.businesses[self.company].company
        return next(one for one in company.groups["support"] if one not in company.groups["finance-approvers"])

    @property
    def approvers(self) -> list[str]:
        """The finance approvers."""
        return list(self.deployment.businesses[self.company].company.groups["finance-approvers"])

    def work(self) -> int:
        """Let the runner work all that is due."""
        worked = 0
        for runner in (self.runner, self.peer):
            take_up(runner)
            worked += work_shift(self.company, runner.claimant.runtime)
        return worked

    def answer_blocker(self, person: str, answer: Answer = Answer.APPROVE, reason: str | None = None) -> OutcomeKind:
        """A person's answer to the newest decision about a blocker."""
        with self.deployment.database.transaction(self.company) as unit:
            newest = "select max(number) from decision where company = :company and kind in ('escalation', 'gate')"
            number = unit.connection.execute(text(newest), {"company": self.company}).scalar_one()
            return decide(unit, Voice(number, person, answer, reason, "slack", None)).kind

    def task(self, number: int) -> Task:
        """The task as it stands."""
        with self.deployment.database.transaction(self.company) as unit:
            return load(unit, number)

    def wait(self, seconds: float) -> None:
        """Move the record's clock on."""
        with self.deployment.database.unbound() as connection:
            offset = connection.execute(text("select offset_s from test_clock")).scalar_one()
            connection.execute(text("select set_test_clock(:offset)"), {"offset": offset + seconds})

    def sweep(self) -> None:
        """One round of the clock."""
        sweep(self.deployment)

    def seal(self) -> None:
        """Seal the company's audit trails, as the clock does after each round."""
        Sealer(self.deployment.database, Signer.of(AUDIT_KEY)).seal(self.company)

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Rows that the company can read."""
        with self.deployment.database.transaction(self.company) as unit:
            return list(unit.connection.execute(text(query), parameters))

    def shop(self, query: str, *parameters: Any) -> list[Any]:
        """What the shop itself has, read past our own code."""
        import sqlite3  # noqa: PLC0415

        with sqlite3.connect(self.deployment.home / "shop.sqlite") as shop:
            found = shop.execute(query, parameters).fetchall()
        shop.close()
        return found


@contextmanager
def house(urls: DatabaseUrls, redis_url: str, home: Path, *, folder: Path | None = None) -> Iterator[House]:
    """A company with its outside world built in `home`: what is in `folder`, which is published here, or the example.

    The example is published in its database already: that of the fixture `morning_urls`, or another that is a copy of it.
    """
    home.mkdir(parents=True, exist_ok=True)
    build_world(home)
    with (
        _opened(morning(), urls, redis_url, home)
        if folder is None
        else published(load_businesses([folder]), urls, redis_url, home) as found
    ):
        yield found


@contextmanager
def published(loaded: Loaded, urls: DatabaseUrls, redis_url: str, home: Path) -> Iterator[House]:
    """Companies as they were loaded, published; their outside world is to be in `home`."""
    with _opened(loaded, urls, redis_url, home) as found:
        publish_all(found.deployment)
        yield found


@contextmanager
def _opened(loaded: Loaded, urls: DatabaseUrls, redis_url: str, home: Path) -> Iterator[House]:
    redis = short_connection(redis_url)
    database = Database(urls.app, size=6)
    deployed = Deployment(database, *loaded, Wakeups(redis, 2), home)
    tools = systems(deployed)
    runner, peer = (
        Runner(
            deployed,
            Claimant(f"test-{runtime}", runtime),
            tools,
            Watch(array("d", [0.0, 0.0])),
            chance=_chance,
            shift_s=inf,  # a test that works all that is due does so however slow its machine is
        )
        for runtime in ("default", "batch")
    )
    try:
        yield House(deployed, runner, peer)
    finally:
        database.close()
        redis.close()


def morning() -> Loaded:
    """The example company, read and checked once: nothing of it changes."""
    businesses, sources = _morning()
    return dict(businesses), dict(sources)


@cache
def _morning() -> Loaded:
    return load_businesses([MORNING])


def _chance() -> float:
    """Retries wait nearly as long as they may: one that is drawn short could be due while a test still looks at it."""
    return 0.95


def build_world(home: Path) -> None:
    """The shop as the example seeds it; one that is there already stays as it is."""
    if not (home / "shop.sqlite").exists():
        shutil.copytree(_world(), home, dirs_exist_ok=True)


@cache
def _world() -> Path:
    """It is built once, and removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="chargehand-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    spec = importlib.util.spec_from_file_location("morning_world", MORNING / "world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(folder)
    return folder
