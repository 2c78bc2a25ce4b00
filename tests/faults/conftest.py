"""One deployment for a module's faults, its processes in the tests' own hand; and grounds for lives in this process."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.util import get_temp_dir
from pathlib import Path

import pytest

from chargehand.business_files import load_folder
from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from sandbox.app import create_app
from sandbox.config import Config
from sandbox.serving import served
from tests.builders import MORNING
from tests.faults.grounds import Grounds
from tests.faults.plant import Plant, plant
from tests.integration.engine.dying import Reaper
from tests.integration.gateway.world import team_config
from tests.unit.sandbox.playing import PATIENT


@pytest.fixture(scope="session")
def process_server(short_temporary_folder: Path) -> None:
    """The server of processes outlives the tests' own temporary folder, so its socket lies beside that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(short_temporary_folder.parent))
        get_temp_dir()


@pytest.fixture(scope="module")
def works(
    process_server: None,
    new_database: Callable[[], DatabaseUrls],
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Plant]:
    """The morning company with every process running; each test keeps to orders of its own."""
    with plant(new_database(), valkey_server.url, tmp_path_factory.mktemp("faults") / "home") as made:
        yield made


@pytest.fixture(scope="session")
def grounds(
    new_database: Callable[[], DatabaseUrls], valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Grounds]:
    """Where lives of the example's lanes begin."""
    business = load_folder(MORNING)
    config = Config.model_validate({"teams": [team_config("http://127.0.0.1:1", business)]}, strict=False)
    with ExitStack() as opened:
        slack = opened.enter_context(served(create_app(config, pace=PATIENT)))
        yield Grounds(new_database, valkey_server.url, slack, tmp_path_factory.mktemp("lives"), opened)


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    """Kills nobody before it is told whom."""
    return Reaper(monkeypatch)
