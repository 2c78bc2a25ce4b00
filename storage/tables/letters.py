"""Letters as they came in, the addresses that answer a decision, and what is known about people's mailboxes."""

from sqlalchemy import Column, Index, LargeBinary, Table

from storage.tables.columns import company, document, instant, metadata, number, words

letters = Table(
    "letter",
    metadata,
    company(),
    words("digest", primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    instant("received_at", nullable=False),
    words("from_address", nullable=True),
    words("message_id", nullable=True),
)

mail_tokens = Table(
    "mail_token",
    metadata,
    company(),
    words("token_hash", primary_key=True),
    number("decision"),
    words("person"),
    instant("made_at", nullable=False),
    instant("used_at"),
    Index("mail_token_of_decision", "company", "decision", "person"),
)

mail_drafts = Table(
    "mail_draft",
    metadata,
    company(),
    words("thread", primary_key=True),
    words("person"),
    words("lane"),
    document("values"),
    instant("asked_at", nullable=False),
    number("task", nullable=True),
)

undeliverable = Table(
    "undeliverable",
    metadata,
    company(),
    words("address", primary_key=True),
    instant("since", nullable=False),
    words("why"),
)

auto_answers = Table(
    "auto_answer",
    metadata,
    company(),
    words("address", primary_key=True),
    instant("last_at", nullable=False),
)
