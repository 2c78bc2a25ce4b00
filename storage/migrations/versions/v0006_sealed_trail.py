"""The sealed log: which entry of the audit trail stands where, and the signed checkpoints over it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"


def upgrade() -> None:
    """Make both tables, to be read and added to by the app and never changed."""
    _leaf()
    _checkpoint()
    for name in ("audit_leaf", "audit_checkpoint"):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy one_company on {name} using (company = {_TENANT}) with check (company = {_TENANT})")
        op.execute(f"grant select, insert on {name} to chargehand_app")


def _leaf() -> None:
    op.create_table(
        "audit_leaf",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("audit_leaf_company_fkey")),
        sa.PrimaryKeyConstraint("company", "position", name=op.f("audit_leaf_pkey")),
    )
    op.create_index("audit_leaf_of_entry", "audit_leaf", ["company", "entry"], unique=True)


def _checkpoint() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("peaks", postgresql.JSONB(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("audit_checkpoint_company_fkey")),
        sa.PrimaryKeyConstraint("company", "size", name=op.f("audit_checkpoint_pkey")),
    )
    op.create_index("audit_checkpoint_name", "audit_checkpoint", ["company", "name"], unique=True)
