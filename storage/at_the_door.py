"""What intake has to know before a request becomes a task: one statement, because somebody waits for its answer."""

from dataclasses import dataclass

from sqlalchemy import text

from storage.database import Unit
from storage.directory import Person, person_of

# `case` is what keeps a number from being spent on a copy, or on somebody whom nobody knows.
_KNOWN = text(
    f"""with before as materialized (select number from task where company = :company and form_key = :form_key)
    select (select number from before) as before,
        case when p.id is null or exists (select from before) then 0 else nextval('task_number') end as number,
        (select stage from standing where company = :company and unit = 'lane:' || :lane) as stage,
        {", ".join(f"p.{name}" for name in Person.__slots__)}
    from (select) one left join person p on p.company = :company and p.id = :requester"""  # noqa: S608 - column names of our own
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the record says of a request that comes in.

    `before` is the task that the same form became already, `number` the one for a new task: 0, and none is spent, for
    such a copy and for an unknown requester. `stage` is what was decided of the lane's, None while it is as declared.
    """

    before: int | None
    number: int
    stage: int | None
    requester: Person | None


def newcomer(unit: Unit, *, form_key: str, requester: str, lane: str) -> Newcomer:
    """Look up who asks in a lane, by which form."""
    asked = {"company": unit.company, "form_key": form_key, "requester": requester, "lane": lane}
    row = unit.connection.execute(_KNOWN, asked).one()
    return Newcomer(row.before, row.number, row.stage, None if row.id is None else person_of(row))
