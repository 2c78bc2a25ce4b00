"""The facts that rules were held against, kept whole, to try changed contracts on; what people found of effects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make room for both; facts may be emptied later (they can be personal), rows stay."""
    op.add_column("effect", sa.Column("finding", postgresql.JSONB(), nullable=True))
    op.create_table(
        "judged_facts",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("judged_facts_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "version", "step", name=op.f("judged_facts_pkey")),
    )
    op.execute("alter table judged_facts enable row level security")
    op.execute(
        f"create policy one_company on judged_facts using (company = {_TENANT}) with check (company = {_TENANT})"
    )
    op.execute("grant select, insert, update on judged_facts to chargehand_app")
