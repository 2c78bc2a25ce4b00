"""Ends a task because a person wants it: what waits is withdrawn, what has happened is said, what is at work stops soon."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select

from contracts.lifecycle import Event, Mover
from contracts.mistakes import listed
from contracts.vocabulary import ENDED, EffectState, TaskState
from contracts.wording import reasoned
from escalation.approvers import named, names
from escalation.decisions import Outcome, OutcomeKind
from escalation.missing import in_vain
from escalation.telling import tell
from escalation.unanswered import Withdrawal
from escalation.undoing import ENDING, Ending, undoing
from escalation.wishes import WISH, Wish, wish_of
from escalation.withdrawing import lock_around, withdraw
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import everyone, person
from storage.tables.business import companies, lanes
from storage.tables.work import effects
from storage.tasks import Task, TaskNotFound, load
from storage.transitions import Change, Happening, move
from storage.undos import PARTS, UNDONE, to_take_back

_SETTLED = (EffectState.VERIFIED, EffectState.DISPROVED)


def cancel(unit: Unit, *, task: int, person_id: str, reason: str | None, via: str) -> Outcome:
    """End a task inside the caller's transaction, if its requester, its lane's owner or the last resort asks for it.

    A task that a runner works on, or whose effect nobody has read back yet, keeps the wish: its runner reads it before
    it writes anything more, and ends the task before the next step that changes anything.
    """
    try:
        lock_around(unit, load(unit, task))
        row = load(unit, task, lock=True)
    except TaskNotFound:
        in_vain(unit, person_id, f"task T-{task}")
        return Outcome(OutcomeKind.UNKNOWN, f"There is no task T-{task}.")
    refusal = _refusal(unit, row, person_id)
    if refusal is not None:
        note(unit, f"person:{person_id}", Said("cancel_refused", f"person:{person_id}", {"task": row.name}))
        return refusal
    wish, soon = Wish(person_id, via, reason), _stops_soon(unit, row)
    if soon is not None:
        return _ask(unit, row, wish, soon)
    keys = to_take_back(unit, row.number, Event.CANCELLED)
    if keys:
        return _take_back_first(unit, row, wish, keys)
    _end(unit, row, wish)
    return Outcome(OutcomeKind.CANCELLED, f"Cancelled: {row.told['summary']}. {happened(unit, row)}".strip())


def _refusal(unit: Unit, task: Task, person_id: str) -> Outcome | None:
    who, entitled = person(unit, person_id), _entitled(unit, task)
    if who is None or not who.active:
        return Outcome(OutcomeKind.INACTIVE, "Your account is not active here, so you can't cancel this.")
    if person_id not in entitled:
        people = names(everyone(unit, entitled))
        return Outcome(OutcomeKind.NOT_ENTITLED, f"Only {people} can cancel {task.name}; your try is on record.")
    if task.state in ENDED:
        return Outcome(OutcomeKind.ALREADY, f"{task.name} has ended already. There is nothing to cancel.")
    if ENDING in task.way:
        return Outcome(OutcomeKind.ALREADY, f"{task.name} is ending already: what it has changed is being taken back.")
    return None


def _entitled(unit: Unit, task: Task) -> list[str]:
    owner = select(lanes.c.owner).where(lanes.c.company == unit.company, lanes.c.id == task.lane)
    last_resort = select(companies.c.declared["last_resort"].astext).where(companies.c.id == unit.company)
    found = [task.requester, *(unit.connection.execute(query).scalar_one_or_none() for query in (owner, last_resort))]
    return [one for one in dict.fromkeys(found) if one]


def _stops_soon(unit: Unit, task: Task) -> str | None:
    """When a task stops that can't end at this moment; None when it can."""
    tool = unsettled(unit, task)
    if task.state is TaskState.RUNNING and tool is None:
        return f"{task.name} is being worked on. It stops before the next step that changes anything."
    if task.state is TaskState.VERIFYING:
        under_way = f"{task.name} is being worked on, and {tool} is under way."
        return f"{under_way} What comes of that is looked up and told; nothing else is changed."
    if tool is not None:
        return f"Nobody has seen yet whether {tool} happened for {task.name}. It stops once that is known."
    return None


def unsettled(unit: Unit, task: Task) -> str | None:
    """The effect of which it is not known whether it happened."""
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number)
    query = select(effects.c.tool).where(mine, effects.c.state.not_in(_SETTLED)).limit(1)
    found: str | None = unit.connection.execute(query).scalar_one_or_none()
    return found


def has_changed_something(unit: Unit, task: Task) -> bool:
    """Whether an effect of a task may have happened: intended, performed or unknown is as good as done here."""
    nothing = effects.c.finding["happened"].as_string() == "false"
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number)
    query = (
        select(effects.c.key).where(mine, (effects.c.state != EffectState.DISPROVED) | nothing.is_not(True)).limit(1)
    )
    return unit.connection.execute(query).first() is not None


