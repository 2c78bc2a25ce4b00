"""What was used of caps and budgets."""

from sqlalchemy import Column, Date, Index, Numeric, Table

from storage.tables.columns import company, instant, metadata, number, words

cap_uses = Table(
    "cap_use",
    metadata,
    company(),
    words("key", primary_key=True),
    number("task"),
    words("lane"),
    words("portfolio"),
    words("workspace"),
    words("blast"),
    number("count"),
    number("amount"),
    number("records"),
    number("recipients"),
    instant("intended_at", nullable=False),
    instant("settled_at"),
    instant("given_back_at"),
    Index("cap_use_in_span", "company", "blast", "settled_at"),
)

budget_uses = Table(
    "budget_use",
    metadata,
    company(),
    words("node", primary_key=True),
    words("span", primary_key=True),
    Column("starts", Date, primary_key=True),
    Column("spent", Numeric, nullable=False),
    Column("most", Numeric, nullable=False),
)
