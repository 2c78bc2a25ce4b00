"""The memory pad and what was heard of subjects: what is known from one task to the next."""

from sqlalchemy import BigInteger, Column, Float, Identity, Index, Table, text

from contracts.vocabulary import BeliefKind, Heard
from storage.tables.columns import company, document, instant, metadata, number, one_of, words

beliefs = Table(
    "belief",
    metadata,
    company(),
    Column("id", BigInteger, Identity(), primary_key=True),
    words("scope"),
    words("topic"),
    words("kind"),
    document("value", nullable=True),
    words("source"),
    number("task", nullable=True),
    Column("confidence", Float, nullable=False),
    instant("at", nullable=False),
    instant("expires_at"),
    number("superseded_by", nullable=True),
    one_of("kind", BeliefKind),
    Index("belief_current", "company", "scope", "topic", postgresql_where=text("superseded_by is null")),
    Index("belief_of_task", "company", "task"),
)

subject_notes = Table(
    "subject_note",
    metadata,
    company(),
    Column("id", BigInteger, Identity(), primary_key=True),
    words("subject"),
    words("heard"),
    words("sentence"),
    words("source"),
    number("task", nullable=True),
    instant("at", nullable=False),
    one_of("heard", Heard),
    Index("subject_note_of_subject", "company", "subject", "at"),
    Index("subject_note_once", "company", "subject", "heard", "task", unique=True),
)
