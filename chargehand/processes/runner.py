"""The runner pool's process."""

from threading import Event

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chargehand.composition import RUNTIME, deployment, load_businesses, runtimes, systems
from chargehand.heads import was_restored
from chargehand.processes.stopping import on_signal
from chargehand.settings import BadSettings, Settings
from chargehand.systems.carriers import carriers_of
from engine.pool import Pool
from engine.shift import Runner
from engine.watch import Watch
from storage.claims import Claimant
from storage.database import Database

_PAUSE_S = 5.0

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
    _equip(settings)
    _wait_until_reconciled(settings, pool.stopping)
    pool.run()


def _equip(settings: Settings) -> None:
    """Say once what a declared system lacks, instead of letting one runner after the other end of it; raises BadSettings."""
    businesses, _ = load_businesses(settings.business_folders)
    for business in businesses.values():
        for _, carrier in carriers_of(business.company, settings.home):
            if isinstance(carrier, BadSettings):
                raise carrier


def _wait_until_reconciled(settings: Settings, stopping: Event) -> None:
    """Nothing is worked on a record that was restored from a backup before somebody has reconciled it with the world."""
    companies, _ = load_businesses(settings.business_folders)
    waiting = list(companies)
    while waiting and not stopping.is_set():
        waiting = [company for company in waiting if _was_restored(settings, company)]
        if waiting:
            log.error("runner.waits", companies=waiting, mend="chargehand reconcile")
            stopping.wait(_PAUSE_S)


def _was_restored(settings: Settings, company: str) -> bool:
    """A database that does not answer tells nothing: the runners wait for it anyway."""
    database = Database(settings.database_url.get_secret_value(), size=1)
    try:
        return was_restored(settings.home, company, database)
    except SQLAlchemyError:
        return False
    finally:
        database.close()


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
