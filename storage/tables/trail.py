"""The audit trail: append-only entries, each chained to the one before it on the same subject."""

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table

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
