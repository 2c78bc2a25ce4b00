"""What a lane is worth and by when a task is wanted; a task's own priority, which nobody ever set, gives way to them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them; the clock weighs the lanes in its first round."""
    op.add_column("lane", sa.Column("worth", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.add_column("lane", sa.Column("worth_because", sa.Text(), server_default="", nullable=False))
    op.add_column("task", sa.Column("deadline", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("task", "priority")
