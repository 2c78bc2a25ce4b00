"""Links that sign somebody in on the page once, and the sessions that they open."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make the table; whom a link is for never changes, and what was used or has ended stays so."""
    op.create_table(
        "sign_in",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("sign_in_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("sign_in_pkey")),
    )
    op.create_index("sign_in_of_person", "sign_in", ["company", "person", "made_at"])
    op.execute("alter table sign_in enable row level security")
    op.execute(f"create policy one_company on sign_in using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert, update (used_at, ended_at) on sign_in to chargehand_app")
