"""Checks of the parts and the processes: database, Redis, and who gave a sign of life."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chargehand.doctor.diagnosis import Diagnosis, away, bad, counted, good, unknown
from chargehand.heads import Kept, kept_of
from chargehand.settings import Settings
from contracts.wording import duration
from engine.deployment import Deployment
from engine.wakeups import BEAT_S
from gateway.health import Condition, conditions
from storage.outbox import on_its_way
from storage.revision import HEAD
from storage.sealed import sealed_size

MOST_SKEW_S = 2.0
PROCESSES = {
    "web": "nobody can ask, press or read",
    "clock": "nothing that waits for a time moves, nobody is reminded",
    "courier": "nobody is told anything",
}

_TRUE_TIME = text("select extract(epoch from clock_timestamp())::float")
_WORKING = text(
    "select distinct runtime from task where company = :company and lease_runner is not null"
    " and due_at > chargehand_now()"
)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: its settings, its parts, the companies to look at and the runtimes that workers declare."""

    settings: Settings
    deployment: Deployment
    companies: tuple[str, ...]
    runtimes: tuple[str, ...]


def parts(patient: Patient) -> Iterator[Diagnosis]:
    """Database, its shape, the app's role, its room, Redis; this machine's own disk is looked at as part of the machine."""
    for condition in conditions(patient.deployment):
        if condition.name in _PARTS:
            yield _diagnosed(condition, patient.settings)


_PARTS: Mapping[str, tuple[str, str]] = {
    "database": ("It answers.", "start the server that DATABASE_URL names; look at its log"),
    "migrations": (f"The database has revision {HEAD}.", "DATABASE_OWNER_URL=… chargehand migrate"),
    "row-level security": ("The app's role is plain and owns nothing.", "name another role in DATABASE_URL"),
    "room": ("It can write to its disk.", "make room where its data and pg_wal lie: then all goes on by itself"),
    "queue": ("Redis answers.", "start the server that REDIS_URL names, empty if need be; look at its log"),
}
_EMBEDDED = {"database": "postgres", "queue": "valkey"}


def _diagnosed(condition: Condition, settings: Settings) -> Diagnosis:
    said, mend = _PARTS[condition.name]
    if condition.wrong is None:
        return good(condition.name, said)
    said_wrong = condition.wrong[0].upper() + condition.wrong[1:]
    if condition.name not in _EMBEDDED:
        return bad(condition.name, f"{said_wrong}.", mend)
    embedded = {"database": settings.database_is_embedded, "queue": settings.redis_is_embedded}[condition.name]
    log = _log(settings, _EMBEDDED[condition.name])
    return away(condition.name, f"{said_wrong}.", f"chargehand up; if it runs: {log}" if embedded else mend)


def clocks(patient: Patient) -> Iterator[Diagnosis]:
    """Whether this machine and the database agree on the time."""
    try:
        with patient.deployment.database.unbound() as connection:
            before = time.time()
            theirs = connection.execute(_TRUE_TIME).scalar_one()
            ours = (before + time.time()) / 2
    except SQLAlchemyError:
        yield unknown("time", "Not known: the database is away.")
        return
    yield skew("time", theirs - ours, "the database")


def skew(check: str, ahead_s: float, whose: str) -> Diagnosis:
    """What is to be said of a clock that is `ahead_s` seconds ahead of ours."""
    said = f"The clock of {whose} is {abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine's."
    if abs(ahead_s) <= MOST_SKEW_S:
        return good(check, said)
    return bad(check, said, "set both by NTP: timedatectl set-ntp true")


def checkpoints(patient: Patient) -> Iterator[Diagnosis]:
    """Whether each company's record goes as far as what was sealed and kept on this machine, and that can be read."""
    for company in patient.companies:
        kept = kept_of(patient.settings.home, company)
        found = [*_unreadable(kept), *_held_against(patient, company, kept)]
        yield from (replace(one, company=company) for one in found)


def _unreadable(kept: Kept) -> Iterator[Diagnosis]:
    for path in kept.unreadable:
        said = f"{path} can't be read: it was cut or changed, and a restore of that day may go unnoticed."
        yield bad("checkpoints", said, f"put its copy back from where you send {path.parent}, or move it away")


def _held_against(patient: Patient, company: str, kept: Kept) -> Iterator[Diagnosis]:
    try:
        with patient.deployment.database.transaction(company) as unit:
            sealed, letters = sealed_size(unit), on_its_way(unit)
    except SQLAlchemyError:
        yield unknown("checkpoints", "Not known: the database is away.")
        return
    if kept.size > sealed:
        said = f"The record ends at {sealed} sealed entries, and {kept.size} were sealed: it was restored."
        waits = f"Nothing is worked or sent and no timer fires; {counted(letters, 'message')} on hold."
        yield bad("checkpoints", f"{said} {waits}", "chargehand reconcile")
    elif sealed and not kept.documents:
        yield unknown("checkpoints", "None is kept on this machine, so nobody here would notice a restored record.")
    elif not kept.unreadable:
        yield good("checkpoints", "The record goes as far as what was sealed and kept.")


def processes(patient: Patient) -> Iterator[Diagnosis]:
    """Which of the Procfile's processes gave a sign of life."""
    for name, without in PROCESSES.items():
        try:
            alive = patient.deployment.wakeups.beats(name)
        except RedisError:
            yield unknown("processes", f"Whether {', '.join(PROCESSES)} live is not known: they say so in Redis.")
            return
        yield good(name, "It runs.") if alive else _silent(patient.settings, name, without)


def _silent(settings: Settings, name: str, without: str) -> Diagnosis:
    return bad(name, f"No sign of life within {duration(BEAT_S)}: {without}.", restarting(settings, name))


def restarting(settings: Settings, name: str) -> str:
    """What brings a process back, and where it says why it ended."""
    if settings.database_is_embedded:
        return f"stop `chargehand up` and start it again; before, read {_log(settings, name)}"
    return f"start it anew: chargehand {name}; before, read its log"


def _log(settings: Settings, name: str) -> Path:
    return settings.home / "logs" / f"{name}.log"


def runners(patient: Patient) -> Iterator[Diagnosis]:
    """Whether every runtime that a worker declares has a runner."""
    busy = _working(patient)
    for runtime in patient.runtimes:
        yield _runtime(patient, runtime, is_busy=runtime in busy)


def _runtime(patient: Patient, runtime: str, *, is_busy: bool) -> Diagnosis:
    check = f"runner {runtime}"
    try:
        alive, called = patient.deployment.wakeups.waiting_on(runtime)
    except RedisError:
        return good(check, "At work.") if is_busy else unknown(check, "Not known: Redis is away, so no shift begins.")
    if alive or is_busy:
        return good(check, f"{counted(alive, 'runner')}, {counted(called, 'wake-up')} not taken yet.")
    said = f"Nobody works for the runtime {runtime}: its tasks wait."
    return bad(check, said, restarting(patient.settings, "runner"))


def _working(patient: Patient) -> set[str]:
    """Runtimes with a live lease: a runner in a long shift has no other sign of life."""
    found: set[str] = set()
    try:
        for company in patient.companies:
            with patient.deployment.database.transaction(company) as unit:
                found |= set(unit.connection.execute(_WORKING, {"company": company}).scalars())
    except SQLAlchemyError:
        return set()
    return found
