"""The first shape of the record: tables, row-level security, the clock and the app role's rights."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    op.execute("create sequence task_number start with 1001")
    op.execute("create sequence decision_number start with 1")
    _clock()
    for table in (
        _company,
        _lane,
        _lane_version,
        _person,
        _slack_installation,
        _slack_identity,
        _task,
        _attempt,
        _step_result,
        _effect,
        _verdict,
        _blocker,
        _artifact,
        _task_artifact,
        _decision,
        _vote,
        _question,
        _timer,
        _delivery,
        _outbox,
        _audit_entry,
    ):
        table()
    _across_companies()
    _row_level_security()
    _rights()


_TENANT = "nullif(current_setting('app.company', true), '')"
_SCOPED = (
    "lane",
    "lane_version",
    "person",
    "slack_installation",
    "slack_identity",
    "task",
    "attempt",
    "step_result",
    "effect",
    "verdict",
    "blocker",
    "artifact",
    "task_artifact",
    "decision",
    "vote",
    "question",
    "timer",
    "outbox",
    "audit_entry",
)


def _clock() -> None:
    op.execute("create table test_clock (only_row boolean primary key check (only_row), offset_s double precision)")
    op.execute(
        "create function chargehand_now() returns timestamptz language sql volatile as $$"
        " select clock_timestamp() + coalesce((select make_interval(secs => offset_s) from test_clock), interval '0') $$"
    )


def _row_level_security() -> None:
    for table in _SCOPED:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy one_company on {table} using (company = {_TENANT}) with check (company = {_TENANT})")
    erased = "salt is null and content is null"
    op.execute(
        f"create policy only_erased_whole on audit_entry as restrictive for update using (true) with check ({erased})"
    )
    op.execute("alter table company enable row level security")
    op.execute(f"create policy one_company on company using (id = {_TENANT}) with check (id = {_TENANT})")
    op.execute("alter table delivery enable row level security")
    op.execute("create policy anybody_may_deliver on delivery for insert with check (true)")
    op.execute(f"create policy one_company_reads on delivery for select using (company = {_TENANT})")
    op.execute(f"create policy one_company_handles on delivery for update using (company = {_TENANT})")


def _across_companies() -> None:
    """What may be known without belonging to a company: ids and counts, never a row's content."""
    definer = "language sql security definer set search_path = public, pg_temp as"
    op.execute(
        f"create function company_of_slack_team(wanted text) returns text {definer}"
        " $$ select company from slack_installation where team = wanted order by installed_at limit 1 $$"
    )
    op.execute(
        f"""create function due_now() returns table (company text, kind text, runtime text, amount bigint) {definer} $$
            select company, 'task', runtime, count(*) from task where due_at <= chargehand_now() group by 1, 3
            union all select company, 'timer', null, count(*) from timer
                where fired_at is null and due_at <= chargehand_now() group by 1
            union all select company, 'outbox', null, count(*) from outbox
                where state in ('pending', 'sending') and due_at <= chargehand_now() group by 1
            union all select company, 'delivery', null, count(*) from delivery
                where handled_at is null and due_at <= chargehand_now() group by 1 $$"""
    )
    op.execute(
        f"""create function state_counts() returns table (kind text, word text, amount bigint) {definer} $$
            select 'task', state, count(*) from task group by 2
            union all select 'decision', state, count(*) from decision group by 2
            union all select 'outbox', state, count(*) from outbox group by 2
            union all select 'delivery', coalesce(became, 'waiting'), count(*) from delivery group by 2
            union all select 'effect', state, count(*) from effect group by 2
            union all select 'blocker', case when lifted_at is null then 'open' else 'lifted' end, count(*)
                from blocker group by 2 $$"""
    )
    op.execute(
        f"create function set_test_clock(seconds double precision) returns void {definer}"
        " $$ update test_clock set offset_s = seconds $$"
    )
    op.execute(
        f"create function free_leases(runners text[]) returns void {definer}"
        " $$ update task set due_at = chargehand_now() where lease_runner = any(runners) $$"
    )
    _stuck(definer)


def _stuck(definer: str) -> None:
    """A task is stuck when nothing that exists would ever move it: no due time, no timer of an open decision, no open blocker."""
    op.execute(
        f"""create function stuck_tasks() returns table (company text, number bigint) {definer} $$
            select t.company, t.number from task t
            where t.state not in ('done', 'refused', 'failed', 'cancelled') and t.due_at is null
                and not exists (select from decision d
                    join timer w on w.company = d.company and w.decision = d.number and w.fired_at is null
                    where d.company = t.company and d.task = t.number and d.state in ('open', 'asked_back'))
                and not (t.waiting_for = 'blocker' and exists (select from blocker b
                    where b.company = t.company and b.id = t.waiting_on and b.lifted_at is null)) $$"""
    )


def _rights() -> None:
    op.execute("grant usage on schema public to chargehand_app")
    op.execute("grant select, insert, update on all tables in schema public to chargehand_app")
    op.execute("revoke insert, update on audit_entry, alembic_version, test_clock from chargehand_app")
    op.execute("grant insert on audit_entry to chargehand_app")
    op.execute("grant update (salt, content) on audit_entry to chargehand_app")
    op.execute("grant usage on all sequences in schema public to chargehand_app")


def _company() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_hash", sa.Text(), nullable=False),
        sa.Column("declared", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("company_pkey")),
    )


def _artifact() -> None:
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


def _attempt() -> None:
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


def _audit_entry() -> None:
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


def _blocker() -> None:
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


def _decision() -> None:
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


def _delivery() -> None:
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


def _effect() -> None:
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


def _lane() -> None:
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


def _lane_version() -> None:
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


def _outbox() -> None:
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


def _person() -> None:
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


def _question() -> None:
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


def _slack_identity() -> None:
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


def _slack_installation() -> None:
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


def _step_result() -> None:
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


def _task() -> None:
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


def _task_artifact() -> None:
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


def _timer() -> None:
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


def _verdict() -> None:
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


def _vote() -> None:
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
