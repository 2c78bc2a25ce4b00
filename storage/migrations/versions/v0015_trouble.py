"""Trouble: what was tried when a step failed, and the circuits of systems that are known to be down."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TENANT = "nullif(current_setting('app.company', true), '')"
_CLASSES = "'transient', 'deterministic', 'judgment', 'governance'"
_MOVES = (
    "'retry', 'put_off', 'amend', 'other_tool', 'reduced_scope', 'other_runtime', 'peer', 'human', 'refuse', 'stop'"
)


def upgrade() -> None:
    """Make both tables: what was tried is read and added to, a circuit changes."""
    _tried()
    _circuit()
    for name, rights in (("tried", "select, insert"), ("circuit", "select, insert, update")):
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy one_company on {name} using (company = {_TENANT}) with check (company = {_TENANT})")
        op.execute(f"grant {rights} on {name} to chargehand_app")


def _tried() -> None:
    empty, nothing = sa.text("''"), sa.text("'[]'::jsonb")
    op.create_table(
        "tried",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("runtime", sa.Text(), nullable=False),
        sa.Column("tactic", sa.Text(), server_default=empty, nullable=False),
        sa.Column("failure_class", sa.Text(), nullable=False),
        sa.Column("failure_case", sa.Text(), server_default=empty, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Text(), server_default=empty, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("used", postgresql.JSONB(), server_default=nothing, nullable=False),
        sa.Column("kept", postgresql.JSONB(), server_default=nothing, nullable=False),
        sa.Column("notes", postgresql.JSONB(), server_default=nothing, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"failure_class in ({_CLASSES})", name=op.f("tried_failure_class_word")),
        sa.CheckConstraint(f"move in ({_MOVES})", name=op.f("tried_move_word")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("tried_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "version", name=op.f("tried_pkey")),
    )
    op.create_index("tried_at", "tried", ["company", "at"])


def _circuit() -> None:
    op.create_table(
        "circuit",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("runtime", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sentence", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("circuit_company_fkey")),
        sa.PrimaryKeyConstraint("company", "system", "runtime", name=op.f("circuit_pkey")),
    )
