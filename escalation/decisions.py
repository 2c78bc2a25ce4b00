"""The one way in for an answer: entitled people, one vote each, under a lock, and the last vote moves the task."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row

from contracts.answers import TAKEN, OutcomeKind
from contracts.vocabulary import Answer
from escalation import attention, voting
from escalation.admitting import SHORTEST_DIGEST, lock, refuse, refused
from escalation.changing import approve_with_changes
from escalation.handing import hand_over
from escalation.missing import in_vain
from escalation.questions import ask_back
from escalation.revising import send_back
from escalation.saying import said
from escalation.snoozing import snooze
from escalation.voices import UNKNOWN, Amended, Outcome, Voice
from storage.database import Unit
from storage.directory import Person, person
from storage.failpoints import passing

__all__ = [
    "SHORTEST_DIGEST",
    "UNKNOWN",
    "Amended",
    "Outcome",
    "OutcomeKind",
    "Voice",
    "decide",
    "lock",
    "refuse",
    "refused",
    "said",
]

_Answered = Callable[[Unit, Row[Any], Voice, Person], Outcome]
_ANSWERS: Mapping[Answer, _Answered] = {
    Answer.APPROVE: voting.cast,
    Answer.CHANGE: approve_with_changes,
    Answer.REJECT: voting.cast,
    Answer.REVISE: send_back,
    Answer.ASK: ask_back,
    Answer.HAND_OVER: hand_over,
    Answer.SNOOZE: snooze,
}


_TOOK_TIME = TAKEN - {OutcomeKind.SNOOZED}


def decide(unit: Unit, voice: Voice) -> Outcome:
    """Take an answer inside the caller's transaction; what it decides moves the task in the same transaction."""
    row = lock(unit, voice.decision)
    if row is None:
        in_vain(unit, voice.person, f"decision {voice.decision}")
        return UNKNOWN
    who = person(unit, voice.person)
    refusal = refuse(unit, row, who, voice)
    if refusal is not None or who is None:
        return refusal or UNKNOWN
    outcome = _ANSWERS[voice.answer](unit, row, voice, who)
    if outcome.kind in _TOOK_TIME:
        attention.answered(unit, row.number, row.task, who.id)
    passing("decide.before_commit")
    return outcome
