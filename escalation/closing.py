"""What follows when a decision ends: its timers stop, its cards change, and what waited for it moves."""

from typing import Any

from sqlalchemy import Row, update

from contracts.lifecycle import Event, Mover
from contracts.vocabulary import OF_BLOCKERS, DecisionState, EffectState
from escalation import blockers
from escalation.approvers import named
from escalation.telling import tell
from escalation.timers import stop_timers
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
    columns = _columns(unit, row, event, reason)
    task = move(
        unit,
        Change(load(unit, row.task, lock=True), [Happening(event, content)], columns),
        mover=Mover.DECISION,
        actor=by,
    )
    tell(unit, task.number, ended=event is Event.REJECTED)
    return task.runtime if event is Event.APPROVED else None


def _columns(unit: Unit, row: Row[Any], event: Event, reason: str | None) -> dict[str, Any]:
    if event is Event.APPROVED:
        return {"due_at": unit.now, "sentence": "Approved; it is being carried out."}
    return {"sentence": reason or row.card["because"]}


def _settle_blocker(unit: Unit, row: Row[Any], event: Event, *, by: str, reason: str | None) -> str | None:
    """One answer for every task that waits: try again, or stop."""
    blocker = row.proposal["blocker"]
    if not blockers.close(unit, blocker, by=by):
        return None
    if blockers.UNKNOWN_EFFECT in row.proposal:
        _keep_finding(unit, row.proposal[blockers.UNKNOWN_EFFECT], event, by=by, reason=reason)
    if event is Event.APPROVED:
        return next(iter(blockers.release(unit, blocker, Event.UNBLOCKED, by=by)), None)
    blockers.release(unit, blocker, Event.REJECTED, by=by, reason=reason or row.card["question"])
    return None


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
