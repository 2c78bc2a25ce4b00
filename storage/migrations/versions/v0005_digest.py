"""The weekly digest: what each manager was shown, and the word for its letter in the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_MESSAGES = "message in ('task', 'result', 'card', 'reminder', 'question', 'notice', 'digest')"


def upgrade() -> None:
    """Let the outbox carry digests, and make their table readable and writable: what was shown is never changed."""
    op.drop_constraint(op.f("outbox_message_word"), "outbox", type_="check")
    op.create_check_constraint(op.f("outbox_message_word"), "outbox", _MESSAGES)
    op.create_table(
        "digest",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("digest_company_fkey")),
        sa.PrimaryKeyConstraint("company", "name", name=op.f("digest_pkey")),
    )
    op.execute("alter table digest enable row level security")
    op.execute(f"create policy one_company on digest using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute("grant select, insert on digest to chargehand_app")
