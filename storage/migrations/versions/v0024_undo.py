"""How an effect can be taken back, as its contract said when it was intended, and which effect another one takes back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for both; what was done before stays as it was, and nothing of it is taken back."""
    op.add_column("effect", sa.Column("undo", JSONB(), nullable=True))
    op.add_column("effect", sa.Column("undoes", sa.Text(), nullable=True))
