"""Links that sign somebody in on the page once, and the sessions that they open."""

from sqlalchemy import Index, Table

from storage.tables.columns import company, instant, metadata, words

sign_ins = Table(
    "sign_in",
    metadata,
    company(),
    words("id", primary_key=True),
    words("person"),
    words("via"),
    instant("made_at", nullable=False),
    instant("used_at"),
    instant("ended_at"),
    Index("sign_in_of_person", "company", "person", "made_at"),
    Index("sign_in_by_age", "company", "made_at"),
)
