"""What is due is found lane by lane, and by its deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at is not null")
_URGENT = sa.text("due_at is not null and deadline is not null")


def upgrade() -> None:
    """Let a claim find the first tasks of each lane, without a look at all that is due."""
    op.drop_index("task_due", "task")
    op.create_index("task_due", "task", ["company", "runtime", "lane", "due_at"], postgresql_where=_DUE)
    op.create_index("task_deadline", "task", ["company", "runtime", "deadline"], postgresql_where=_URGENT)
