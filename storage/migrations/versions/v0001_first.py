"""The first shape of the record: tables, row-level security, the clock and the app role's rights."""

from alembic import op

from storage.migrations import first_tables as tables
from storage.migrations import first_work as work

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
        tables.company,
        tables.lane,
        tables.lane_version,
        tables.person,
        tables.slack_installation,
        tables.slack_identity,
        work.task,
        work.attempt,
        work.step_result,
        work.effect,
        work.verdict,
        work.blocker,
        work.artifact,
        work.task_artifact,
        tables.decision,
        tables.vote,
        tables.question,
        tables.timer,
        tables.delivery,
        tables.outbox,
        tables.audit_entry,
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
