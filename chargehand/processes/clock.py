"""The clock's process: sweeps for due work and fires timers."""

import threading
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from chargehand.composition import deployment
from chargehand.processes.stopping import on_signal
from chargehand.settings import Settings
from engine.deployment import Deployment
from engine.sweep import sweep

_PAUSE_S = 1.0

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Sweep until stopped."""
    stopping = threading.Event()
    on_signal(stopping.set)
    with deployment(settings) as deployed:
        while not stopping.is_set():
            stopping.wait(_round(deployed, settings.sweep))


def _round(deployed: Deployment, every_s: float) -> float:
    began = time.monotonic()
    deployed.wakeups.beat("clock")
    try:
        sweep(deployed)
    except SQLAlchemyError as error:
        log.warning("sweep.database_away", error=type(error).__name__)
        return _PAUSE_S
    return max(0.0, every_s - (time.monotonic() - began))
