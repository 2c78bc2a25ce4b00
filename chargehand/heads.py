"""Keeps the newest checkpoint of each day outside the database, where who rewrites the one does not reach the other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.deployment import Deployment
from engine.trouble import kind_of
from storage.checkpoints import Checkpoint
from storage.database import BoundConnection, Unit
from storage.durable_files import drafted, make_folder, put_in_place
from storage.outbox import on_its_way
from storage.replaced import remember
from storage.sealed import sealed_size

_CLEARED = "chargehand.cleared"
"""Under which the companies are noted with a connection whose records may be worked on and told of."""

log = structlog.get_logger()


def heads(home: Path, company: str) -> list[Path]:
    """The checkpoints of a company that are kept in the home folder, the oldest first."""
    return sorted(_folder(home, company).glob("*.json"))


class NotACheckpoint(ValueError):
    """The file holds something else than a checkpoint."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a company: `documents` are the checkpoints, `unreadable` the files that hold none any more."""

    documents: tuple[Mapping[str, Any], ...]
    unreadable: tuple[Path, ...]

    @property
    def size(self) -> int:
        """How many entries the largest checkpoint covers; 0 when there is none."""
        return max((one["size"] for one in self.documents), default=0)

    @property
    def newest(self) -> datetime | None:
        """When the largest checkpoint was made; None when that can't be told, as beside a file that can't be read."""
        largest = max(self.documents, key=lambda one: one["size"], default=None)
        try:
            return None if largest is None or self.unreadable else datetime.fromisoformat(largest["at"])
        except (KeyError, TypeError, ValueError):
            return None


def kept_of(home: Path, company: str) -> Kept:
    """Every checkpoint that is kept; a file that was cut or changed keeps none of the others from being read."""
    documents: list[Mapping[str, Any]] = []
    unreadable: list[Path] = []
    for path in heads(home, company):
        try:
            documents.append(_document(path))
        except FileNotFoundError:
            continue  # it was set aside just now
        except (OSError, ValueError):
            unreadable.append(path)
    return Kept(tuple(documents), tuple(unreadable))


def _document(path: Path) -> Mapping[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("size"), int):
        raise NotACheckpoint(path)
    return found


def was_restored(home: Path, unit: Unit) -> bool:
    """Whether the record ends before what was sealed and kept here: it was restored from an older backup."""
    return kept_of(home, unit.company).size > sealed_size(unit)


def restored_lines(deployment: Deployment) -> list[str]:
    """A line for each company whose record was restored and waits; none from where the database goes away."""
    lines: list[str] = []
    try:
        for company in deployment.businesses:
            with deployment.database.transaction(company) as unit:
                if was_restored(deployment.home, unit):
                    lines.append(
                        f"stuck: {company} was restored, messages on hold: {on_its_way(unit)}; chargehand reconcile"
                    )
    except SQLAlchemyError as error:
        log.warning("restored.not_told", error=kind_of(error))
    return lines


def lost_until(home: Path, unit: Unit) -> datetime | None:
    """Until when a record that was restored had gone on, by what is kept of it: all that is newer was written since.

    None when the record was not restored, or nobody can tell.
    """
    kept = kept_of(home, unit.company)
    return kept.newest if kept.size > sealed_size(unit) else None


def may_work(home: Path, connection: BoundConnection) -> bool:
    """Whether the record behind a connection may be worked on: not while it is a restored one that nobody has reconciled.

    Asked once for each physical connection. While the database was away anything may have been put in its place, and
    then every connection to it is a new one; one that lives through a restore is asked about anew when a claim meets
    other tables (`storage.replaced`). Raises OperationalError while it is away: nobody can say yet.
    """
    if connection.company in _cleared(connection.noted):
        return True
    with connection.transaction() as unit:
        return _clears(home, unit, waits="runner.waits")


def may_send(home: Path, unit: Unit) -> bool:
    """Whether what the record behind a connection wants to tell may be sent; asked and answered as `may_work` is."""
    return unit.company in _cleared(unit.connection.info) or _clears(home, unit, waits="courier.waits")


def _cleared(noted: dict[Any, Any]) -> set[str]:
    found: set[str] = noted.setdefault(_CLEARED, set())
    return found


def _clears(home: Path, unit: Unit, *, waits: str) -> bool:
    remember(unit)
    kept, sealed = kept_of(home, unit.company), sealed_size(unit)
    tell_unreadable(home, unit.company)
    if sealed and not kept.documents:  # what is not there proves nothing: somebody has to know
        log.warning("checkpoint.none_kept", company=unit.company, mend="chargehand doctor")
    if kept.size > sealed:
        log.error(waits, company=unit.company, mend="chargehand reconcile")
        return False
    _cleared(unit.connection.info).add(unit.company)
    return True


def tell_unreadable(home: Path, company: str) -> None:
    """Name each file that can't be read: what it held proves nothing any more, so a restore may go unnoticed."""
    for path in kept_of(home, company).unreadable:
        log.error("checkpoint.unreadable", company=company, file=str(path), mend="chargehand doctor")


def set_aside(home: Path, company: str, *, stamp: str) -> None:
    """Move the kept checkpoints out of the way of the restored log; they stay, to be shown. Raises OSError."""
    folder = _folder(home, company)
    aside = folder / f"before-restore-{stamp}"
    aside.mkdir(mode=0o700)
    for path in heads(home, company):
        path.rename(aside / path.name)


def keep_head(home: Path, made: Checkpoint) -> None:
    """Keep a checkpoint in the place of an earlier one of its day, written through to the disk. Raises OSError."""
    folder = _folder(home, made.company)
    make_folder(folder)
    draft = drafted(folder, f"{json.dumps({'kind': 'checkpoint', **made.document()})}\n".encode())
    put_in_place(draft, folder / f"{made.name.partition('#')[0]}.json")


def _folder(home: Path, company: str) -> Path:
    return home / "checkpoints" / company
