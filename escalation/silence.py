"""What happens when nobody answers: reminders, then the next in line, then the contract's last word."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from contracts.vocabulary import OF_BLOCKERS, OPEN_DECISIONS, DecisionState, Message
from escalation import closing, questions
from escalation.admitting import lock
from escalation.opening import LAPSE, LAST_RESORT, QUESTION, REMIND, SNOOZE, WAKING, arm, send_cards, tell_absent
from escalation.seats import gave_away
from escalation.snoozing import asleep
from escalation.substitutes import away_now, seated
from escalation.voting import voters
from escalation.waking import hold_back, quiet_until, still_quiet
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.failpoints import passing
from storage.outbox import Letter
from storage.tables.deciding import decisions, timers


def next_due(unit: Unit, *, past: Collection[int] = ()) -> Row[Any] | None:
    """The earliest timer of this company that is due, but for those of some decisions; its decision is locked first."""
    query = (
        select(timers)
        .join(decisions, (decisions.c.company == timers.c.company) & (decisions.c.number == timers.c.decision))
        .where(timers.c.company == unit.company, timers.c.fired_at.is_(None), timers.c.due_at <= unit.now)
        .where((decisions.c.state != DecisionState.ASKED_BACK) | (timers.c.kind == QUESTION))
        .order_by(timers.c.due_at, timers.c.decision, timers.c.ordinal.desc())
        .limit(1)
    )
    query = query.where(timers.c.decision.not_in(past)) if past else query
    return unit.connection.execute(query).one_or_none()


def fire(unit: Unit, due: Row[Any]) -> None:
    """Fire a timer that is due, exactly once: nothing happens when somebody else has, or its clock stands still by now."""
    row = lock(unit, due.decision)
    if row is not None and _runs(row, due) and _mark_fired(unit, due) and row.state in OPEN_DECISIONS:
        _KINDS[due.kind](unit, row, due)
    passing("timer.before_commit")


def _runs(row: Row[Any], due: Row[Any]) -> bool:
    """Whether the clock still runs now that the decision is locked: somebody may just have asked back."""
    return bool(row.state != DecisionState.ASKED_BACK or due.kind == QUESTION)


def _mark_fired(unit: Unit, due: Row[Any]) -> bool:
    key = {name: getattr(due, name) for name in ("company", "decision", "kind", "silence_index", "ordinal")}
    mine = [timers.c[name] == value for name, value in key.items()]
    still_due = timers.c.fired_at.is_(None) & (timers.c.due_at <= unit.now)
    statement = update(timers).where(*mine, still_due).values(fired_at=unit.now)
    return unit.connection.execute(statement).rowcount == 1


def _remind(unit: Unit, row: Row[Any], due: Row[Any]) -> None:
    silent = set(row.entitled) - voters(unit, row.number) - asleep(unit, row.number) - set(away_now(unit))
    later = quiet_until(unit, row, silent)
    for one in sorted(silent - later.keys()):
        _send_reminder(unit, row, due, one)
    hold_back(unit, row, later)
    told = {"people": sorted(silent - later.keys()), "n": due.ordinal, "later": sorted(later)}
    note(unit, f"decision:{row.number}", Said("reminded", "clock", told))


def _send_reminder(unit: Unit, row: Row[Any], due: Row[Any], one: str) -> None:
    dedupe = f"{_REMINDED[due.kind]}:{row.number}:{due.silence_index}:{due.ordinal}:{one}"
    details = {"n": due.ordinal}
    outbox.put(unit, Letter(Message.REMINDER, dedupe, person=one, task=row.task, decision=row.number, details=details))


def _wake(unit: Unit, row: Row[Any], due: Row[Any]) -> None:
    """Somebody's own reminder, unless they have answered or given their seat away since."""
    if due.person in row.entitled and due.person not in voters(unit, row.number):
        _send_reminder(unit, row, due, due.person)
    note(unit, f"decision:{row.number}", Said("reminded", "clock", {"people": [due.person], "n": due.ordinal}))


def _wake_up(unit: Unit, row: Row[Any], due: Row[Any]) -> None:
    """A reminder that waited for somebody's morning, unless that has moved on since, and the clock was told too late."""
    if not still_quiet(unit, row, due):
        _wake(unit, row, due)


def _lapse(unit: Unit, row: Row[Any], due: Row[Any]) -> None:
    if due.silence_index != row.silence_index:
        return
    steps = row.silence["steps"]
    if row.silence_index + 1 >= len(steps) and _stays(row):
        steps = _once_more(unit, row)
    if row.silence_index + 1 < len(steps):
        _next_in_line(unit, row, steps[row.silence_index + 1])
        return
    note(unit, f"decision:{row.number}", Said("expired", "clock", {"asked": list(row.entitled)}))
    closing.expire(unit, row)


def _stays(row: Row[Any]) -> bool:
    """What is blocked, and what the contract leaves to the last resort, is never settled by silence."""
    return bool(row.kind in OF_BLOCKERS or (row.terms.get("at_last") == LAST_RESORT and row.entitled))


def _once_more(unit: Unit, row: Row[Any]) -> list[Any]:
    """What is blocked is never settled by silence: the last in line is asked again, as long as it takes."""
    steps = [*row.silence["steps"], row.silence["steps"][-1]]
    mine = (decisions.c.company == unit.company) & (decisions.c.number == row.number)
    unit.connection.execute(update(decisions).where(mine).values(silence={"steps": steps}))
    return steps


def _next_in_line(unit: Unit, row: Row[Any], step: Mapping[str, Any]) -> None:
    """The next are asked too; those asked before may still answer."""
    index = row.silence_index + 1
    given = gave_away(row)
    fresh = [one for one in step["people"] if one not in row.entitled and one not in given]
    now = seated(unit, fresh, row.seats, never={row.requester, *row.entitled, *given})
    new = now.entitled
    words = row.entitled_words if step["words"] in row.entitled_words else f"{row.entitled_words} or {step['words']}"
    unit.connection.execute(
        update(decisions)
        .where(decisions.c.company == unit.company, decisions.c.number == row.number)
        .values(
            silence_index=index,
            entitled=[*row.entitled, *new],
            seats=now.seats,
            entitled_words=words,
            due_at=unit.now + timedelta(seconds=step["for_s"]),
        )
    )
    arm(unit, row.number, index, step)
    send_cards(unit, row.number, row.task, now.asked)
    tell_absent(unit, row.number, row.task, now.absent)
    outbox.show_again(unit, decision=row.number)
    note(unit, f"decision:{row.number}", Said("next_in_line", "clock", {"asked": new, "who": step["who"]}))


def _unanswered(unit: Unit, row: Row[Any], due: Row[Any]) -> None:
    questions.resume(unit, row)
    note(unit, f"decision:{row.number}", Said("question_unanswered", "clock", {"ordinal": due.ordinal}))


_KINDS: Mapping[str, Callable[[Unit, Row[Any], Row[Any]], None]] = {
    REMIND: _remind,
    LAPSE: _lapse,
    QUESTION: _unanswered,
    SNOOZE: _wake,
    WAKING: _wake_up,
}
_REMINDED: Mapping[str, str] = {REMIND: "reminder", SNOOZE: "snoozed", WAKING: "waking"}
