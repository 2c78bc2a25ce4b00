"""How units of the business stand, from the company down to a worker; a lane's own column gives way to it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_STANDINGS = "standing in ('proposed', 'active', 'narrowed', 'paused', 'retired')"


def upgrade() -> None:
    """Make the table, to be read and written by the app; nobody ever wrote the column that goes."""
    op.create_table(
        "standing",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_STANDINGS, name=op.f("standing_standing_word")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("standing_company_fkey")),
        sa.PrimaryKeyConstraint("company", "unit", name=op.f("standing_pkey")),
    )
    op.execute("alter table standing enable row level security")
    op.execute(f"create policy one_company on standing using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert, update on standing to chargehand_app")
    op.drop_column("lane", "standing")
