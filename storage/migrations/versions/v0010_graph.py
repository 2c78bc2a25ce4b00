"""What a task's way through its lane's graph needs to know: steps that were put off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tasks that are under way have nothing to remember yet."""
    op.add_column("task", sa.Column("way", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
