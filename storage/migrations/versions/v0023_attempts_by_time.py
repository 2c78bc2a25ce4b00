"""Attempts are counted by time: for switches that count them. Published versions of lanes can't be changed any more."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows come in the order of their time, so an index of ranges is enough."""
    op.create_index("attempt_started", "attempt", ["started_at"], postgresql_using="brin")
    op.execute("revoke update on lane_version from chargehand_app")
