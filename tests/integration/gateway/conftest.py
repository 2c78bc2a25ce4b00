"""A gateway over real PostgreSQL and Valkey, with Slack played on loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from anyio.from_thread import start_blocking_portal

from chargehand.composition import load_businesses, publish_all
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from gateway.app import create_app
from notifications.courier import CourierConfig, run
from sandbox.app import create_app as create_slack
from sandbox.config import Config
from sandbox.serving import served
from storage import migrate
from storage.database import Database
from tests.builders import MORNING, House, house
from tests.integration.engine.worlds import changed_company
from tests.integration.gateway.world import ELSEWHERE, SECRET, TEAM, World, install_app, parts, team_config
from tests.plain_http import plain_client
from tests.ports import free_port
from tests.unit.sandbox.playing import PATIENT


@pytest.fixture
def world(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[World]:
    """The morning company in a database of its own, with both sides served over HTTP."""
    with house(morning_urls, valkey_server.url, home) as office, both_served(office) as made:
        yield made


@pytest.fixture(scope="module")
def shared_world(
    new_morning: Callable[[], DatabaseUrls], valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for many small cases that do not get in each other's way."""
    home = tmp_path_factory.mktemp("home")
    with house(new_morning(), valkey_server.url, home) as office, both_served(office) as made:
        yield made


@pytest.fixture
def two(morning_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[World]:
    """Two companies behind one gateway, whose Slack teams have users of the same ids."""
    folder = changed_company(home / "other", {"company.yaml": ("company: morning\n", "company: other\n")})
    declared = folder / "company.yaml"
    declared.write_text(declared.read_text().replace(f"slack_team: {TEAM}\n", f"slack_team: {ELSEWHERE}\n"))
    with house(morning_urls, valkey_server.url, home) as office:
        businesses, sources = load_businesses([MORNING, folder])
        office.deployment = replace(office.deployment, businesses=businesses, sources=sources)
        publish_all(office.deployment)
        with both_served(office) as made:
            yield made


@pytest.fixture
def test_clock(morning_urls: DatabaseUrls) -> None:
    """Lets `chargehand_now()` be moved in this test's database."""
    migrate.upgrade(morning_urls.owner, test_clock=True)


@contextmanager
def both_served(office: House) -> Iterator[World]:
    """The gateway of a house and Slack beside it, with a team of each company's own."""
    deployment = office.deployment
    for company in deployment.businesses:
        install_app(deployment, company)
    slack_port = free_port()
    slack_url = f"http://127.0.0.1:{slack_port}"
    app = create_app(parts(deployment, f"{slack_url}/api/"))
    with served(app) as gateway:
        teams = [team_config(gateway, business) for business in deployment.businesses.values()]
        config = Config.model_validate({"teams": teams}, strict=False)
        with served(create_slack(config, pace=PATIENT), port=slack_port), plain_client(timeout=60) as http:
            yield World(gateway, slack_url, office, http)


@pytest.fixture
def owner_gateway(world: World, morning_urls: DatabaseUrls) -> Iterator[str]:
    """A gateway that was given the owner's role by mistake."""
    yield from _served_on(world, morning_urls.owner)


@pytest.fixture
def lost_gateway(world: World) -> Iterator[str]:
    """A gateway whose database is gone."""
    yield from _served_on(world, "postgresql+psycopg://nobody@127.0.0.1:1/nothing")


@pytest.fixture
def plain_gateway(world: World) -> Iterator[str]:
    """A gateway without CHARGEHAND_TEST."""
    with served(create_app(replace(parts(world.deployment, "http://127.0.0.1:1/"), test=False))) as address:
        yield address


def _served_on(world: World, database_url: str) -> Iterator[str]:
    database = Database(database_url)
    deployment = replace(world.deployment, database=database)
    with served(create_app(parts(deployment, "http://127.0.0.1:1/"))) as address:
        yield address
    database.close()


@pytest.fixture
def courier(world: World, valkey_server: Valkey) -> Iterator[None]:
    """A courier that carries the world's outbox to Slack."""
    config = CourierConfig(f"{world.slack}/api/", SECRET, valkey_server.url, sweep_s=0.2)
    with start_blocking_portal() as portal:
        stop = portal.call(anyio.Event)
        working = portal.start_task_soon(run, world.deployment, config, stop)
        yield
        portal.call(stop.set)
        working.result(timeout=60)
