"""Economics: tool calls of each attempt, and observations of KPIs that somebody tells us."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_CALLS_SO_FAR = """
    update attempt set tool_calls = jsonb_array_length(found.reads) from step_result found
    where (found.company, found.task, found.step) = (attempt.company, attempt.task, attempt.step)
    and found.version = attempt.ordinal / 100 and attempt.outcome <> 'failed'"""


def upgrade() -> None:
    """Count what earlier attempts are known to have called, and make the new table readable, writable, never erasable."""
    op.add_column("attempt", sa.Column("tool_calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(_CALLS_SO_FAR)
    op.create_table(
        "kpi_observation",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("kpi_observation_company_fkey")),
        sa.PrimaryKeyConstraint("company", "kpi", "at", name=op.f("kpi_observation_pkey")),
    )
    op.execute("alter table kpi_observation enable row level security")
    op.execute(
        f"create policy one_company on kpi_observation using (company = {_TENANT}) with check (company = {_TENANT})"
    )
    op.execute("grant select, insert, update on kpi_observation to chargehand_app")
