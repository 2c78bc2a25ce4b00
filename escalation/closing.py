"""What follows when a decision ends: its timers stop, its cards change, and what waited for it moves."""

from typing import Any

from sqlalchemy import Row, update

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import ENDED, OF_BLOCKERS, DecisionState, EffectState, TaskState
from escalation import blockers, outages
from escalation.approvers import named
from escalation.telling import tell
from escalation.timers import stop_timers
from escalation.undoing import after_a_no
from storage import cap_uses, outbox
from storage.database import Unit
from storage.tables.deciding import decisions
from storage.tables.work import effects
from storage.tasks import load
from storage.transitions import Change, Happening, move


def settle(unit: Unit, row: Row[Any], event: Event, *, by: str, via: str, reason: str | None) -> str | None:
    """Carry a decided decision over to what waits for it; returns the runtime that has work now, if any."""
    stop_timers(unit, row.number)
    outbox.show_again(unit, decision=row.number)
    if row.kind in OF_BLOCKERS:
        return _settle_blocker(unit, row, event, by=by, reason=reason)
    content = {
        "decision": row.number,
        "by": by,
        "via": via,
        "reason": reason,
        "proposal_digest": row.proposal_digest,
        "shown_digest": row.shown_digest,
    }
    before, happening = load(unit, row.task, lock=True), Happening(event, content)
    columns: dict[str, Any] = {"due_at": unit.now, "sentence": "Approved; it is being carried out."}
    if event is not Event.APPROVED:
        happening, columns = after_a_no(unit, before, happening, reason or row.card["because"])
    task = move(unit, Change(before, [happening], columns), mover=Mover.DECISION, actor=by)
    tell(unit, task.number, ended=task.state in ENDED)
    return task.runtime if task.state is TaskState.READY else None


def _settle_blocker(unit: Unit, row: Row[Any], event: Event, *, by: str, reason: str | None) -> str | None:
    """One answer for every task that waits: try again, or stop."""
    blocker = row.proposal["blocker"]
    if not blockers.close(unit, blocker, by=by):
        return None
    if blockers.UNKNOWN_EFFECT in row.proposal:
        _keep_finding(unit, row.proposal[blockers.UNKNOWN_EFFECT], event, by=by, reason=reason)
    if event is Event.APPROVED:
        runtimes = blockers.release(unit, blocker, Event.UNBLOCKED, by=by)
        return next(iter([*runtimes, *outages.over_for_all(unit, blocker, by=by)]), None)
    said = reason or row.card["question"]
    return next(iter(blockers.release(unit, blocker, Event.REJECTED, by=by, reason=said)), None)


def _keep_finding(unit: Unit, key: str, event: Event, *, by: str, reason: str | None) -> None:
    """What a person has seen of an effect: a runner takes it from there, or it is settled that nothing happened."""
    finding = {
        "by": by,
        "name": named(unit, by.partition(":")[2]),
        "reason": reason,
        "happened": event is Event.APPROVED,
    }
    settled = {} if event is Event.APPROVED else {"state": EffectState.DISPROVED}
    if settled:
        cap_uses.give_back(unit, key)
    mine = (effects.c.company == unit.company) & (effects.c.key == key)
    unit.connection.execute(update(effects).where(mine).values(finding=finding, **settled))


def expire(unit: Unit, row: Row[Any]) -> None:
    """Nobody answered to the end: the decision is closed as rejected, by silence and on record."""
    unit.connection.execute(
        update(decisions)
        .where(decisions.c.company == unit.company, decisions.c.number == row.number)
        .values(state=DecisionState.EXPIRED, decided_at=unit.now)
    )
    settle(unit, row, Event.REJECTED, by="clock", via="silence", reason="Nobody decided in time, so it was rejected.")
