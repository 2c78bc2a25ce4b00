"""The runner pool's process."""

from collections.abc import Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chargehand.composition import RUNTIME, deployment, load_businesses, runtimes, systems
from chargehand.heads import may_work
from chargehand.processes.stopping import on_signal
from chargehand.settings import BadSettings, Settings
from chargehand.systems.carriers import carriers_of
from contracts.loaded import Business
from engine.losses import Fate, tell_of_holders
from engine.pool import Pool
from engine.shift import Runner
from engine.watch import Watch
from storage.claims import Claimant
from storage.database import Database

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Run the pool of runners until stopped."""
    businesses, _ = load_businesses(settings.business_folders)
    pool = Pool(
        runtimes=_runtimes(settings, businesses),
        redis_url=settings.redis_url.get_secret_value(),
        make_runner=lambda name, runtime, watch: _runner(settings, name, runtime, watch),
        free=lambda ended: _free(settings, list(businesses), ended),
    )
    on_signal(pool.stopping.set)
    _equip(settings)
    pool.run()


def _equip(settings: Settings) -> None:
    """Say once what a declared system lacks, instead of letting one runner after the other end of it; raises BadSettings."""
    businesses, _ = load_businesses(settings.business_folders)
    for business in businesses.values():
        for _, carrier in carriers_of(business.company, settings.home):
            if isinstance(carrier, BadSettings):
                raise carrier


def _runtimes(settings: Settings, businesses: Mapping[str, Business]) -> list[str]:
    """As many runners of the default runtime as set, and one of each other that a worker declares."""
    return [RUNTIME] * (settings.runners - 1) + runtimes(businesses)


def _runner(settings: Settings, name: str, runtime: str, watch: Watch) -> Runner:
    """Built in the runner's own process, which ends when its work ends: what it opens lives as long as it does."""
    deployed = deployment(settings).__enter__()
    claimant = Claimant(name, runtime, settings.lease)
    return Runner(deployed, claimant, systems(deployed), watch, may_work=partial(may_work, settings.home))


def _free(settings: Settings, companies: Sequence[str], ended: Mapping[str, Fate | None]) -> None:
    """The pool itself holds no connection, since it forks: it opens one for the moment.

    What became of the runners is on record before anybody can take their tasks over.
    """
    known = {name: fate for name, fate in ended.items() if fate is not None}
    database = Database(settings.database_url.get_secret_value(), size=1)
    try:
        for company in companies if known else ():
            with database.transaction(company) as unit:
                tell_of_holders(unit, known)
        with database.unbound() as connection:
            connection.execute(text("select free_leases(:names)"), {"names": list(ended)})
    except SQLAlchemyError as error:
        log.warning("lease.not_freed", runners=list(ended), error=type(error).__name__)
    finally:
        database.close()
