"""The runner pool's process."""

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chargehand.composition import RUNTIME, deployment, load_businesses, runtimes, systems
from chargehand.processes.stopping import on_signal
from chargehand.settings import Settings
from engine.pool import Pool
from engine.shift import Runner
from engine.watch import Watch
from storage.claims import Claimant
from storage.database import Database

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Run the pool of runners until stopped."""
    pool = Pool(
        runtimes=_runtimes(settings),
        redis_url=settings.redis_url.get_secret_value(),
        make_runner=lambda name, runtime, watch: _runner(settings, name, runtime, watch),
        free=lambda names: _free(settings, names),
    )
    on_signal(pool.stopping.set)
    pool.run()


def _runtimes(settings: Settings) -> list[str]:
    """As many runners of the default runtime as set, and one of each other that a worker declares."""
    businesses, _ = load_businesses(settings.business_folders)
    return [RUNTIME] * (settings.runners - 1) + runtimes(businesses)


def _runner(settings: Settings, name: str, runtime: str, watch: Watch) -> Runner:
    """Built in the runner's own process, which ends when its work ends: what it opens lives as long as it does."""
    deployed = deployment(settings).__enter__()
    return Runner(deployed, Claimant(name, runtime, settings.lease), systems(deployed), watch)


def _free(settings: Settings, names: list[str]) -> None:
    """The pool itself holds no connection, since it forks: it opens one for the moment."""
    database = Database(settings.database_url.get_secret_value(), size=1)
    try:
        with database.unbound() as connection:
            connection.execute(text("select free_leases(:names)"), {"names": names})
    except SQLAlchemyError as error:
        log.warning("lease.not_freed", runners=names, error=type(error).__name__)
    finally:
        database.close()
