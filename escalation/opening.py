"""How a decision begins: who is asked, what they are shown, and what happens when they say nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text

from contracts.canonical import digest
from contracts.contract import SilenceStep
from contracts.vocabulary import DecisionKind, DecisionState, Message
from escalation.approvers import in_words, names, resolve
from storage import outbox
from storage.database import Unit
from storage.directory import Person
from storage.outbox import Letter
from storage.tables.deciding import decisions, timers
from storage.tasks import Task

LAPSE, REMIND, QUESTION, SNOOZE = "lapse", "remind", "question", "snooze"
_LAST_RESORT_S = 86400


@dataclass(frozen=True, slots=True)
class Asking:
    """What is to be decided. `card` holds the finished lines of the card, `proposal` what would be carried out.

    `terms` are what the contract says of deciding it, kept on the decision: limits, what may be changed, who does it again.
    """

    task: Task
    kind: DecisionKind
    edge: str
    card: Mapping[str, Any]
    proposal: Mapping[str, Any]
    quorum: int
    steps: Sequence[SilenceStep]
    last_resort: str
    terms: Mapping[str, Any] = field(default_factory=dict)


def next_number(unit: Unit) -> int:
    """A fresh decision number."""
    found: int = unit.connection.execute(text("select nextval('decision_number')")).scalar_one()
    return found


def open_decision(unit: Unit, asking: Asking, *, number: int) -> None:
    """Write the decision with its first people, timers and cards; the caller moves the task to wait for it."""
    steps = [_step(unit, asking, step) for step in asking.steps]
    steps = [step for step in steps if step["people"]] or [_last_resort(unit, asking)]
    first = steps[0]
    unit.connection.execute(
        insert(decisions).values(
            company=unit.company,
            number=number,
            task=asking.task.number,
            subject=asking.task.subject,
            kind=asking.kind,
            state=DecisionState.OPEN,
            edge=asking.edge,
            requester=asking.task.requester,
            card=dict(asking.card),
            proposal=dict(asking.proposal),
            proposal_digest=digest(asking.proposal),
            shown_digest=digest(asking.card),
            quorum=asking.quorum,
            silence={"steps": steps},
            terms=dict(asking.terms),
            entitled=first["people"],
            entitled_words=first["words"],
            opened_at=unit.now,
            due_at=unit.now + timedelta(seconds=first["for_s"]),
        )
    )
    arm(unit, number, 0, first)
    send_cards(unit, number, asking.task.number, first["people"])


def _step(unit: Unit, asking: Asking, step: SilenceStep) -> dict[str, Any]:
    found: list[Person] = resolve(unit, step.who, requester=asking.task.requester)
    words = in_words(unit, step.who, requester=asking.task.requester)
    people = [one.id for one in found]
    return {"who": step.who, "words": words, "people": people, "for_s": step.for_s, "remind_s": list(step.remind_s)}


def _last_resort(unit: Unit, asking: Asking) -> dict[str, Any]:
    """Nobody else may decide: the company's named last resort is asked; if that is nobody, silence rejects."""
    who = f"person:{asking.last_resort}"
    found = resolve(unit, who, requester=asking.task.requester)
    people, words = [one.id for one in found], names(found) or "nobody"
    return {"who": who, "words": words, "people": people, "for_s": _LAST_RESORT_S, "remind_s": []}


def arm(unit: Unit, decision: int, index: int, step: Mapping[str, Any]) -> None:
    """Set the reminders and the end of one step of silence, counted from now."""
    due = [(REMIND, ordinal, after) for ordinal, after in enumerate(step["remind_s"], start=1)]
    rows = [
        {
            "company": unit.company,
            "decision": decision,
            "kind": kind,
            "silence_index": index,
            "ordinal": ordinal,
            "due_at": unit.now + timedelta(seconds=after),
        }
        for kind, ordinal, after in [*due, (LAPSE, 0, step["for_s"])]
    ]
    unit.connection.execute(insert(timers), rows)


def send_cards(unit: Unit, decision: int, task: int, people: Sequence[str]) -> None:
    """A card to each of them."""
    for one in people:
        outbox.put(unit, Letter(Message.CARD, f"card:{decision}:{one}", person=one, task=task, decision=decision))
