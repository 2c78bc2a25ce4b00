"""Entries of the audit trail: each chained to the one before it on the same subject, content apart from its hash."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text

from contracts.canonical import canonical, digest, plain_digest
from storage.database import Unit
from storage.recordsets import as_bytes
from storage.tables.trail import audit_entries

GENESIS = ""
_HASHED = ("company", "trail", "seq", "event", "actor", "source", "target", "version", "content_hash", "previous")
"""What an entry's hash covers beside its time."""
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:trail, 0))")


@dataclass(frozen=True, slots=True)
class Said:
    """What one entry tells: `actor` is "runner:…", "person:…", "clock" or "intake:…"; `content` is JSON."""

    event: str
    actor: str
    content: Mapping[str, Any]
    source: str | None = None
    target: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a trail: its number and hash (64 hex digits, empty before the first)."""

    seq: int
    hash: str


def chain(
    company: str, trail: str, head: Head, said: Sequence[Said], at: datetime
) -> tuple[list[dict[str, Any]], Head]:
    """The rows of new entries on a trail, and its new head. Pure but for the salt, which has to be random."""
    rows, when = [], _written(at)
    for one in said:
        row = _row(company, trail, head, one, when)
        rows.append(row)
        head = Head(row["seq"], row["hash"])
    return rows, head


def _written(at: datetime) -> str:
    """A moment as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(company: str, trail: str, head: Head, said: Said, at: str) -> dict[str, Any]:
    salt = secrets.token_bytes(16)
    row: dict[str, str | int | None] = {
        "company": company,
        "trail": trail,
        "seq": head.seq + 1,
        "at": at,
        "event": said.event,
        "actor": said.actor,
        "source": said.source,
        "target": said.target,
        "version": said.version,
        "content_hash": hashlib.sha256(salt + canonical(said.content)).hexdigest(),
        "previous": head.hash,
    }
    return {**row, "hash": plain_digest(row), "salt": as_bytes(salt), "content": said.content}


def entry_hash(row: Mapping[str, Any]) -> str:
    """The hash that a stored entry must have; `row["at"]` is a datetime."""
    return digest({**{name: row[name] for name in _HASHED}, "at": _written(row["at"])})


def as_written(values: Mapping[str, str]) -> str:
    """SQL for the canonical JSON of an object; `values` is SQL for each of its texts and whole numbers, none of them null.

    Names are of ASCII. PostgreSQL escapes a text as RFC 8785 does.
    """
    written = " || ',' || ".join(f"'\"{name}\":' || to_json({values[name]})" for name in sorted(values))
    return f"'{{' || {written} || '}}'"


def as_moment_written(moment: str) -> str:
    """SQL for a moment as it is hashed."""
    return f"""to_char({moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""


def as_content_hash(salt: str, written: str) -> str:
    """SQL for the `content_hash` of an entry whose content is written as canonical JSON."""
    return f"encode(sha256({salt} || convert_to({written}, 'UTF8')), 'hex')"


def as_entry_hash(values: Mapping[str, str]) -> str:
    """SQL for the hash of an entry; `values` is SQL for each of the fields that `entry_hash` names, `at` as it is hashed.

    Raises KeyError when one is missing.
    """
    written = as_written({name: values[name] for name in (*_HASHED, "at")})
    return f"encode(sha256(convert_to({written}, 'UTF8')), 'hex')"


def note(unit: Unit, trail: str, said: Said) -> None:
    """Append one entry to a trail that no task row carries: a lane, a person, a decision's presser."""
    unit.connection.execute(_LOCK, {"trail": f"{unit.company}/{trail}"})
    found = unit.connection.execute(
        select(audit_entries.c.seq, audit_entries.c.hash)
        .where(audit_entries.c.company == unit.company, audit_entries.c.trail == trail)
        .order_by(audit_entries.c.seq.desc())
        .limit(1)
    ).one_or_none()
    head = Head(found.seq, found.hash) if found else Head(0, GENESIS)
    rows, _ = chain(unit.company, trail, head, [said], unit.now)
    unit.connection.execute(insert(audit_entries), [_stored(row) for row in rows])


def _stored(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "salt": bytes.fromhex(row["salt"].removeprefix("\\x")), "at": datetime.fromisoformat(row["at"])}


def trail_of(unit: Unit, trail: str) -> list[Mapping[str, Any]]:
    """All entries of a trail, oldest first."""
    rows = unit.connection.execute(
        select(audit_entries)
        .where(audit_entries.c.company == unit.company, audit_entries.c.trail == trail)
        .order_by(audit_entries.c.seq)
    )
    return [dict(row._mapping) for row in rows]


def latest(unit: Unit, trail: str, events: Sequence[str]) -> tuple[str, datetime] | None:
    """Which of these events was told last on a trail, and when; None when none ever was."""
    mine = (audit_entries.c.company == unit.company) & (audit_entries.c.trail == trail)
    query = select(audit_entries.c.event, audit_entries.c.at).where(mine, audit_entries.c.event.in_(events))
    row = unit.connection.execute(query.order_by(audit_entries.c.seq.desc()).limit(1)).one_or_none()
    return (row.event, row.at) if row is not None else None


def broken_at(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """The first entry whose hash, link, number or (unerased) content is wrong, or None when the chain is intact."""
    previous = GENESIS
    for position, entry in enumerate(entries, start=1):
        links = entry["seq"] == position and entry["previous"] == previous
        if not links or entry["hash"] != entry_hash(entry) or not _content_intact(entry):
            return position
        previous = entry["hash"]
    return None


def _content_intact(entry: Mapping[str, Any]) -> bool:
    if entry["salt"] is None:
        return entry["content"] is None
    found = hashlib.sha256(bytes(entry["salt"]) + canonical(entry["content"])).hexdigest()
    return bool(found == entry["content_hash"])