def _ask(unit: Unit, task: Task, wish: Wish, soon: str) -> Outcome:
    """Write the wish down as a move of the task: what its runner writes next without knowing of it is refused."""
    before = wish_of(task)
    if before is not None:
        return Outcome(OutcomeKind.ALREADY, f"{named(unit, before.by)} has asked for that already. {soon}")
    kept = asdict(wish)
    change = Change(task, [Happening(Event.CANCEL_ASKED, kept)], {"way": {**task.way, WISH: kept}})
    move(unit, change, mover=Mover.PERSON, actor=f"person:{wish.by}")
    tell(unit, task.number, ended=False)
    return Outcome(OutcomeKind.STOPPING, soon)


def happened(unit: Unit, task: Task, *, but: str = "") -> str:
    """What stays, because it was done before, and what was taken back: "Done before that: shop.refund (88).".

    `but` is the key of an effect that is being given up in the same transaction.
    """
    mine = (effects.c.company == unit.company) & (effects.c.task == task.number) & (effects.c.key != but)
    query = select(effects, UNDONE.label("undone")).where(mine).order_by(effects.c.verified_at, effects.c.key)
    rows = unit.connection.execute(query).all()
    parted = [row for row in rows if row.state == EffectState.DISPROVED and PARTS in (row.seen or {})]
    done = [row for row in rows if row.state == EffectState.VERIFIED and row.undoes is None]
    done += [row for row in parted if row.undone]
    stays, back = (_listed([row for row in done if row.undone is undone]) for undone in (False, True))
    told = [f"Done before that: {stays}."] if stays else []
    told += [f"Taken back: {back}."] if back else []
    told += [_in_part(row) for row in parted if not row.undone]
    others = [row for row in rows if row not in parted and _differs(row)]
    told += [f"What {row.tool} did is not what was asked for; nothing was put back." for row in others]
    told += [f"Nobody has seen whether {row.tool} happened." for row in rows if row.state not in _SETTLED]
    return " ".join(told) or "Nothing had been changed."


def _in_part(effect: Row[Any]) -> str:
    done, missing = effect.seen[PARTS]["done"], effect.seen[PARTS]["missing"]
    stays, was = ("stays" if len(done) == 1 else "stay"), ("was" if len(missing) == 1 else "were")
    return f"Of {effect.tool} {listed(done)} {stays}, and {listed(missing)} {was} not done."


def _differs(effect: Row[Any]) -> bool:
    """Whether the world showed something else than was asked for; what did not happen at all shows nothing."""
    return bool(effect.state == EffectState.DISPROVED and (effect.finding or {}).get("happened", True))


def _listed(rows: Sequence[Row[Any]]) -> str:
    return ", ".join(f"{row.tool} ({(row.seen or {}).get('reference', '?')})" for row in rows)


def ending(unit: Unit, task: Task, wish: Wish, *, but: str = "") -> tuple[Happening, str]:
    """The event that ends a task for a wish, and the sentence that people read; `but` as above."""
    sentence = f"{reasoned(f'{named(unit, wish.by)} cancelled it', wish.reason)} {happened(unit, task, but=but)}"
    return Happening(Event.CANCELLED, {**asdict(wish), "waited_for": task.waiting_for}), sentence


def _end(unit: Unit, task: Task, wish: Wish) -> None:
    event, sentence = ending(unit, task, wish)
    change = Change(task, [event], {"sentence": sentence})
    move(unit, change, mover=Mover.PERSON, actor=f"person:{wish.by}")
    withdraw(unit, task, Withdrawal(wish.by, wish.reason))
    tell(unit, task.number, ended=True)


def _take_back_first(unit: Unit, task: Task, wish: Wish, keys: list[str]) -> Outcome:
    """What waits is withdrawn, and a runner takes back what was changed before the task ends."""
    sentence = reasoned(f"{named(unit, wish.by)} cancelled it", wish.reason)
    kept = Ending(Event.CANCELLED, sentence)
    way = {**task.way, WISH: asdict(wish), ENDING: kept.kept()}
    columns = {"way": way, "due_at": unit.now, "deaths": 0, "sentence": sentence, "holds_subject": False}
    move(unit, Change(task, [undoing(kept, keys)], columns), mover=Mover.PERSON, actor=f"person:{wish.by}")
    withdraw(unit, task, Withdrawal(wish.by, wish.reason))
    tell(unit, task.number, ended=False)
    tools = listed(_tools(unit, keys))
    return Outcome(
        OutcomeKind.STOPPING, f"{task.name} stops here. What {tools} did is taken back; then it ends.", task.runtime
    )


def _tools(unit: Unit, keys: list[str]) -> list[str]:
    mine = (effects.c.company == unit.company) & effects.c.key.in_(keys)
    return sorted(unit.connection.execute(select(effects.c.tool).where(mine).distinct()).scalars())
