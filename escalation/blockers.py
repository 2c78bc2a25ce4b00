"""Blockers: one row and one card for each cause that stops a lane, lifted at once for all that wait on it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import ENDED, OPEN_DECISIONS, DecisionKind, TaskState, WaitingFor
from escalation.asked import Asked
from escalation.opening import Asking, next_number, open_decision
from escalation.telling import tell
from escalation.unanswered import Withdrawal, end_unanswered
from escalation.undoing import after_a_no
from storage import circuits, outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.inserting import inserted
from storage.tables.business import lanes
from storage.tables.deciding import decisions
from storage.tables.work import blockers, tasks
from storage.tasks import Task, task_of
from storage.transitions import Change, Happening, move_all

UNKNOWN_EFFECT = "unknown_effect"
_ALL = true()


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in the way of a lane, who owns it, what they have to do, and what was tried on the rungs below.

    With `system` it is an outage of that system: every lane joins it whose trouble would be put to the same people
    (`asks`, as a contract names them), and `lane` is the one that met it first.
    """

    cause: str
    lane: str
    owner: str
    sentence: str
    action: str
    system: str | None = None
    asks: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner is asked instead of whether to try again: a question, what is recommended, and the words for going on
    and for ending it.
    """

    question: str
    recommendation: str
    labels: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the owner's card tells beside the blocker itself; `cost` says what a task has cost, once it is written.

    `title` is what is stopped: a lane, or at an outage the system.

    With `unknown_effect` (its key and tool) the owner is asked whether that effect happened, which nobody else can tell.
    """

    title: str
    tried: Sequence[str]
    asked: Asked
    looks_again: str
    cost: Callable[[Unit, int], str]
    unknown_effect: tuple[str, str] | None = None
    choice: Choice | None = None
    kind: DecisionKind = DecisionKind.ESCALATION


def identity(blocker: Blocker, at: datetime) -> str:
    """A fresh id, readable in a log."""
    return f"{blocker.lane}:{blocker.cause}:{int(at.timestamp() * 1000)}"


def join(unit: Unit, blocker: Blocker, fresh: str, task: Task, trouble: Trouble) -> None:
    """Open the blocker with one card to those who are asked, or join the open one with the same cause."""
    if put_up(unit, blocker, fresh, task.number):
        _ask(unit, blocker, fresh, task, trouble)


def put_up(unit: Unit, blocker: Blocker, fresh: str, task: int) -> bool:
    """Have a task wait on the blocker, opened or joined, without asking anybody; True when it was opened."""
    values = {name: getattr(blocker, name) for name in Blocker.__slots__}
    statement = insert(blockers).values(company=unit.company, id=fresh, opened_at=unit.now, **values)
    if not inserted(unit, statement):
        _join_open(unit, blocker, fresh, task)
        return False
    note(unit, f"lane:{blocker.lane}", Said("blocked", "runner", {"blocker": fresh, "cause": blocker.cause}))
    return True


def _join_open(unit: Unit, blocker: Blocker, fresh: str, task: int) -> None:
    """Wait on the one that is open; the first of its lane at an outage puts that lane on the cards, and it on the lane's trail."""
    found = _open_outage(unit, blocker) if blocker.system else open_id(unit, blocker.lane, blocker.cause)
    _wait_on(unit, task, found or fresh)
    if found is None or blocker.system is None or len(waiting_by_lane(unit, found, of=blocker.lane, but=task)):
        return
    note(unit, f"lane:{blocker.lane}", Said("blocked", "runner", {"blocker": found, "cause": blocker.cause}))
    for number in unit.connection.execute(select(decisions.c.number).where(_open_cards(unit, found))).scalars().all():
        outbox.show_again(unit, decision=number)


def _open_outage(unit: Unit, blocker: Blocker) -> str | None:
    """The open one, locked: of two that join it at once, the second sees whether its lane is new there."""
    mine = (blockers.c.company == unit.company) & (blockers.c.system == blocker.system) & blockers.c.lifted_at.is_(None)
    found: str | None = unit.connection.execute(
        select(blockers.c.id).where(mine, blockers.c.asks == blocker.asks).with_for_update()
    ).scalar_one_or_none()
    return found


