"""Certifies the trail of one task: all its entries, each proven to be in the company's sealed log, signed as complete."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from contracts.canonical import canonical
from storage.checkpoints import Checkpoint, Signer
from storage.database import Database
from storage.merkle import paths
from storage.sealed import AS_ONE_MOMENT, SAME_ENTRY, entry_document
from storage.tables.trail import audit_checkpoints, audit_entries, audit_leaves
from storage.tasks import TaskNotFound

FORMAT = "chargehand certificate 1"
PURPOSE = b"chargehand certificate 1\n"
_NOT_OURS = ("kind",)


class NotCertified(Exception):
    """A task of which nothing can be certified yet, in a sentence that says when it can."""


def certify(database: Database, signer: Signer, company: str, number: int) -> dict[str, Any]:
    """The certificate of a task as its trail is at one moment; raises TaskNotFound and NotCertified.

    It reads the hash of every entry that was sealed up to the checkpoint behind the task's last one.
    """
    name = f"T-{number}"
    with database.bound(company) as bound, bound.connection.begin():
        bound.connection.execute(AS_ONE_MOMENT)
        rows = bound.connection.execute(_trail(company, f"task:{number}")).all()
        if not rows:
            raise TaskNotFound(f"there is no task {name}")
        if any(row.position is None for row in rows):
            raise NotCertified(f"{name} has entries that are not sealed yet; the clock seals them within seconds.")
        checkpoint = _covering(bound.connection, company, rows)
        proofs = paths(_leaves(bound.connection, company, checkpoint.size), {row.position for row in rows})
        at: datetime = bound.connection.execute(select(func.chargehand_now())).scalar_one()
    entries = [{**entry_document(row, row.position), "path": _hex(proofs[row.position])} for row in rows]
    return issued(signer, checkpoint, entries, task=name, at=at)


def _trail(company: str, trail: str) -> Any:
    """A trail with the positions of its entries in the log, None for those that have none yet."""
    entry = audit_entries.c
    both = audit_entries.outerjoin(audit_leaves, SAME_ENTRY)
    query = select(audit_leaves.c.position, audit_entries).select_from(both)
    return query.where(entry.company == company, entry.trail == trail).order_by(entry.seq)


def _covering(connection: Connection, company: str, rows: Sequence[Row[Any]]) -> Checkpoint:
    made, last = audit_checkpoints.c, max(row.position for row in rows)
    query = select(audit_checkpoints).where(made.company == company, made.size > last).order_by(made.size).limit(1)
    found = connection.execute(query).one()
    return Checkpoint(**{name: getattr(found, name) for name in Checkpoint.__slots__})


def _leaves(connection: Connection, company: str, size: int) -> Iterator[bytes]:
    leaf = audit_leaves.c
    query = select(audit_entries.c.hash).join_from(audit_leaves, audit_entries, SAME_ENTRY)
    query = query.where(leaf.company == company, leaf.position < size).order_by(leaf.position)
    with connection.execution_options(yield_per=1000).execute(query) as found:
        yield from (bytes.fromhex(row.hash) for row in found)


def _hex(path: Sequence[bytes]) -> list[str]:
    return [node.hex() for node in path]


def issued(
    signer: Signer, checkpoint: Checkpoint, entries: Sequence[Mapping[str, Any]], *, task: str, at: datetime
) -> dict[str, Any]:
    """The document: its claims with their signature, the checkpoint, and the entries with their paths up to its root.

    Contents are texts, exactly as they were hashed, so that who verifies needs no rules for writing JSON.
    """
    claims = {
        "company": checkpoint.company,
        "task": task,
        "length": len(entries),
        "head": entries[-1]["hash"],
        "erased": sum(entry["content"] is None for entry in entries),
        "checkpoint": checkpoint.name,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return {
        "format": FORMAT,
        "claims": claims,
        "key": signer.public,
        "signature": signer.signature(PURPOSE + canonical(claims)),
        "checkpoint": checkpoint.document(),
        "entries": [_as_text(entry) for entry in entries],
    }


def _as_text(entry: Mapping[str, Any]) -> dict[str, Any]:
    content = entry["content"]
    told = {name: value for name, value in entry.items() if name not in _NOT_OURS}
    return {**told, "content": canonical(content).decode() if content is not None else None}
