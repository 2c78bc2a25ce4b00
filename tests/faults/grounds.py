"""Where lives begin: each company has a record that knows it and a world beside it, both as they were for each life."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, create_engine

from chargehand.composition import load_businesses
from chargehand.embedded.addresses import DatabaseUrls
from storage.tables import metadata
from tests.builders import House, build_world, published
from tests.faults.doors import Doors, LifeInSlack, doors_of
from tests.faults.journeys import AT_WORK, Journey
from tests.faults.living import Life
from tests.faults.outcomes import World, world
from tests.integration.engine.worlds import changed_company
from tests.integration.gateway.world import install_app


@dataclass(frozen=True, slots=True)
class Ground:
    """A company at work, its record as its owner sees it, and its world as it was before anything happened."""

    office: House
    doors: Doors
    record: Connection
    untouched: Path
    before: World

    def renew(self) -> None:
        """Put the record and the world back; a new database for each life would take four times as long."""
        home = self.office.deployment.home
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.untouched, home)
        self.office.deployment.wakeups.redis.flushdb()
        self.record.exec_driver_sql(_RENEWED)


_TABLES = [table.name for table in metadata.sorted_tables]
_KEPT = ";".join(["create schema begun", *(f"create table begun.{name} as table {name}" for name in _TABLES)])
_RENEWED = ";".join(
    [
        "update test_clock set offset_s = 0",
        *(f"delete from {name}" for name in reversed(_TABLES)),
        *(f"insert into {name} overriding system value table begun.{name}" for name in _TABLES),
    ]
)


@dataclass(slots=True)
class Grounds:
    """One ground for each company, made when it is needed; `folder` is an empty one, and `opened` closes all of them."""

    new_database: Callable[[], DatabaseUrls]
    redis_url: str
    slack: str
    folder: Path
    opened: ExitStack
    known: dict[str, Ground] = field(default_factory=dict)

    def life(self, journey: Journey, *, times: int = 1) -> Life:
        """A life that nobody has lived yet; the one before is gone."""
        ground = self._renewed(journey)
        return Life(ground.office, journey, ground.before, times)

    def life_in_slack(self, journey: Journey) -> LifeInSlack:
        """The same, asked for, decided and told of in Slack."""
        ground = self._renewed(journey)
        return LifeInSlack(ground.office, journey, ground.before, doors=ground.doors)

    def _renewed(self, journey: Journey) -> Ground:
        ground = self.known.get(repr(journey.changes)) or self._prepared(journey)
        ground.renew()
        return ground

    def _prepared(self, journey: Journey) -> Ground:
        folder, urls = self.folder / f"ground_{len(self.known)}", self.new_database()
        untouched = folder / "world"
        build_world(untouched)
        with closing(sqlite3.connect(untouched / "shop.sqlite")) as shop:
            shop.execute(journey.world)
        loaded = load_businesses([changed_company(folder, {**AT_WORK, **journey.changes})])
        office = self.opened.enter_context(published(loaded, urls, self.redis_url, folder / "home"))
        install_app(office.deployment)
        doors = self.opened.enter_context(doors_of(office.deployment, self.slack, self.redis_url))
        record = create_engine(urls.owner, isolation_level="AUTOCOMMIT").connect()
        self.opened.callback(record.engine.dispose)
        self.opened.enter_context(record).exec_driver_sql(_KEPT)
        ground = Ground(office, doors, record, untouched, world(untouched))
        return self.known.setdefault(repr(journey.changes), ground)
