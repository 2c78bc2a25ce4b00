"""What stands still until a person does something: open blockers with what waits for them, and deliveries that were given up."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.database import Unit

MOST = 1000
"""How many of a kind are counted: who reads "1000" knows enough, and asking stays cheap however much there is."""


@dataclass(frozen=True, slots=True)
class Held:
    """`blockers` of one lane, or of one system for every lane, are open, the oldest for `seconds`; `tasks` wait for them."""

    lane: str | None
    system: str | None
    blockers: int
    tasks: int
    seconds: float


# Each half is read off the index of those that are open; what was lifted long ago is not looked at.
HELD = text(
    """with open as (
        select id, lane, null as system, opened_at from blocker
        where company = :company and lifted_at is null and system is null
        union all
        select id, null, system, opened_at from blocker
        where company = :company and lifted_at is null and system is not null
    )
    select lane, system, count(*) as blockers, least(sum(amount), :most)::int as tasks,
        extract(epoch from cast(:now as timestamptz) - min(opened_at))::float as seconds
    from open cross join lateral (select count(*) as amount from (
        select from task t where t.company = :company and t.waiting_on = open.id and t.waiting_for = 'blocker'
            and t.state = 'waiting' limit :most) few) held
    group by lane, system order by seconds desc, lane, system"""
)
_LEFT = text(
    """select count(*) from (
        select from delivery where company = :company and handled_at is null and due_at is null limit :most) few"""
)


def held(unit: Unit) -> list[Held]:
    """What is blocked, the oldest first. One statement."""
    rows = unit.connection.execute(HELD, _given(unit) | {"now": unit.now})
    return [Held(row.lane, row.system, row.blockers, row.tasks, row.seconds) for row in rows]


def given_up(unit: Unit) -> int:
    """How many deliveries nobody tries again by itself. One statement."""
    amount: int = unit.connection.execute(_LEFT, _given(unit)).scalar_one()
    return amount


def _given(unit: Unit) -> dict[str, Any]:
    return {"company": unit.company, "most": MOST}
