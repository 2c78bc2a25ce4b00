"""What somebody says to a decision, and what they are told: plain values that every surface shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.answers import OutcomeKind
from contracts.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person is told; `wake` is the runtime whose runners have work now."""

    kind: OutcomeKind
    sentence: str
    wake: str | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """A proposal as a decider would have it, held against the contract's rules by who knows them.

    `proposal` is what would be carried out and `card` its finished lines; `fallen` says which rule it breaks, if any;
    `asks` whether its edge still asks a person.
    """

    proposal: Mapping[str, Any]
    card: Mapping[str, Any]
    fallen: str | None = None
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's answer; `saw` is the proposal digest (or its first 16 digits) that they were shown.

    A change brings `amended`, a hand-over the person `to` whom, a snooze the moment `until`; `reason` is also the question.
    `own` breaks the glass: they know that it is their own request. `problem` says what could not be understood of it, to whoever may answer at all.
    """

    decision: int
    person: str
    answer: Answer
    reason: str | None
    via: str
    saw: str | None
    amended: Amended | None = None
    to: str | None = None
    until: datetime | None = None
    problem: str | None = None
    own: bool = False


UNKNOWN = Outcome(OutcomeKind.UNKNOWN, "There is no such decision.")
