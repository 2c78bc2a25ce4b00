"""The real PostgreSQL and Valkey that integration tests share, and a fresh database for each test."""

import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from chargehand.embedded import postgres, valkey
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.postgres import Postgres
from chargehand.embedded.valkey import Valkey
from tests.databases import copies, dropped_at_the_end, stop_the_clock
from tests.unhurried import LIMITS, WAKING, unhurry

pytest_plugins = ["tests.no_skips"]

TEMPLATE = "template_migrated"
MORNING = "template_morning"


RAM = Path("/dev/shm")
ENOUGH = 8 << 30
"""Bytes that the folders of a whole run need, and as much again."""


settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Put the folders of tests into memory where there is enough: databases and mail wait for a disk hundreds of times."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and RAM.is_mount() and shutil.disk_usage(RAM).free > ENOUGH:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(RAM)


def pytest_collection_finish() -> None:
    """Take what was collected, half a million objects, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Races are run more often before a release than on every change."""
    parser.addoption("--acceptance", action="store_true", help="run every race as often as an acceptance asks for")


@pytest.fixture(scope="session")
def acceptance(request: pytest.FixtureRequest) -> bool:
    """Whether counts are those of an acceptance run."""
    return bool(request.config.getoption("acceptance"))


@pytest.fixture(scope="session", autouse=True)
def short_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where sockets of embedded parts go in tests, also those of child processes; removed at the end."""
    tmp_path_factory.getbasetemp()  # pytest's own folders stay where they are
    folder = Path(tempfile.mkdtemp(prefix="chargehand-tests-"))
    folder.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setenv("TMPDIR", str(folder))
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> Iterator[None]:
    """What the machine holds up for seconds is not broken: tests of time-outs set their own."""
    with pytest.MonkeyPatch.context() as patch:
        unhurry(patch, LIMITS, WAKING)
        yield


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One embedded PostgreSQL per xdist worker; nothing is written through."""
    with postgres.running(tmp_path_factory.mktemp("postgres-home"), fast=True) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One embedded Valkey per xdist worker; tests that need it empty say FLUSHALL themselves."""
    with valkey.running(tmp_path_factory.mktemp("valkey-home"), fast=True) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> str:
    """The name of a database with every migration applied and nobody connected, to be cloned."""
    migrate = importlib.import_module("storage.migrate")
    migrate.upgrade(postgres_server.create_database(TEMPLATE).owner, test_clock=True)
    return TEMPLATE


@pytest.fixture(scope="session")
def new_database(postgres_server: Postgres, migrated_template: str) -> Callable[[], DatabaseUrls]:
    """Makes a fresh migrated database, in about 0.05 s."""
    return copies(postgres_server, migrated_template, name="test")


@pytest.fixture
def database_urls(postgres_server: Postgres, new_database: Callable[[], DatabaseUrls]) -> Iterator[DatabaseUrls]:
    """A fresh migrated database of this test alone: `.owner` and `.app` are SQLAlchemy URLs."""
    with dropped_at_the_end(postgres_server, new_database()) as urls:
        yield urls


@pytest.fixture(scope="session")
def new_morning(
    postgres_server: Postgres, migrated_template: str, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], DatabaseUrls]:
    """Makes a fresh database in which the example company is published."""
    builders = importlib.import_module("tests.builders")
    urls, home = (
        postgres_server.create_database(MORNING, template=migrated_template),
        tmp_path_factory.mktemp("morning"),
    )
    with builders.published(builders.morning(), urls, valkey_server.url, home):
        pass
    return copies(postgres_server, MORNING, name="morning")


@pytest.fixture
def morning_urls(postgres_server: Postgres, new_morning: Callable[[], DatabaseUrls]) -> Iterator[DatabaseUrls]:
    """Such a database of this test alone."""
    with dropped_at_the_end(postgres_server, new_morning()) as urls:
        yield urls


@pytest.fixture
def standing_clock(morning_urls: DatabaseUrls) -> None:
    """For what depends on a second more or less: the record's time stands still between two waits."""
    stop_the_clock(morning_urls)


@pytest.fixture
def backup(postgres_server: Postgres) -> Iterator[Callable[[Any], DatabaseUrls]]:
    """Makes a copy of a house's database as it is now, as a backup would be restored later."""
    made = "restored"

    def make(office: Any) -> DatabaseUrls:
        office.deployment.database.close()
        return postgres_server.create_database(made, template=office.deployment.database.engine.url.database)

    yield make
    postgres_server.drop_database(made)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder of this test alone."""
    return tmp_path / f"home-{os.getpid()}"
