"""Builds what each process works with, from the settings, and closes what it opened."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from chargehand.business_files import load_folder, read
from chargehand.settings import Settings
from chargehand.systems.carriers import carrier_of
from contracts.loaded import Business
from engine.deployment import Deployment
from engine.versions import is_published, publish
from engine.wakeups import Wakeups, short_connection
from storage import failpoints
from storage.checkpoints import Signer
from storage.database import Database

log = structlog.get_logger()

WEB_CONNECTIONS = 16
FEW_CONNECTIONS = 4
RUNTIME = "default"


@contextmanager
def deployment(settings: Settings, *, connections: int = FEW_CONNECTIONS) -> Iterator[Deployment]:
    """The deployment that the settings describe; nothing is connected before it is used.

    Raises contracts.business.BusinessMistakes when a file is wrong: nothing half-loaded runs.
    """
    failpoints.arm(settings.failpoint if settings.test else None, settings.home)
    businesses, sources = load_businesses(settings.business_folders)
    redis = short_connection(settings.redis_url.get_secret_value())
    database = Database(settings.database_url.get_secret_value(), size=connections)
    try:
        yield Deployment(
            database, businesses, sources, Wakeups(redis, settings.runners), settings.home, settings.artifacts
        )
    finally:
        database.close()
        redis.close()


def signer(settings: Settings) -> Signer:
    """Signs checkpoints with this deployment's key; raises storage.checkpoints.NotAKey."""
    return Signer.of(settings.audit_key.get_secret_value())


def load_businesses(folders: Sequence[Path]) -> tuple[dict[str, Business], dict[str, dict[str, bytes]]]:
    """The declared companies by id, and the files of each as they were read."""
    loaded = [(load_folder(folder), read(folder)) for folder in folders]
    businesses = {business.company.company: business for business, _ in loaded}
    return businesses, {business.company.company: files for business, files in loaded}


def runtimes(businesses: Mapping[str, Business]) -> list[str]:
    """The runtimes that need a runner, the default one first; lanes that only observe need none."""
    loaded = [lane for business in businesses.values() for lane in business.lanes.values()]
    lanes = [lane.lane for lane in loaded if not lane.only_observes]
    declared = {worker.runtime for lane in lanes for worker in lane.workers.values()}
    return [RUNTIME, *sorted(declared - {RUNTIME})]


def publish_all(deployed: Deployment) -> None:
    """Write every declared business into the record.

    A record that can't be written, on a full disk or a read-only one, will do if it has the business as it is: raises
    SQLAlchemy's DBAPIError if it has not.
    """
    for company in deployed.businesses:
        try:
            publish(deployed, company)
        except DBAPIError as error:
            if not is_published(deployed, company):
                raise
            log.warning("business.not_written", company=company, why=str(error.orig))


def systems(deployed: Deployment) -> dict[str, dict[str, Any]]:
    """The tools of each company by system, made with what company.yaml gives them.

    Raises chargehand.settings.BadSettings where a variable that a declared system needs is not set or can't be used.
    """
    return {
        company: {name: _tool(deployed, business, name) for name in business.tools}
        for company, business in deployed.businesses.items()
    }


def _tool(deployed: Deployment, business: Business, name: str) -> Any:
    declared = business.company.systems[name]
    if declared.tool is None:
        return business.tools[name](carrier_of(name, declared, deployed.home))
    given = declared.settings
    filled = {key: _with_home(value, deployed.home) for key, value in given.items()}
    return business.tools[name](**filled)


def _with_home(value: object, home: Path) -> object:
    return value.replace("{home}", str(home.absolute())) if isinstance(value, str) else value
