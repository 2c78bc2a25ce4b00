"""What people put on the memory pad and on a subject's timeline, with their name and their reason."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts.vocabulary import BeliefKind, Heard
from engine.failures import plain
from storage.audit import Said, note
from storage.database import Unit
from storage.directory import person
from storage.memory import COMPANY, LONGEST_TOPIC, Belief, remember
from storage.subjects import hear


class NotToSay(ValueError):
    """This person can't say this; the message says why."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says something, and why."""

    person: str
    because: str


def scope_of(words: str, lanes: frozenset[str]) -> str:
    """The scope of the pad that is meant: `company`, a lane's name, else a subject."""
    if words == COMPANY:
        return COMPANY
    return f"lane:{words}" if words in lanes else f"subject:{words}"


def believe(unit: Unit, scope: str, topic: str, value: Any, *, kind: BeliefKind, days: float | None, by: Voice) -> None:
    """Write a belief on behalf of a person; raises NotToSay and storage.memory.NotBelievable."""
    _check(unit, by)
    expires_at = None if days is None else unit.now + timedelta(days=days)
    topic = plain(topic, longest=LONGEST_TOPIC)
    remember(unit, Belief(scope, topic, kind, value, by.person, 1.0, expires_at))
    _audit(unit, "remembered", by, {"scope": scope, "topic": topic, "kind": kind})


def tell(unit: Unit, subject: str, heard: Heard, *, by: Voice) -> None:
    """Put on a subject's timeline what a person has heard of it; raises NotToSay."""
    _check(unit, by)
    hear(unit, subject, heard, sentence=plain(by.because), source=by.person)
    _audit(unit, "heard", by, {"subject": subject, "heard": heard})


def _check(unit: Unit, by: Voice) -> None:
    found = person(unit, by.person)
    if found is None or not found.active:
        raise NotToSay(f"There is no {by.person} in this company.")
    if not by.because.strip():
        raise NotToSay("Say why, with --because: it stays on record.")


def _audit(unit: Unit, event: str, by: Voice, content: dict[str, Any]) -> None:
    note(unit, f"person:{by.person}", Said(event, f"person:{by.person}", {**content, "because": by.because}))
