"""What was spent of budgets, by node of the tree and period."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "budget_use",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("spent", sa.Numeric(), nullable=False),
        sa.Column("most", sa.Numeric(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("budget_use_company_fkey")),
        sa.PrimaryKeyConstraint("company", "node", "span", "starts", name=op.f("budget_use_pkey")),
    )
    op.execute("alter table budget_use enable row level security")
    op.execute(f"create policy one_company on budget_use using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert, update on budget_use to chargehand_app")
