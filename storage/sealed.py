"""Reads the sealed log: in which checkpoint a trail stands, and a company's whole log as documents to be verified."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, text

from storage.checkpoints import Checkpoint
from storage.database import Database, Unit
from storage.tables.trail import audit_checkpoints, audit_entries, audit_leaves, is_unsealed

FORMAT = "chargehand audit 1"
_FIELDS = ("trail", "seq", "event", "actor", "source", "target", "version", "content_hash", "previous", "hash")
AS_ONE_MOMENT = text("set transaction isolation level repeatable read, read only")
SAME_ENTRY = and_(audit_leaves.c.company == audit_entries.c.company, audit_leaves.c.entry == audit_entries.c.id)


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many entries of a trail are in the log, and the checkpoint that first covered the last of them."""

    entries: int
    checkpoint: str | None


def sealed(unit: Unit, trail: str) -> Sealed:
    """How far a trail is sealed: two statements."""
    mine = and_(audit_entries.c.company == unit.company, audit_entries.c.trail == trail)
    found = select(func.count(), func.max(audit_leaves.c.position)).join_from(audit_leaves, audit_entries, SAME_ENTRY)
    count, last = unit.connection.execute(found.where(mine)).one()
    if not count:
        return Sealed(0, None)
    covering = select(audit_checkpoints.c.name).where(
        audit_checkpoints.c.company == unit.company, audit_checkpoints.c.size > last
    )
    name = unit.connection.execute(covering.order_by(audit_checkpoints.c.size).limit(1)).scalar_one_or_none()
    return Sealed(count, name)


def sealed_size(unit: Unit) -> int:
    """How many entries the newest checkpoint covers."""
    query = select(func.coalesce(func.max(audit_checkpoints.c.size), 0))
    size: int = unit.connection.execute(query.where(audit_checkpoints.c.company == unit.company)).scalar_one()
    return size


def documents(
    database: Database, company: str, *, since: datetime | None = None
) -> Generator[dict[str, Any], None, None]:
    """The log as it is at one moment: its head, entries with each checkpoint behind its last, then what is unsealed.

    With `since` it begins behind the last checkpoint that was older. Content that was erased is not there. Close it if you stop early.
    """
    with database.bound(company) as bound, bound.connection.begin():
        bound.connection.execute(AS_ONE_MOMENT)
        stream = bound.connection.execution_options(yield_per=1000)
        begin = _last_before(stream, company, since) if since else None
        yield _head(company, begin)
        yield from _sealed_lines(stream, company, begin.size if begin else 0)
        with stream.execute(_unsealed(company)) as rows:
            yield from (entry_document(row, None) for row in rows)


def sealed_since(database: Database, company: str, size: int | None) -> Generator[dict[str, Any], None, None]:
    """What is sealed behind the first `size` entries, each checkpoint behind its last; None: all, with the log's head."""
    with database.bound(company) as bound, bound.connection.begin():
        bound.connection.execute(AS_ONE_MOMENT)
        if size is None:
            yield _head(company, None)
        yield from _sealed_lines(bound.connection.execution_options(yield_per=1000), company, size or 0)


def _sealed_lines(stream: Connection, company: str, size: int) -> Iterator[dict[str, Any]]:
    """Entries in their order, each checkpoint behind the last one that it covers, or at the end if that is missing."""
    with stream.execute(_made_after(company, size)) as made, stream.execute(_in_order(company, size)) as rows:
        checkpoints = iter(made)
        checkpoint = next(checkpoints, None)
        for row in rows:
            yield entry_document(row, row.position)
            while checkpoint is not None and checkpoint.size <= row.position + 1:
                yield _checkpoint(checkpoint)
                checkpoint = next(checkpoints, None)
        yield from (_checkpoint(one) for one in (checkpoint, *checkpoints) if one is not None)


def _last_before(connection: Connection, company: str, since: datetime) -> Row[Any] | None:
    mine = select(audit_checkpoints).where(audit_checkpoints.c.company == company, audit_checkpoints.c.at < since)
    return connection.execute(mine.order_by(audit_checkpoints.c.size.desc()).limit(1)).one_or_none()


def _in_order(company: str, start: int) -> Any:
    leaf = audit_leaves.c
    return (
        select(leaf.position, audit_entries)
        .join_from(audit_leaves, audit_entries, SAME_ENTRY)
        .where(leaf.company == company, leaf.position >= start)
        .order_by(leaf.position)
    )


def _made_after(company: str, size: int) -> Any:
    made = audit_checkpoints.c
    return select(audit_checkpoints).where(made.company == company, made.size > size).order_by(made.size)


def _unsealed(company: str) -> Any:
    entry = audit_entries.c
    return select(audit_entries).where(entry.company == company, is_unsealed()).order_by(entry.trail, entry.seq)


def _head(company: str, begin: Row[Any] | None) -> dict[str, Any]:
    after = {**_checkpoint(begin), "peaks": begin.peaks} if begin else None
    return {"kind": "log", "format": FORMAT, "company": company, "after": after}


def entry_document(row: Row[Any], position: int | None) -> dict[str, Any]:
    """One entry as it is exported; content and salt are None where they were erased."""
    told = {name: getattr(row, name) for name in _FIELDS}
    salt = None if row.salt is None else bytes(row.salt).hex()
    return {"kind": "entry", "position": position, "at": _at(row.at), **told, "salt": salt, "content": row.content}


def _checkpoint(row: Row[Any]) -> dict[str, Any]:
    found = Checkpoint(**{name: getattr(row, name) for name in Checkpoint.__slots__})
    return {"kind": "checkpoint", **found.document()}


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
