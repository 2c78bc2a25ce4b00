"""Tables of the business, decisions, traffic and the trail as revision 0001 made them; never edited once released."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql


def company() -> None:
    """The table company."""
    op.create_table(
        "company",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_hash", sa.Text(), nullable=False),
        sa.Column("declared", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("company_pkey")),
    )


def audit_entry() -> None:
    """The table audit_entry."""
    op.create_table(
        "audit_entry",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("trail", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("audit_entry_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("audit_entry_pkey")),
    )
    op.create_index("audit_entry_chain", "audit_entry", ["company", "trail", "seq"], unique=True)


def decision() -> None:
    """The table decision."""
    op.create_table(
        "decision",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("card", postgresql.JSONB(), nullable=False),
        sa.Column("proposal", postgresql.JSONB(), nullable=False),
        sa.Column("proposal_digest", sa.Text(), nullable=False),
        sa.Column("shown_digest", sa.Text(), nullable=False),
        sa.Column("quorum", sa.BigInteger(), nullable=False),
        sa.Column("silence", postgresql.JSONB(), nullable=False),
        sa.Column("silence_index", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("entitled", postgresql.ARRAY(Text()), nullable=False),
        sa.Column("entitled_words", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('approval', 'escalation', 'clarification', 'gate')", name=op.f("decision_kind_word")
        ),
        sa.CheckConstraint(
            "state in ('open', 'asked_back', 'approved', 'rejected', 'expired', 'withdrawn')",
            name=op.f("decision_state_word"),
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("decision_company_fkey")),
        sa.PrimaryKeyConstraint("company", "number", name=op.f("decision_pkey")),
    )
    op.create_index("decision_of_task", "decision", ["company", "task"], unique=False)
    op.create_index(
        "decision_open_subject",
        "decision",
        ["company", "subject"],
        unique=False,
        postgresql_where=sa.text("state in ('open', 'asked_back')"),
    )


def delivery() -> None:
    """The table delivery."""
    op.create_table(
        "delivery",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("chargehand_now()"), nullable=False
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("became", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "became in ('task', 'decision', 'answer', 'quarantine', 'ignored')", name=op.f("delivery_became_word")
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("delivery_company_fkey")),
        sa.PrimaryKeyConstraint("company", "key", name=op.f("delivery_pkey")),
    )
    op.create_index(
        "delivery_due", "delivery", ["company", "due_at"], unique=False, postgresql_where=sa.text("handled_at is null")
    )


def lane() -> None:
    """The table lane."""
    op.create_table(
        "lane",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), server_default="active", nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("lane_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("lane_pkey")),
    )


def lane_version() -> None:
    """The table lane_version."""
    op.create_table(
        "lane_version",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("lane_version_company_fkey")),
        sa.PrimaryKeyConstraint("company", "lane", "hash", name=op.f("lane_version_pkey")),
    )


def outbox() -> None:
    """The table outbox."""
    op.create_table(
        "outbox",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("task", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("urgency", sa.BigInteger(), server_default=sa.text("5"), nullable=False),
        sa.Column("wanted", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("chargehand_now()"), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("shown_digest", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("chargehand_now()"), nullable=False),
        sa.CheckConstraint(
            "message in ('task', 'result', 'card', 'reminder', 'question', 'notice')", name=op.f("outbox_message_word")
        ),
        sa.CheckConstraint(
            "state in ('pending', 'sending', 'sent', 'unknown', 'failed', 'superseded')", name=op.f("outbox_state_word")
        ),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("outbox_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("outbox_pkey")),
    )
    op.create_index("outbox_dedupe", "outbox", ["company", "dedupe"], unique=True)
    op.create_index(
        "outbox_due",
        "outbox",
        ["company", "urgency", "due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('pending', 'sending')"),
    )
    op.create_index("outbox_of_decision", "outbox", ["company", "decision"], unique=False)
    op.create_index("outbox_of_task", "outbox", ["company", "task"], unique=False)


def person() -> None:
    """The table person."""
    op.create_table(
        "person",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("groups", postgresql.ARRAY(Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("person_company_fkey")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("person_pkey")),
    )
    op.create_index(op.f("person_company"), "person", ["company", sa.literal_column("lower(email)")], unique=True)


def question() -> None:
    """The table question."""
    op.create_table(
        "question",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("question_company_fkey")),
        sa.PrimaryKeyConstraint("company", "decision", "ordinal", name=op.f("question_pkey")),
    )


def slack_identity() -> None:
    """The table slack_identity."""
    op.create_table(
        "slack_identity",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("slack_user", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("known_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("slack_identity_company_fkey")),
        sa.PrimaryKeyConstraint("company", "team", "slack_user", name=op.f("slack_identity_pkey")),
    )


def slack_installation() -> None:
    """The table slack_installation."""
    op.create_table(
        "slack_installation",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("slack_installation_company_fkey")),
        sa.PrimaryKeyConstraint("company", "team", name=op.f("slack_installation_pkey")),
    )


def timer() -> None:
    """The table timer."""
    op.create_table(
        "timer",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("silence_index", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("timer_company_fkey")),
        sa.PrimaryKeyConstraint("company", "decision", "kind", "silence_index", "ordinal", name=op.f("timer_pkey")),
    )
    op.create_index(
        "timer_due", "timer", ["company", "due_at"], unique=False, postgresql_where=sa.text("fired_at is null")
    )


def vote() -> None:
    """The table vote."""
    op.create_table(
        "vote",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer in ('approve', 'reject', 'ask')", name=op.f("vote_answer_word")),
        sa.ForeignKeyConstraint(["company"], ["company.id"], name=op.f("vote_company_fkey")),
        sa.PrimaryKeyConstraint("company", "decision", "person", name=op.f("vote_pkey")),
    )
