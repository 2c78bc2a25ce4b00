"""Which tasks a claim chooses from: the first of each lane, those whose deadline is next, and those of lost runners.

All that is due is never sorted, which took a second with a hundred thousand tasks due. Within a lane the turns of tasks
without a deadline follow their due times, so the first of each lane are enough; others are found by what urges them.
Each part can be read in one way only, so that no statistics, or those of another hour, can make it read all that is due.
"""

from sqlalchemy import text

from storage.tables.work import tasks

MOST = 128
"""Of each kind: what several runners claim at one moment, a batch each, is among them."""

# One look at the index for each candidate: joined to all that is held, a claim took the longer the more runners there are.
# Who holds the subject has no rival.
_FREE = """(t.holds_subject or not exists (select from task rival where rival.company = t.company
        and rival.subject = t.subject and rival.holds_subject))"""
NOW = "(select chargehand_now())"
"""Asked once a statement: it is no call of a function for each row."""
_DUE = f"t.runtime = :runtime and t.due_at <= {NOW} and {_FREE}"
_LANES = "select t.lane from task t where t.company = :company and t.runtime = :runtime and t.due_at is not null"
_LEASED = "select * from task where company = :company and lease_runner is not null"
_URGENT = """select * from task where company = :company and runtime = :runtime
        and due_at is not null and deadline is not null order by deadline"""
# The lanes that have anything to do are found by one look at the index for each: PostgreSQL skips by itself only since 18.
# `offset 0` keeps what is due out of the choice of an index.
CANDIDATES = (
    text(
        f"""with recursive lanes (lane) as (
            ({_LANES} order by t.lane limit 1)
            union all
            select ({_LANES} and t.lane > lanes.lane order by t.lane limit 1) from lanes where lanes.lane is not null)
        select first.number from lanes cross join lateral (
            select t.number from task t
            where t.company = :company and t.lane = lanes.lane and {_DUE} order by t.due_at limit {MOST}) first
        union
        (select t.number from ({_LEASED} offset 0) t where {_DUE} limit {MOST})
        union
        (select t.number from ({_URGENT} offset 0) t where {_DUE} limit {MOST})"""  # noqa: S608 - our own words
    )
    .columns(tasks.c.number)
    .cte("candidates")
)
"""Numbers of tasks that are due to `:company` on `:runtime` and whose subject nobody holds, each once."""
