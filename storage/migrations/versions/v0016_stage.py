"""The stage that the record leaves a lane."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; without one the declared stage is in force."""
    op.add_column("standing", sa.Column("stage", sa.BigInteger(), nullable=True))