def _ask(unit: Unit, blocker: Blocker, fresh: str, task: Task, trouble: Trouble) -> None:
    """The third rung: one human, with everything on one card."""
    proposal = {"blocker": fresh, "cause": blocker.cause, "lane": blocker.lane, "task": task.name}
    proposal |= {UNKNOWN_EFFECT: trouble.unknown_effect[0]} if trouble.unknown_effect else {}
    asking = Asking(
        task=task,
        kind=trouble.kind,
        edge=f"blocker {fresh}",
        card={**_card(blocker, trouble, task), "cost": trouble.cost(unit, task.number)},
        proposal=proposal,
        quorum=1,
        steps=trouble.asked.steps,
        last_resort=trouble.asked.last_resort,
    )
    open_decision(unit, asking, number=next_number(unit))


def _card(blocker: Blocker, trouble: Trouble, task: Task) -> dict[str, Any]:
    """What the card tells; of an effect in doubt first what was wanted, which says where to look."""
    if trouble.unknown_effect:
        return {
            **_shared(blocker, trouble),
            "question": f"{trouble.title}: {task.told.get('summary', task.subject)}. Did {trouble.unknown_effect[1]} happen?",
            "recommendation": "Recommended: look where it would have happened, then say what you saw.",
            "alternatives": [],
            "labels": ["It happened", "It did not happen"],
        }
    if trouble.choice is not None:
        return {
            **_shared(blocker, trouble),
            "question": f"{trouble.title}: {blocker.sentence} {trouble.choice.question}",
            "recommendation": f"Recommended: {trouble.choice.recommendation}",
            "alternatives": [],
            "labels": list(trouble.choice.labels),
        }
    return {
        **_shared(blocker, trouble),
        "question": f"{trouble.title}: {blocker.sentence} Try again?",
        "recommendation": f"Recommended: {blocker.action}",
        "alternatives": ["stop what waits for it", trouble.looks_again],
        "labels": ["Try again", "Stop"],
    }


def _shared(blocker: Blocker, trouble: Trouble) -> dict[str, Any]:
    return {
        "because": trouble.asked.because.format(lane=f"“{trouble.title}”"),
        "facts": [],
        "tried": " ".join(trouble.tried),
        "moves": None,
        "evidence": [],
        "verdicts": [],
    }


def _wait_on(unit: Unit, task: int, blocker: str) -> None:
    mine = (tasks.c.company == unit.company) & (tasks.c.number == task)
    unit.connection.execute(update(tasks).where(mine).values(waiting_on=blocker))


def open_id(unit: Unit, lane: str, cause: str) -> str | None:
    """The open blocker of a lane with that cause, if it is the lane's own."""
    mine = (blockers.c.company == unit.company) & (blockers.c.lane == lane) & (blockers.c.cause == cause)
    query = select(blockers.c.id).where(mine, blockers.c.lifted_at.is_(None), blockers.c.system.is_(None))
    found: str | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def waiting(unit: Unit, blocker: str) -> int:
    """How many tasks wait on a blocker."""
    query = select(func.count()).select_from(tasks).where(_waits_on(unit, blocker))
    count: int = unit.connection.execute(query).scalar_one()
    return count


def waiting_by_lane(unit: Unit, blocker: str, *, of: str | None = None, but: int | None = None) -> dict[str, int]:
    """How many tasks wait on a blocker, by the title of their lane, the most first; `of` one lane, `but` for one task."""
    title = func.coalesce(lanes.c.title, tasks.c.lane)
    same = (lanes.c.company == tasks.c.company) & (lanes.c.id == tasks.c.lane)
    query = select(title.label("title"), func.count().label("many")).select_from(tasks.outerjoin(lanes, same))
    query = query.where(_waits_on(unit, blocker)).group_by(title).order_by(func.count().desc(), title)
    query = query if of is None else query.where(tasks.c.lane == of)
    query = query if but is None else query.where(tasks.c.number != but)
    return {row.title: row.many for row in unit.connection.execute(query)}


def _waits_on(unit: Unit, blocker: str) -> Any:
    on_it = (tasks.c.waiting_for == WaitingFor.BLOCKER) & (tasks.c.waiting_on == blocker)
    return (tasks.c.company == unit.company) & on_it & (tasks.c.state == TaskState.WAITING)


def lift(unit: Unit, lane: str, causes: Collection[str], *, by: str) -> None:
    """End a lane's own open blockers with these causes, release every task that waits on them and withdraw their cards."""
    for one, system in open_about(unit, lane, causes):
        if system is None:
            end(unit, one, by=by)


