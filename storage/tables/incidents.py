"""What people have said of results that were wrong, and why they were."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Sequence, Table, text

from contracts.vocabulary import CauseClass
from storage.tables.columns import company, instant, metadata, number, one_of, words

incident_numbers = Sequence("incident_number", metadata=metadata, start=1)

incidents = Table(
    "incident",
    metadata,
    company(),
    number("number", primary_key=True, autoincrement=False),
    number("task"),
    words("lane"),
    words("worker"),
    words("reported_by"),
    words("via"),
    words("delivery"),
    words("sentence"),
    instant("reported_at", nullable=False),
    words("cause", nullable=True),
    number("correction_s", nullable=True),
    words("because", server_default=""),
    number("recurs", nullable=True),
    instant("closed_at"),
    words("closed_by", nullable=True),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    one_of("cause", CauseClass),
    CheckConstraint(
        "closed_at is null or withdrawn or (cause is not null and correction_s is not null)",
        name="closed_with_its_cause",
    ),
    CheckConstraint(
        "not withdrawn or (closed_at is not null and closed_by is not null and because <> '')",
        name="withdrawn_with_a_reason",
    ),
    Index("incident_once", "company", "task", "reported_by", "delivery", unique=True),
    Index("incident_of_lane", "company", "lane", "reported_at"),
    Index("incident_open", "company", "lane", postgresql_where=text("closed_at is null")),
)
