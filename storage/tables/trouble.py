"""What was tried when a step failed, and which outside systems are known to be down."""

from sqlalchemy import Index, Table, text

from contracts.vocabulary import FailureClass, MoveKind
from storage.tables.columns import EMPTY_LIST, company, document, instant, metadata, number, one_of, words

tried = Table(
    "tried",
    metadata,
    company(),
    number("task", primary_key=True),
    number("version", primary_key=True),
    words("step"),
    words("worker"),
    words("runtime"),
    words("tactic", server_default=""),
    words("failure_class"),
    words("failure_case", server_default=""),
    words("cause"),
    words("sentence"),
    words("move"),
    words("chosen", server_default=""),
    words("reason"),
    document("used", server_default=EMPTY_LIST),
    document("kept", server_default=EMPTY_LIST),
    document("notes", server_default=EMPTY_LIST),
    instant("at", nullable=False),
    one_of("failure_class", FailureClass),
    one_of("move", MoveKind),
    Index("tried_at", "company", "at"),
)

circuits = Table(
    "circuit",
    metadata,
    company(),
    words("system", primary_key=True),
    words("runtime", primary_key=True),
    number("failures", server_default=text("0")),
    words("sentence", server_default=""),
    instant("failed_at", nullable=False),
    instant("opened_at"),
    instant("probe_at"),
)
