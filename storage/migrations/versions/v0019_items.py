"""Items of steps that are done for each of a list; attempts and effects know theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_STATES = "state in ('pending', 'done', 'refused', 'failed')"


def upgrade() -> None:
    """Make the table and the columns; what is there belongs to no item."""
    op.create_table(
        "item",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("item", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("output", postgresql.JSONB(), nullable=True),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_STATES, name=op.f("item_state_word")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("item_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "step", "round", "ordinal", name=op.f("item_pkey")),
    )
    op.execute("alter table item enable row level security")
    op.execute(f"create policy one_company on item using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert, update on item to chargehand_app")
    op.add_column("attempt", sa.Column("item", sa.BigInteger(), nullable=True))
    op.add_column("effect", sa.Column("ordinal", sa.BigInteger(), server_default=sa.text("1"), nullable=False))