def open_about(unit: Unit, lane: str, causes: Collection[str]) -> list[tuple[str, str | None]]:
    """The open blockers of a lane with these causes, and the open outages of systems among them, each with its system."""
    own = blockers.c.system.is_(None) & (blockers.c.lane == lane) & blockers.c.cause.in_(causes)
    mine = (blockers.c.company == unit.company) & blockers.c.lifted_at.is_(None)
    query = select(blockers.c.id, blockers.c.system).where(mine & (own | blockers.c.system.in_(causes)))
    return [(row.id, row.system) for row in unit.connection.execute(query.order_by(blockers.c.id)).all()]


def end(unit: Unit, blocker: str, *, by: str) -> None:
    """End a blocker that is open: every task that waits on it is released, and nobody is asked any more."""
    if close(unit, blocker, by=by):
        release(unit, blocker, Event.UNBLOCKED, by=by)
        withdraw_card(unit, blocker)


def close(unit: Unit, blocker: str, *, by: str) -> bool:
    """Mark a blocker as lifted, on the trail of each lane that it stops; False when it already was."""
    mine = (blockers.c.company == unit.company) & (blockers.c.id == blocker) & blockers.c.lifted_at.is_(None)
    lifted = update(blockers).where(mine).values(lifted_at=unit.now, lifted_by=by)
    row = unit.connection.execute(lifted.returning(blockers.c.lane, blockers.c.cause, blockers.c.system)).one_or_none()
    if row is None:
        return False
    circuits.close(unit, [row.cause])
    for lane in sorted({row.lane, *(_lanes_at(unit, blocker) if row.system else ())}):
        note(unit, f"lane:{lane}", Said("unblocked", by, {"blocker": blocker}))
    return True


def _lanes_at(unit: Unit, blocker: str) -> list[str]:
    return list(unit.connection.execute(select(tasks.c.lane).where(_waits_on(unit, blocker)).distinct()).scalars())


def release(
    unit: Unit, blocker: str, event: Event, *, by: str, reason: str | None = None, these: Any = _ALL
) -> list[str]:
    """Move every task that waits on a blocker, or `these` of them (ready again, or refused, unless it has to take
    something back first); returns the runtimes that have work now.
    """
    these = _waits_on(unit, blocker) & these
    query = select(tasks).where(these).order_by(tasks.c.number).with_for_update()
    found = [task_of(row) for row in unit.connection.execute(query)]
    happening = Happening(event, {"blocker": blocker, "by": by, "reason": reason})
    mover = Mover.DECISION if event is Event.REJECTED else Mover(by.partition(":")[0])
    moved = move_all(unit, [_released(unit, task, happening, reason) for task in found], mover=mover, actor=by)
    for task in moved:
        tell(unit, task.number, ended=task.state in ENDED)
    return sorted({task.runtime for task in moved if task.state is TaskState.READY})


def _released(unit: Unit, task: Task, happening: Happening, reason: str | None) -> Change:
    columns: dict[str, Any] = {"due_at": unit.now, "deaths": 0}
    if happening.event is Event.REJECTED:
        happening, told = after_a_no(unit, task, happening, reason or "")
        columns |= {"holds_subject": False, **told}
    return Change(task, [happening], columns)


def leave(unit: Unit, lane: str, cause: str, *, by: str) -> None:
    """End a lane's own blocker whose last task waits on another one now."""
    found = open_id(unit, lane, cause)
    if found is not None and not waiting(unit, found) and close(unit, found, by=by):
        withdraw_card(unit, found)


def drop(unit: Unit, blocker: str, withdrawal: Withdrawal) -> None:
    """End a blocker because the last task that waited on it does not any more; its card says who saw to that."""
    if close(unit, blocker, by=f"person:{withdrawal.by}"):
        end_unanswered(unit, decisions.c.edge == f"blocker {blocker}", withdrawal)


def _open_cards(unit: Unit, blocker: str) -> Any:
    of_it = (decisions.c.company == unit.company) & (decisions.c.edge == f"blocker {blocker}")
    return of_it & decisions.c.state.in_(OPEN_DECISIONS)


def withdraw_card(unit: Unit, blocker: str, *, by: str | None = None, answer: str | None = None) -> None:
    """Nobody is asked about a blocker any more; its card says by whom that is so, and what they answered elsewhere."""
    end_unanswered(unit, decisions.c.edge == f"blocker {blocker}", Withdrawal(by, answer))
