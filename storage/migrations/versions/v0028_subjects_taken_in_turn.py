"""A claim asks at its last moment whether a subject is free, so that two claims never wait for each other."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_MAY_HOLD = """create function may_hold_subject(company text, subject text, task bigint) returns boolean
    language plpgsql volatile as $$
    begin
        if not pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', 'subject', company, subject), 0)) then
            return false;
        end if;
        return not exists (
            select from task t
            where t.company = may_hold_subject.company and t.subject = may_hold_subject.subject
                and t.holds_subject and t.number <> may_hold_subject.task);
    end $$"""
"""Two statements, since each of a volatile function sees what is committed when it begins: who has the lock sees every
claim that had it before, whatever the statement around it still believes."""


def upgrade() -> None:
    """Let a claim see who holds a subject now, not who held it when its statement began."""
    op.execute(_MAY_HOLD)
