"""An index for finding the card or question that somebody replies to, by where it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it, for what is put to people alone."""
    asking = sa.text("message in ('card', 'question')")
    op.create_index("outbox_asking", "outbox", ["company", "channel", "ts"], postgresql_where=asking)
