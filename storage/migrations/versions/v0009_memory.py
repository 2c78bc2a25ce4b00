"""The memory pad, and what was heard of subjects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_KINDS = "kind in ('decision', 'constraint', 'preference', 'observation')"
_HEARD = "heard in ('opted_out', 'opted_in', 'corrected')"


def upgrade() -> None:
    """Make both tables; rows are added and emptied (they can be personal), never taken away."""
    _belief()
    _subject_note()
    for name in ("belief", "subject_note"):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy one_company on {name} using (company = {_TENANT}) with check (company = {_TENANT})")
        op.execute(f"grant select, insert, update on {name} to chargehand_app")


def _belief() -> None:
    op.create_table(
        "belief",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("belief_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("belief_pkey")),
        sa.CheckConstraint(_KINDS, name=op.f("belief_kind_word")),
    )
    current = sa.text("superseded_by is null")
    op.create_index("belief_current", "belief", ["company", "scope", "topic"], postgresql_where=current)
    op.create_index("belief_of_task", "belief", ["company", "task"])


def _subject_note() -> None:
    op.create_table(
        "subject_note",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("subject_note_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("subject_note_pkey")),
        sa.CheckConstraint(_HEARD, name=op.f("subject_note_heard_word")),
    )
    op.create_index("subject_note_of_subject", "subject_note", ["company", "subject", "at"])
    op.create_index("subject_note_once", "subject_note", ["company", "subject", "heard", "task"], unique=True)
