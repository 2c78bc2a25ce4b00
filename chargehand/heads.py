"""Keeps the newest checkpoint of each day outside the database, where who rewrites the one does not reach the other."""

import json
from pathlib import Path

import structlog

from storage.checkpoints import Checkpoint
from storage.database import BoundConnection, Unit
from storage.sealed import sealed_size

_CLEARED = "chargehand.cleared"
"""Under which the companies are noted with a connection whose records may be worked on."""

log = structlog.get_logger()


def heads(home: Path, company: str) -> list[Path]:
    """The checkpoints of a company that are kept in the home folder, the oldest first."""
    return sorted(_folder(home, company).glob("*.json"))


def newest_size(home: Path, company: str) -> int:
    """How many entries the largest checkpoint covers that is kept; 0 when there is none."""
    kept = (json.loads(path.read_text(encoding="utf-8")) for path in heads(home, company))
    return max((int(one["size"]) for one in kept), default=0)


def was_restored(home: Path, unit: Unit) -> bool:
    """Whether the record ends before what was sealed and kept here: it was restored from an older backup."""
    return newest_size(home, unit.company) > sealed_size(unit)


def may_work(home: Path, connection: BoundConnection) -> bool:
    """Whether the record behind a connection may be worked on: not while it is a restored one that nobody has reconciled.

    Asked once for each physical connection. While the database was away anything may have been put in its place, and
    then every connection to it is a new one. Raises OperationalError while it is away: nobody can say yet.
    """
    cleared = connection.noted.setdefault(_CLEARED, set())
    if connection.company in cleared:
        return True
    with connection.transaction() as unit:
        restored = was_restored(home, unit)
    if restored:
        log.error("runner.waits", company=connection.company, mend="chargehand reconcile")
        return False
    cleared.add(connection.company)
    return True


def set_aside(home: Path, company: str, *, stamp: str) -> None:
    """Move the kept checkpoints out of the way of the restored log; they stay, to be shown. Raises OSError."""
    folder = _folder(home, company)
    aside = folder / f"before-restore-{stamp}"
    aside.mkdir(mode=0o700)
    for path in heads(home, company):
        path.rename(aside / path.name)


def keep_head(home: Path, made: Checkpoint) -> None:
    """Keep a checkpoint in the place of an earlier one of its day. Raises OSError."""
    folder = _folder(home, made.company)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / ".draft"
    draft.write_text(f"{json.dumps({'kind': 'checkpoint', **made.document()})}\n", encoding="utf-8")
    draft.replace(folder / f"{made.name.partition('#')[0]}.json")


def _folder(home: Path, company: str) -> Path:
    return home / "checkpoints" / company
