"""Seals what has come onto the audit trails of a company: into its one log, under a signed checkpoint."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text

from storage.checkpoints import Checkpoint, Signer, next_name
from storage.database import Database, Unit
from storage.failpoints import passing
from storage.merkle import added, root
from storage.tables.trail import audit_checkpoints, audit_entries, audit_leaves, is_unsealed

MOST_AT_ONCE = 20_000

_MAY_SEAL = text("select pg_try_advisory_xact_lock(hashtextextended(:log, 0))")
_WRITERS = text(
    """select virtualtransaction from pg_locks
    where locktype = 'relation' and relation = 'audit_entry'::regclass and mode = 'RowExclusiveLock'
    and database = (select oid from pg_database where datname = current_database())"""
)


@dataclass(frozen=True, slots=True)
class _Log:
    """A log as its last checkpoint left it: `settled` is an entry's id below which nothing unsealed will appear."""

    name: str | None
    at: datetime | None
    size: int
    root: str
    peaks: tuple[bytes, ...]
    settled: int


@dataclass(slots=True)
class _Horizon:
    """Up to which entry's id the log is settled, and what has to end before it is settled up to `seen`.

    Ids are drawn before their transactions commit, so a smaller one can appear after a larger one. Who has drawn an id
    holds a lock on the table until it ends: once all who held one when `seen` was the newest are gone, nothing below
    it can appear any more. This only spares looking at old entries; nothing is sealed or left out because of it.
    """

    settled: int = 0
    seen: int = 0
    writers: frozenset[str] = frozenset()


@dataclass(slots=True)
class Sealer:
    """Seals for one process. Any number of them at once do no harm: each log has one lock and unique positions."""

    database: Database
    signer: Signer
    _horizons: dict[str, _Horizon] = field(default_factory=dict)

    def seal(self, company: str) -> Checkpoint | None:
        """Seal all that is committed and has no place in the log; the newest checkpoint made, on record by now.

        None when nothing was to be sealed, or when somebody else is just doing it. A crash at any point leaves the log
        as it was, and the next call seals what is missing.
        """
        horizon, newest, full = self._horizons.setdefault(company, _Horizon()), None, True
        while full:
            made, full = self._seal_some(company, horizon)
            newest = made or newest
        return newest

    def _seal_some(self, company: str, horizon: _Horizon) -> tuple[Checkpoint | None, bool]:
        """One checkpoint over what can be sealed at once, and whether there may be more."""
        made = None
        with self.database.transaction(company) as unit:
            if not unit.connection.execute(_MAY_SEAL, {"log": f"{company}/sealed"}).scalar_one():
                return None, False
            log = _log(unit)
            horizon.settled = max(horizon.settled, log.settled)
            ripe = _ripe(unit, horizon)
            entries = _unsealed(unit, horizon.settled)
            full = len(entries) == MOST_AT_ONCE
            settled = horizon.settled if full else ripe
            if entries:
                made = _sealed(unit, self.signer, log, entries)
                _keep(unit, made, settled)
                passing("seal.before_commit")
        if made:
            passing("seal.after_commit")
        horizon.settled = settled
        return (made.checkpoint if made else None), full


@dataclass(frozen=True, slots=True)
class _Made:
    checkpoint: Checkpoint
    peaks: tuple[bytes, ...]


def _log(unit: Unit) -> _Log:
    mine = select(audit_checkpoints).where(audit_checkpoints.c.company == unit.company)
    row = unit.connection.execute(mine.order_by(audit_checkpoints.c.size.desc()).limit(1)).one_or_none()
    if row is None:
        return _Log(None, None, 0, "", (), 0)
    return _Log(row.name, row.at, row.size, row.root, tuple(map(bytes.fromhex, row.peaks)), row.settled)


def _ripe(unit: Unit, horizon: _Horizon) -> int:
    """The id that is settled as soon as everything visible to the next statement is sealed; watches on from there."""
    newest = select(func.max(audit_entries.c.id)).where(audit_entries.c.company == unit.company)
    seen = unit.connection.execute(newest).scalar_one() or 0
    writers = frozenset(unit.connection.execute(_WRITERS).scalars())
    if horizon.writers & writers:
        return horizon.settled
    ripe = max(horizon.settled, horizon.seen)
    horizon.seen, horizon.writers = seen, writers
    return ripe


def _unsealed(unit: Unit, settled: int) -> Sequence[Any]:
    """At most so many that no entry is before its predecessor on the trail, in the order of their ids but for that.

    Entries of one statement get their ids in whichever order the database likes.
    """
    entry = audit_entries.c
    rows = unit.connection.execute(
        select(entry.id, entry.trail, entry.hash)
        .where(entry.company == unit.company, entry.id > settled, is_unsealed())
        .order_by(entry.trail, entry.seq)
        .limit(MOST_AT_ONCE)
    ).all()
    return [row for _, row in sorted(_ordered(rows), key=lambda pair: pair[0])]


def _ordered(rows: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Each entry with the largest id on its trail so far; sorting by it is stable, so trails keep their order."""
    newest: dict[str, int] = {}
    for row in rows:
        newest[row.trail] = max(newest.get(row.trail, 0), row.id)
        yield newest[row.trail], row


def _sealed(unit: Unit, signer: Signer, log: _Log, entries: Sequence[Any]) -> _Made:
    """The entries as leaves behind those that there are, and the checkpoint over all."""
    leaves = [
        {"company": unit.company, "position": position, "entry": entry.id}
        for position, entry in enumerate(entries, start=log.size)
    ]
    unit.connection.execute(insert(audit_leaves), leaves)
    peaks, size = added(log.peaks, log.size, (bytes.fromhex(entry.hash) for entry in entries))
    at = max(unit.now, log.at or unit.now)  # a time that was set back makes no checkpoint older than its predecessor
    name = next_name(log.name, at)
    checkpoint = signer.signed(
        company=unit.company, name=name, size=size, root=root(peaks).hex(), previous=log.root, at=at
    )
    return _Made(checkpoint, peaks)


def _keep(unit: Unit, made: _Made, settled: int) -> None:
    row = {column: getattr(made.checkpoint, column) for column in made.checkpoint.__slots__}
    peaks = [peak.hex() for peak in made.peaks]
    unit.connection.execute(insert(audit_checkpoints).values(**row, peaks=peaks, settled=settled))
