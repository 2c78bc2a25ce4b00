"""Who is away and who decides in their place."""

from sqlalchemy import Table

from contracts.vocabulary import AbsenceSource
from storage.tables.columns import company, instant, metadata, one_of, words

absences = Table(
    "absence",
    metadata,
    company(),
    words("person", primary_key=True),
    words("source", primary_key=True),
    words("reference", primary_key=True),
    instant("since", nullable=False),
    instant("until", nullable=False),
    words("substitute", nullable=True),
    instant("noted_at", nullable=False),
    instant("ended_at"),
    one_of("source", AbsenceSource),
)
