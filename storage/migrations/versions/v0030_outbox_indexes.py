"""An outbox row stands in the indexes by which it can be looked for, and in no other."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Most messages are of no decision, and none has a place before it is sent; letters are looked for by it alone."""
    op.drop_index("outbox_of_decision", "outbox")
    op.create_index(
        "outbox_of_decision", "outbox", ["company", "decision"], postgresql_where=sa.text("decision is not null")
    )
    op.drop_index("outbox_answered", "outbox")
    op.create_index("outbox_posted", "outbox", ["company", "ts"], postgresql_where=sa.text("ts is not null"))
