"""The audit trail: append-only entries, each chained to the one before it, and the log in which they are sealed."""

from sqlalchemy import BigInteger, Column, ColumnElement, Identity, Index, LargeBinary, Table, select

from storage.tables.columns import company, document, instant, metadata, number, words

audit_entries = Table(
    "audit_entry",
    metadata,
    company(),
    Column("id", BigInteger, Identity(), primary_key=True),
    words("trail"),
    number("seq"),
    instant("at", nullable=False),
    words("event"),
    words("actor"),
    words("source", nullable=True),
    words("target", nullable=True),
    number("version", nullable=True),
    words("content_hash"),
    words("previous"),
    words("hash"),
    Column("salt", LargeBinary, nullable=True),
    document("content", nullable=True),
    Index("audit_entry_chain", "company", "trail", "seq", unique=True),
)

audit_leaves = Table(
    "audit_leaf",
    metadata,
    company(),
    number("position", primary_key=True, autoincrement=False),
    number("entry"),
    Index("audit_leaf_of_entry", "company", "entry", unique=True),
)

audit_checkpoints = Table(
    "audit_checkpoint",
    metadata,
    company(),
    number("size", primary_key=True, autoincrement=False),
    words("name"),
    instant("at", nullable=False),
    words("root"),
    words("previous"),
    words("key"),
    words("signature"),
    document("peaks"),
    number("settled"),
    Index("audit_checkpoint_name", "company", "name", unique=True),
)


def is_unsealed() -> ColumnElement[bool]:
    """Whether an entry has no place in the log, by one look into an index for each.

    An anti-join says the same, and becomes a nested loop over all leaves when statistics are older than the entries:
    measured, 3.8 s instead of 0.02 s for 10,000.
    """
    same = (audit_leaves.c.company == audit_entries.c.company) & (audit_leaves.c.entry == audit_entries.c.id)
    return select(audit_leaves.c.position).where(same).scalar_subquery().is_(None)
