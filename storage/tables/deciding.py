"""Decisions, the votes and questions on them, and the timers that move them on when nobody answers."""

from sqlalchemy import Boolean, Column, Index, Sequence, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.vocabulary import Answer, DecisionKind, DecisionState
from storage.tables.columns import EMPTY_OBJECT, company, document, instant, metadata, number, one_of, words

decision_numbers = Sequence("decision_number", metadata=metadata, start=1)

decisions = Table(
    "decision",
    metadata,
    company(),
    number("number", primary_key=True, autoincrement=False),
    number("task"),
    words("subject"),
    words("kind"),
    words("state"),
    words("edge"),
    words("requester"),
    document("card"),
    document("proposal"),
    words("proposal_digest"),
    words("shown_digest"),
    number("quorum"),
    document("silence"),
    number("silence_index", server_default=text("0")),
    Column("entitled", ARRAY(Text), nullable=False),
    words("entitled_words"),
    instant("opened_at", nullable=False),
    instant("due_at"),
    instant("stopped_at"),
    instant("decided_at"),
    words("decided_by", nullable=True),
    words("reason", nullable=True),
    instant("carried_out_at"),
    instant("lapsed_at"),
    number("successor", nullable=True),
    document("terms", server_default=EMPTY_OBJECT),
    document("seats", server_default=EMPTY_OBJECT),
    Column("broken_glass", Boolean, nullable=False, server_default=text("false")),
    one_of("kind", DecisionKind),
    one_of("state", DecisionState),
    Index("decision_of_task", "company", "task"),
    Index(
        "decision_open_subject",
        "company",
        "subject",
        postgresql_where=text("state in ('open', 'asked_back')"),
    ),
)

votes = Table(
    "vote",
    metadata,
    company(),
    number("decision", primary_key=True),
    words("person", primary_key=True),
    words("answer"),
    words("reason", nullable=True),
    words("via"),
    instant("at", nullable=False),
    one_of("answer", Answer),
)

questions = Table(
    "question",
    metadata,
    company(),
    number("decision", primary_key=True),
    number("ordinal", primary_key=True),
    words("asked_by"),
    words("question"),
    instant("asked_at", nullable=False),
    words("answer", nullable=True),
    instant("answered_at"),
)

timers = Table(
    "timer",
    metadata,
    company(),
    number("decision", primary_key=True),
    words("kind", primary_key=True),
    number("silence_index", primary_key=True),
    number("ordinal", primary_key=True),
    words("person", nullable=True),
    instant("due_at", nullable=False),
    instant("fired_at"),
    Index("timer_due", "company", "due_at", postgresql_where=text("fired_at is null")),
)

attention = Table(
    "attention",
    metadata,
    company(),
    number("decision", primary_key=True),
    words("person", primary_key=True),
    number("task"),
    instant("opened_at"),
    number("seconds", server_default=text("0")),
    words("corrected_by", nullable=True),
    Index("attention_of_task", "company", "task"),
)
