"""What the business's numbers were seen to be, where nothing that we store can tell; and what managers were shown."""

from sqlalchemy import Column, Float, Table

from storage.tables.columns import company, document, instant, metadata, words

kpi_observations = Table(
    "kpi_observation",
    metadata,
    company(),
    words("kpi", primary_key=True),
    instant("at", primary_key=True, nullable=False),
    Column("value", Float, nullable=False),
    words("by"),
)

digests = Table(
    "digest",
    metadata,
    company(),
    words("name", primary_key=True),
    words("portfolio"),
    words("week"),
    words("manager"),
    words("made_by"),
    instant("made_at", nullable=False),
    document("shown"),
)
