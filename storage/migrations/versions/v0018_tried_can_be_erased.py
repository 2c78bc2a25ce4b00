"""What was tried can hold personal words: the app may empty them, and change nothing else of it."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the words of a try be updated, as those of an attempt can be."""
    op.execute("grant update (cause, sentence, reason, used, kept, notes) on tried to chargehand_app")
