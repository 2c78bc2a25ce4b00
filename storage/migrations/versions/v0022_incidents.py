"""Incidents: what people said of wrong results, and the word for what is sent of them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_MESSAGES = "message in ('task', 'result', 'card', 'reminder', 'question', 'notice', 'digest', 'incident')"
_ANSWERED = "message in ('card', 'question', 'task', 'result')"
_CAUSES = "'reasoning', 'rights', 'stale_facts', 'missing_approval', 'contract', 'tool', 'data'"
_CLOSED = "closed_at is null or (cause is not null and correction_s is not null)"
_CHANGES = "sentence, cause, correction_s, because, recurs, closed_at, closed_by"


def upgrade() -> None:
    """Make the table and its numbers, and let the outbox carry incidents and be found by what people reply to.

    Who said what of which task never changes.
    """
    op.drop_constraint(op.f("outbox_message_word"), "outbox", type_="check")
    op.create_check_constraint(op.f("outbox_message_word"), "outbox", _MESSAGES)
    op.drop_index("outbox_asking", "outbox")
    where = sa.text(_ANSWERED)
    op.create_index("outbox_answered", "outbox", ["company", "channel", "ts"], postgresql_where=where)
    op.execute("create sequence incident_number start with 1")
    op.execute("grant usage on sequence incident_number to chargehand_app")
    _incident()
    op.execute("alter table incident enable row level security")
    op.execute(f"create policy one_company on incident using (company = {_TENANT}) with check (company = {_TENANT})")
    op.execute(f"grant select, insert, update ({_CHANGES}) on incident to chargehand_app")


def _incident() -> None:
    empty = sa.text("''")
    op.create_table(
        "incident",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("correction_s", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.Text(), server_default=empty, nullable=False),
        sa.Column("recurs", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.CheckConstraint(f"cause in ({_CAUSES})", name=op.f("incident_cause_word")),
        sa.CheckConstraint(_CLOSED, name=op.f("incident_closed_with_its_cause")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("incident_company_fkey")),
        sa.PrimaryKeyConstraint("company", "number", name=op.f("incident_pkey")),
    )
    op.create_index("incident_once", "incident", ["company", "task", "reported_by", "delivery"], unique=True)
    op.create_index("incident_of_lane", "incident", ["company", "lane", "reported_at"])
    op.create_index("incident_open", "incident", ["company", "lane"], postgresql_where=sa.text("closed_at is null"))
