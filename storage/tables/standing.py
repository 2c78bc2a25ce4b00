"""How units of the business stand: who gets work, who does not, and what narrows them."""

from sqlalchemy import Table

from contracts.vocabulary import Standing
from storage.tables.columns import company, instant, metadata, number, one_of, words

standings = Table(
    "standing",
    metadata,
    company(),
    words("unit", primary_key=True),
    words("standing"),
    number("share", nullable=True),
    number("tier", nullable=True),
    number("stage", nullable=True),
    words("by"),
    words("because"),
    instant("since", nullable=False),
    one_of("standing", Standing),
)
