"""Mail: letters as they came in, reply tokens, drafts, dead addresses, and where each person would rather be told."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_SCOPED = ("letter", "mail_token", "mail_draft", "undeliverable", "auto_answer")


def upgrade() -> None:
    """Make the tables, put them behind row-level security, and let the app read and write them."""
    op.add_column("person", sa.Column("prefers", sa.Text(), server_default="slack", nullable=False))
    for table in (_letter, _mail_token, _mail_draft, _undeliverable, _auto_answer):
        table()
    for name in _SCOPED:
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy one_company on {name} using (company = {_TENANT}) with check (company = {_TENANT})")
        op.execute(f"grant select, insert, update on {name} to chargehand_app")


def _table(name: str, *columns: "sa.Column[Any]", key: str) -> None:
    """A table of a company, with the company and `key` as its primary key."""
    op.create_table(
        name,
        sa.Column("company", sa.Text(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f(f"{name}_company_fkey")),
        sa.PrimaryKeyConstraint("company", key, name=op.f(f"{name}_pkey")),
    )


def _letter() -> None:
    _table(
        "letter",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        key="digest",
    )


def _mail_token() -> None:
    _table(
        "mail_token",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        key="token_hash",
    )
    op.create_index("mail_token_of_decision", "mail_token", ["company", "decision", "person"], unique=False)


def _mail_draft() -> None:
    _table(
        "mail_draft",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=True),
        key="thread",
    )


def _undeliverable() -> None:
    _table(
        "undeliverable",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        key="address",
    )


def _auto_answer() -> None:
    _table(
        "auto_answer",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        key="address",
    )
