"""Absences, decisions of one's own in an emergency, and how long people took over each decision."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make both tables, to be read and written by the app and never deleted from."""
    op.add_column("decision", sa.Column("broken_glass", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    _absence()
    _attention()
    for name in ("absence", "attention"):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy one_company on {name} using (company = {_TENANT}) with check (company = {_TENANT})")
        op.execute(f"grant select, insert, update on {name} to chargehand_app")


def _absence() -> None:
    op.create_table(
        "absence",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source in ('person', 'letter')", name=op.f("absence_source_word")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("absence_company_fkey")),
        sa.PrimaryKeyConstraint("company", "person", "source", "reference", name=op.f("absence_pkey")),
    )


def _attention() -> None:
    op.create_table(
        "attention",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("corrected_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("attention_company_fkey")),
        sa.PrimaryKeyConstraint("company", "decision", "person", name=op.f("attention_pkey")),
    )
    op.create_index("attention_of_task", "attention", ["company", "task"])
