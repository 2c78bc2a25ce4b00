"""Tables of tasks and what belongs to them as revision 0001 made them; never edited once released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def artifact() -> None:
    """The table artifact."""
    op.create_table(
        "artifact",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("artifact_company_fkey")),
        sa.PrimaryKeyConstraint("company", "digest", name=op.f("artifact_pkey")),
    )


def attempt() -> None:
    """The table attempt."""
    op.create_table(
        "attempt",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("worker_version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("failure_class", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "failure_class in ('transient', 'deterministic', 'judgment', 'governance')",
            name=op.f("attempt_failure_class_word"),
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("attempt_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "step", "fence", "ordinal", name=op.f("attempt_pkey")),
    )


def blocker() -> None:
    """The table blocker."""
    op.create_table(
        "blocker",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("blocker_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("blocker_pkey")),
    )
    op.create_index(
        "blocker_open",
        "blocker",
        ["company", "lane", "cause"],
        unique=True,
        postgresql_where=sa.text("lifted_at is null"),
    )


def effect() -> None:
    """The table effect."""
    op.create_table(
        "effect",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("effect_class", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("performs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("looks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("seen", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("effect_class in ('keyed', 'readable', 'neither')", name=op.f("effect_effect_class_word")),
        sa.CheckConstraint(
            "state in ('intended', 'performed', 'verified', 'disproved', 'unknown')", name=op.f("effect_state_word")
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("effect_company_fkey")),
        sa.PrimaryKeyConstraint("company", "key", name=op.f("effect_pkey")),
    )
    op.create_index("effect_of_task", "effect", ["company", "task"], unique=False)


def step_result() -> None:
    """The table step_result."""
    op.create_table(
        "step_result",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("output", postgresql.JSONB(), nullable=False),
        sa.Column("reads", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("notes", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("step_result_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "step", "version", name=op.f("step_result_pkey")),
    )


def task() -> None:
    """The table task."""
    op.create_table(
        "task",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("lane_hash", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("runtime", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.Text(), server_default="self", nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("waiting_on", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("told", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_runner", sa.Text(), nullable=True),
        sa.Column("lease_alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("deaths", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("priority", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("holds_subject", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("origin", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trail_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("trail_hash", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("rung in ('self', 'peer', 'human')", name=op.f("task_rung_word")),
        sa.CheckConstraint(
            "state in ('drafted', 'accepted', 'ready', 'running', 'verifying', 'waiting', 'done', 'refused', 'failed', 'cancelled')",
            name=op.f("task_state_word"),
        ),
        sa.CheckConstraint(
            "waiting_for in ('time', 'blocker', 'decision', 'capability')", name=op.f("task_waiting_for_word")
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("task_company_fkey")),
        sa.PrimaryKeyConstraint("company", "number", name=op.f("task_pkey")),
    )
    _task_indexes()


def _task_indexes() -> None:
    op.create_index("task_by_requester", "task", ["company", "requester", "number"], unique=False)
    op.create_index("task_by_subject", "task", ["company", "subject", "number"], unique=False)
    op.create_index(
        "task_due",
        "task",
        ["company", "runtime", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_index("task_form", "task", ["company", "form_key"], unique=True)
    op.create_index(
        "task_lease",
        "task",
        ["company", "lease_runner"],
        unique=False,
        postgresql_where=sa.text("lease_runner is not null"),
    )
    op.create_index(
        "task_subject_held", "task", ["company", "subject"], unique=True, postgresql_where=sa.text("holds_subject")
    )


def task_artifact() -> None:
    """The table task_artifact."""
    op.create_table(
        "task_artifact",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("task_artifact_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "name", "digest", name=op.f("task_artifact_pkey")),
    )


def verdict() -> None:
    """The table verdict."""
    op.create_table(
        "verdict",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("reads", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("verdict_company_fkey")),
        sa.PrimaryKeyConstraint("company", "task", "version", "ordinal", name=op.f("verdict_pkey")),
    )
