"""What effects have used of caps, and tasks by what they wait on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "cap_use",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("blast", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.BigInteger(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("cap_use_company_fkey")),
        sa.PrimaryKeyConstraint("company", "key", name=op.f("cap_use_pkey")),
    )
    op.create_index("cap_use_in_span", "cap_use", ["company", "blast", "settled_at"])
    op.execute("alter table cap_use enable row level security")
    op.execute(f"create policy one_company on cap_use using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert, update on cap_use to chargehand_app")
    op.create_index(
        "task_waiting", "task", ["company", "waiting_on"], postgresql_where=sa.text("waiting_on is not null")
    )
