"""What has its time comes at it, whoever dies: timers, and the seal of what was written."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.faults.plant import Plant
from tests.stories.stack import until

ROUNDS, OF_ACCEPTANCE = 2, 50
AHEAD_S = 0.5
"""How long before a timer is due the clock is killed: it is away when the moment comes."""
TIMER_LATE_S, SEAL_LATE_S = 15.0, 10.0
"""What an acceptance holds them to, on a machine that has nothing else to do."""

_REMINDERS = text("""
    select t.ordinal, t.due_at, t.fired_at, chargehand_now() as now from timer t
    join decision d on (d.company, d.number) = (t.company, t.decision)
    where d.task = :task and t.kind = 'remind' order by t.due_at""")
_REMINDED = text("""
    select count(*) from audit_entry e join decision d on e.trail = 'decision:' || d.number and d.company = e.company
    where d.task = :task and e.event = 'reminded' and e.content ? 'later'
        and cast(e.content->>'n' as integer) = :ordinal""")
_SEALS = text("""
    select e.at as written, (select min(c.at) from audit_checkpoint c where c.company = e.company and c.size > l.position) as sealed
    from audit_entry e left join audit_leaf l on l.company = e.company and l.entry = e.id
    where e.trail = :trail""")


def _rows(works: Plant, query: Any, **given: Any) -> list[Any]:
    with works.database.transaction("morning") as unit:
        return list(unit.connection.execute(query, given))


def _first(works: Plant, task: int) -> Any:
    """The first reminder of its decision."""
    return next(iter(_rows(works, _REMINDERS, task=task)), None)


def _waiting(works: Plant) -> int:
    """The task of a new refund that waits for its approvers."""
    order = works.order()
    works.stack.ask(order=order, amount="740.00")
    task = until(lambda: works.task(order), "a task")
    until(lambda: _first(works, task.number), "its approvers asked")
    return task.number


def _late_s(works: Plant, task: int) -> float:
    """How late the first reminder comes, by the record's clock, with the clock's process killed as it falls due."""
    first = _first(works, task)
    works.later((first.due_at - first.now).total_seconds() - AHEAD_S)
    works.crew.kill("clock")
    fired: datetime = until(lambda: _first(works, task).fired_at, "the reminder")
    late: timedelta = fired - first.due_at
    return late.total_seconds()


@pytest.mark.timeout(900)  # with --acceptance
def test_a_timer_fires_once_and_in_time_whenever_the_clock_dies(works: Plant, acceptance: bool) -> None:
    late = {}
    for _ in range(OF_ACCEPTANCE if acceptance else ROUNDS):
        task = _waiting(works)
        late[task] = _late_s(works, task)

    assert min(late.values()) >= 0
    assert [_rows(works, _REMINDED, task=task, ordinal=1)[0].count for task in late] == [1] * len(late)
    assert not acceptance or max(late.values()) <= TIMER_LATE_S, late


@pytest.mark.timeout(900)  # with --acceptance
def test_what_is_written_is_sealed_in_time(works: Plant, acceptance: bool) -> None:
    orders = [works.order() for _ in range(OF_ACCEPTANCE if acceptance else ROUNDS)]
    for order in orders:
        works.stack.ask(order=order, amount="42.00")
    trails = [f"task:{works.ended(order).number}" for order in orders]
    until(works.is_sealed, "all of it sealed")

    seals = [row for trail in trails for row in _rows(works, _SEALS, trail=trail)]

    assert [row for row in seals if row.sealed is None] == []  # a seal's own moment may be the earlier one, by a little
    assert not acceptance or max((row.sealed - row.written).total_seconds() for row in seals) <= SEAL_LATE_S
