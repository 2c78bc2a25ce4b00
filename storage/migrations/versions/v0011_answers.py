"""All answers to a decision: changed and sent back, seats that are handed over, and reminders of one person's own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATES = "state in ('open', 'asked_back', 'approved', 'rejected', 'expired', 'withdrawn', 'changed', 'revised')"
_ANSWERS = "answer in ('approve', 'change', 'reject', 'revise', 'ask', 'hand_over', 'snooze')"
_EMPTY = sa.text("'{}'::jsonb")


def upgrade() -> None:
    """Widen both word lists and add what the new answers leave on a decision."""
    op.drop_constraint(op.f("decision_state_word"), "decision", type_="check")
    op.create_check_constraint(op.f("decision_state_word"), "decision", _STATES)
    op.drop_constraint(op.f("vote_answer_word"), "vote", type_="check")
    op.create_check_constraint(op.f("vote_answer_word"), "vote", _ANSWERS)
    op.add_column("decision", sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("successor", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("terms", postgresql.JSONB(), server_default=_EMPTY, nullable=False))
    op.add_column("decision", sa.Column("seats", postgresql.JSONB(), server_default=_EMPTY, nullable=False))
    op.add_column("timer", sa.Column("person", sa.Text(), nullable=True))
