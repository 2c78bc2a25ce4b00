"""The clock's process: sweeps for due work, fires timers, weighs lanes, seals the audit trails and tidies up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from chargehand.composition import deployment, signer
from chargehand.heads import keep_head, tell_unreadable, was_restored
from chargehand.processes.stopping import on_signal
from chargehand.settings import Settings
from engine.deployment import Deployment
from engine.scorecard.weighing import weigh
from engine.sweep import sweep
from engine.switches import mind
from engine.trouble import tried
from gateway.calendars.keeping import EVERY_S, keep_absences
from gateway.pages.signing_in import forget
from storage.artifacts import collect
from storage.sealing import Sealer

_PAUSE_S = 1.0
_COLLECT_EVERY_S = 3600.0
_WEIGH_EVERY_S = 60.0
_MIND_EVERY_S = 10.0
_FORGET_EVERY_S = 600.0

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Sweep until stopped."""
    stopping = threading.Event()
    on_signal(stopping.set)
    with deployment(settings) as deployed:
        sealer = Sealer(deployed.database, signer(settings))
        threading.Thread(target=_follow_calendars, args=(deployed, settings, stopping), daemon=True).start()
        for company in deployed.businesses:
            tell_unreadable(deployed.home, company)
        waiting = chores()
        while not stopping.is_set():
            pause = _round(deployed, sealer, settings.sweep)
            for chore in waiting:
                chore.round(deployed)
            stopping.wait(pause)


def chores() -> "tuple[NowAndThen, ...]":
    """What is done beside the sweep, each at its own pace; all of it is due at once.

    A restored record would trip switches by what it does not know, and collect artifacts that it has forgotten.
    """
    return (
        NowAndThen(_MIND_EVERY_S, _on_a_whole_record(mind), "switches.not_minded"),
        NowAndThen(_WEIGH_EVERY_S, _on_a_whole_record(weigh), "lanes.not_weighed"),
        NowAndThen(_COLLECT_EVERY_S, _on_a_whole_record(_collect), "artifacts.not_collected"),
        NowAndThen(_FORGET_EVERY_S, forget, "sign_ins.not_forgotten"),
    )


def _on_a_whole_record(do: Callable[[Deployment, str], object]) -> Callable[[Deployment, str], object]:
    return lambda deployed, company: None if _is_restored(deployed, company) else do(deployed, company)


def _follow_calendars(deployed: Deployment, settings: Settings, stopping: threading.Event) -> None:
    """Keep up with people's calendars, apart from the sweep: a slow server of theirs holds nothing up."""
    chore = NowAndThen(EVERY_S, partial(_follow, settings), "calendars.not_followed")
    while settings.calendars is not None and not stopping.is_set():
        chore.round(deployed)
        stopping.wait(_PAUSE_S)


def _follow(settings: Settings, deployed: Deployment, company: str) -> None:
    keep_absences(deployed, company, settings.calendars_of(company))


def _round(deployed: Deployment, sealer: Sealer, every_s: float) -> float:
    """One round; in how many seconds the next one is due."""
    began = time.monotonic()
    deployed.wakeups.beat("clock")
    went = go_round(deployed, sealer)
    return max(0.0, every_s - (time.monotonic() - began)) if went else _PAUSE_S


def go_round(deployed: Deployment, sealer: Sealer) -> bool:
    """Sweep and seal for every company, whatever goes wrong with one of them; False when the database is away."""
    try:
        sweep(deployed, is_held=partial(_is_held, deployed))
    except SQLAlchemyError as error:
        log.warning("sweep.database_away", error=type(error).__name__)
        return False
    for company in deployed.businesses:
        tried("seal.failed", company, partial(_seal, sealer, company, deployed))
    return True


def _is_held(deployed: Deployment, company: str) -> bool:
    """Whether a record was restored, or can't say so: until it is reconciled no timer of it fires, no peer is passed
    over and no digest is made. What people have decided since is missing in it, so things would end the wrong way.
    """
    restored = list[bool]()
    if not tried("clock.not_asked", company, lambda: restored.append(_is_restored(deployed, company))):
        return True
    if restored[0]:
        log.error("clock.waits", company=company, mend="chargehand reconcile")
    return restored[0]


def _is_restored(deployed: Deployment, company: str) -> bool:
    with deployed.database.transaction(company) as unit:
        return was_restored(deployed.home, unit)


def _seal(sealer: Sealer, company: str, deployed: Deployment) -> None:
    """Seal a log, but for one that was restored from an older backup: nothing is put over what is kept of the newer one."""
    if _is_restored(deployed, company):
        log.error("seal.restored", company=company, mend="chargehand reconcile")
        return
    made = sealer.seal(company)
    if made:
        keep_head(deployed.home, made)


@dataclass(slots=True)
class NowAndThen:
    """Does something for each company every so many seconds; what can't be done now is done the next time."""

    every_s: float
    do: Callable[[Deployment, str], object]
    failed: str
    due: float = 0.0

    def round(self, deployed: Deployment) -> None:
        """Do it if its time has come."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + self.every_s
        for company in deployed.businesses:
            tried(self.failed, company, partial(self.do, deployed, company))


def _collect(deployed: Deployment, company: str) -> None:
    """Take away what crashes have left in the store of artifacts."""
    collect(deployed.database, deployed.store, company)
