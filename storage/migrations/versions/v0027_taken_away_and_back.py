"""Old links to the page may be taken away, and incidents that were a mistake are taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_FORGET = """create function forget_sign_ins(most integer) returns bigint
    language sql security definer set search_path = public, pg_temp as $$
        with old as (
            select company, id from sign_in
            where company = nullif(current_setting('app.company', true), '')
                and made_at < chargehand_now() - interval '30 days'
            order by made_at limit most for update skip locked),
        gone as (
            delete from sign_in using old where (sign_in.company, sign_in.id) = (old.company, old.id) returning 1)
        select count(*) from gone $$"""
"""The app's role may delete nothing: this is all that goes, of its company and only what is old."""

_CLOSED = "closed_at is null or withdrawn or (cause is not null and correction_s is not null)"
_WITHDRAWN = "not withdrawn or (closed_at is not null and closed_by is not null and because <> '')"


def upgrade() -> None:
    """Have old sign-ins deleted by their age; let an incident end without a cause, if it says who withdrew it and why."""
    op.execute(_FORGET)
    op.create_index("sign_in_by_age", "sign_in", ["company", "made_at"])
    op.add_column("incident", sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_constraint(op.f("incident_closed_with_its_cause"), "incident", type_="check")
    op.create_check_constraint(op.f("incident_closed_with_its_cause"), "incident", _CLOSED)
    op.create_check_constraint(op.f("incident_withdrawn_with_a_reason"), "incident", _WITHDRAWN)
    op.execute("grant update (withdrawn) on incident to chargehand_app")
