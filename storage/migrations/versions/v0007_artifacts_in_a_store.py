"""Artifacts lie in a store of their own; which of a step's artifacts stands for it; when content was erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Content that is in the database stays there and is read from there; new content is written to the store."""
    op.alter_column("artifact", "content", existing_type=postgresql.BYTEA(), nullable=True)
    op.add_column("artifact", sa.Column("size", sa.BigInteger(), nullable=True))
    op.add_column("artifact", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("task_artifact", sa.Column("canonical", sa.Boolean(), server_default=sa.false(), nullable=False))
