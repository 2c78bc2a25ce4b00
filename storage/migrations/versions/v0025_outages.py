"""An outage of a system is one blocker for all lanes whose trouble is put to the same people."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is open stays its lane's, and is lifted as before."""
    op.add_column("blocker", sa.Column("system", sa.Text(), nullable=True))
    op.add_column("blocker", sa.Column("asks", sa.Text(), nullable=True))
    op.drop_index("blocker_open", "blocker")
    op.create_index(
        "blocker_open",
        "blocker",
        ["company", "lane", "cause"],
        unique=True,
        postgresql_where=sa.text("lifted_at is null and system is null"),
    )
    op.create_index(
        "blocker_outage",
        "blocker",
        ["company", "system", "asks"],
        unique=True,
        postgresql_where=sa.text("lifted_at is null and system is not null"),
    )
