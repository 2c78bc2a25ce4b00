"""Absences that a calendar says."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the record know the source."""
    op.drop_constraint(op.f("absence_source_word"), "absence", type_="check")
    op.create_check_constraint(op.f("absence_source_word"), "absence", "source in ('person', 'letter', 'calendar')")
