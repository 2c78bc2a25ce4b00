"""Approving with changes: the decision makes way for its successor, which is bound to what was changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, insert, update

from contracts.answers import OutcomeKind
from contracts.canonical import digest
from contracts.lifecycle import Event, Mover
from contracts.vocabulary import DecisionState, WaitingFor
from escalation import approvals, voting
from escalation.admitting import lock, refused
from escalation.opening import arm, next_number, send_cards
from escalation.timers import stop_timers
from escalation.voices import UNKNOWN, Amended, Outcome, Voice
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import Person
from storage.tables.deciding import decisions
from storage.tasks import load
from storage.transitions import Change, Happening, move

NOTHING_NEW = "Nothing is changed there: approve it as it is, or say what should be otherwise."
_KEPT = ("task", "subject", "kind", "edge", "requester", "silence", "silence_index", "entitled_words", "terms", "seats")


def approve_with_changes(unit: Unit, row: Row[Any], voice: Voice, who: Person) -> Outcome:
    """End a locked decision in favour of its successor, with this person's yes on it; others are asked again."""
    amended = voice.amended
    if amended is None or digest(amended.proposal) == row.proposal_digest:
        return refused(unit, row, who, Outcome(OutcomeKind.INCOMPLETE, voice.problem or NOTHING_NEW))
    if amended.fallen is not None:
        sentence = f"That would break a rule of the contract: {amended.fallen}"
        return refused(unit, row, who, Outcome(OutcomeKind.AGAINST_RULES, sentence))
    number = _succeed(unit, row, voice, amended)
    successor = lock(unit, number)
    if successor is None:
        return UNKNOWN
    _to_the_successor(unit, row, successor, voice)
    return _counted(unit, successor, voice, who)


def _succeed(unit: Unit, row: Row[Any], voice: Voice, amended: Amended) -> int:
    """Close the old decision and write the new one in its place: the same people, a fresh clock, no votes."""
    number = next_number(unit)
    _set(
        unit,
        row.number,
        state=DecisionState.CHANGED,
        decided_at=unit.now,
        decided_by=voice.person,
        reason=voice.reason,
        successor=number,
    )
    step = row.silence["steps"][row.silence_index]
    unit.connection.execute(
        insert(decisions).values(
            company=unit.company,
            number=number,
            state=DecisionState.OPEN,
            card=dict(amended.card),
            proposal=dict(amended.proposal),
            proposal_digest=digest(amended.proposal),
            shown_digest=digest(amended.card),
            quorum=row.quorum if amended.asks else 1,
            entitled=[*row.entitled],
            opened_at=unit.now,
            due_at=unit.now + timedelta(seconds=step["for_s"]),
            **{name: getattr(row, name) for name in _KEPT},
        )
    )
    arm(unit, number, row.silence_index, step)
    return number


def _to_the_successor(unit: Unit, row: Row[Any], successor: Row[Any], voice: Voice) -> None:
    stop_timers(unit, row.number)
    approvals.lapse(unit, row.task)
    outbox.show_again(unit, decision=row.number)
    content = {
        "decision": row.number,
        "successor": successor.number,
        "by": f"person:{voice.person}",
        "via": voice.via,
        "reason": voice.reason,
        "proposal_digest": row.proposal_digest,
        "new_digest": successor.proposal_digest,
    }
    columns = {"waiting_for": WaitingFor.DECISION, "waiting_on": str(successor.number)}
    change = Change(load(unit, row.task, lock=True), [Happening(Event.CHANGED, content)], columns)
    move(unit, change, mover=Mover.DECISION, actor=f"person:{voice.person}")
    note(unit, f"decision:{row.number}", Said("changed", f"person:{voice.person}", content))


def _counted(unit: Unit, successor: Row[Any], voice: Voice, who: Person) -> Outcome:
    """The changer's vote there; cards go out only if somebody else still has to agree."""
    outcome = voting.cast_on_successor(unit, successor, voice, who)
    if outcome.kind is OutcomeKind.DECIDED:
        sentence = f"Approved with your changes, as decision {successor.number}. It is on record under your name."
        return replace(outcome, kind=OutcomeKind.CHANGED_IT, sentence=sentence)
    send_cards(unit, successor.number, successor.task, successor.entitled)
    sentence = f"Changed: it goes on as decision {successor.number}, with your yes. {outcome.sentence}"
    return Outcome(OutcomeKind.CHANGED_IT, sentence.replace("Counted. ", ""))


def _set(unit: Unit, decision: int, **values: Any) -> None:
    mine = (decisions.c.company == unit.company) & (decisions.c.number == decision)
    unit.connection.execute(update(decisions).where(mine).values(**values))
