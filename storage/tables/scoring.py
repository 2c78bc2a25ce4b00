"""What the business's numbers were seen to be, where nothing that we store can tell."""

from sqlalchemy import Column, Float, Table

from storage.tables.columns import company, instant, metadata, words

kpi_observations = Table(
    "kpi_observation",
    metadata,
    company(),
    words("kpi", primary_key=True),
    instant("at", primary_key=True, nullable=False),
    Column("value", Float, nullable=False),
    words("by"),
)
