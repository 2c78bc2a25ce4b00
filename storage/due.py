"""Which tasks a claim chooses from: the first of each lane, those whose deadline is next, and those of lost runners.

All that is due is never sorted, which took a second with a hundred thousand tasks due. Within a lane the turns of tasks
without a deadline follow their due times, so the first of each lane are enough; others are found by what urges them.
"""

from sqlalchemy import text

from storage.tables.work import tasks

MOST = 128
"""Of each kind: what several runners claim at one moment, a batch each, is among them."""

_DUE = "t.company = :company and t.runtime = :runtime and t.due_at <= :now"
_FREE = """not exists (select from task rival where rival.company = t.company and rival.subject = t.subject
        and rival.holds_subject and rival.number <> t.number)"""
_LANES = "select t.lane from task t where t.company = :company and t.runtime = :runtime and t.due_at is not null"
# The lanes that have anything to do are found by one look at the index for each: PostgreSQL skips by itself only since 18.
CANDIDATES = (
    text(
        f"""with recursive lanes (lane) as (
            ({_LANES} order by t.lane limit 1)
            union all
            select ({_LANES} and t.lane > lanes.lane order by t.lane limit 1) from lanes where lanes.lane is not null)
        select first.number from lanes cross join lateral (
            select t.number from task t where {_DUE} and t.lane = lanes.lane and {_FREE} order by t.due_at limit {MOST}) first
        union
        (select t.number from task t where {_DUE} and t.lease_runner is not null and {_FREE} limit {MOST})
        union
        (select t.number from task t where {_DUE} and t.deadline is not null and {_FREE} order by t.deadline limit {MOST})"""  # noqa: S608 - our own words
    )
    .columns(tasks.c.number)
    .cte("candidates")
)
"""Numbers of tasks that are due to `:company` on `:runtime` at `:now` and whose subject nobody holds, each once."""
