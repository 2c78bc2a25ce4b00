"""Why a blocker: what stopped, who owns it, what was tried before a person was asked, and what waits for it."""

from typing import Any

from sqlalchemy import Row, select

from contracts.mistakes import listed
from engine.whys.decision import decision_line
from engine.whys.lines import moment, trail
from engine.whys.page import Why, page
from escalation.approvers import named
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import attempts, blockers, tasks

_MOST = 20


class BlockerNotFound(LookupError):
    """This company has no such blocker."""


def of_blocker(unit: Unit, identity: str) -> Why:
    """The page of a blocker; raises BlockerNotFound."""
    found = select(blockers).where(blockers.c.company == unit.company, blockers.c.id == identity)
    row = unit.connection.execute(found).one_or_none()
    if row is None:
        raise BlockerNotFound(f"there is no blocker {identity}")
    rows = (
        ("Blocks", [f"{_blocked(unit, row)}: {row.sentence}", f"cause: {row.cause}"]),
        ("Owner", [f"{named(unit, row.owner)}: {row.action}"]),
        ("Opened", [moment(row.opened_at)]),
        ("Lifted", [f"{moment(row.lifted_at)} by {row.lifted_by}"] if row.lifted_at else []),
        ("Waits", _waiting(unit, row)),
        ("Tried", _tried(unit, row)),
        ("Asked", _asked(unit, row)),
        ("Trail", trail(unit, f"lane:{row.lane}")),
    )
    return page(f"blocker {identity}", row.sentence, "lifted" if row.lifted_at else "open", rows)


def _blocked(unit: Unit, row: Row[Any]) -> str:
    """Its lane; at an outage every lane that waits for it, and while none does the one that met it first."""
    mine = (tasks.c.company == unit.company) & (tasks.c.waiting_on == row.id)
    found = unit.connection.execute(select(tasks.c.lane).where(mine).distinct()).scalars().all() if row.system else ()
    lanes = sorted({row.lane, *found})
    return f"lane{'s' if len(lanes) > 1 else ''} {listed(lanes)}"


def _waiting(unit: Unit, row: Row[Any]) -> list[str]:
    mine = (tasks.c.company == unit.company) & (tasks.c.waiting_on == row.id)
    numbers = unit.connection.execute(select(tasks.c.number).where(mine).order_by(tasks.c.number)).scalars().all()
    more = [f"and {len(numbers) - _MOST} more"] if len(numbers) > _MOST else []
    return [", ".join([*(f"T-{number}" for number in numbers[:_MOST]), *more])] if numbers else []


def _tried(unit: Unit, row: Row[Any]) -> list[str]:
    """The failed attempts with this cause in this lane, at an outage in every lane, up to when it was opened."""
    same = (attempts.c.cause == row.cause) & (attempts.c.company == unit.company)
    same = same if row.system else same & (tasks.c.lane == row.lane)
    joined = attempts.join(tasks, (tasks.c.company == attempts.c.company) & (tasks.c.number == attempts.c.task))
    before = attempts.c.ended_at <= row.opened_at
    query = select(attempts).select_from(joined).where(same, before)
    found = unit.connection.execute(query.order_by(attempts.c.started_at.desc(), attempts.c.task).limit(_MOST)).all()
    return [
        f"T-{one.task} {one.step} at {moment(one.started_at)}: {one.sentence} ({one.failure_class})" for one in found
    ]


def _asked(unit: Unit, row: Row[Any]) -> list[str]:
    mine = (decisions.c.company == unit.company) & (decisions.c.edge == f"blocker {row.id}")
    return [
        decision_line(unit, one)
        for one in unit.connection.execute(select(decisions).where(mine).order_by(decisions.c.number))
    ]
