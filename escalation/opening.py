"""How a decision begins: who is asked, what they are shown, and what happens when they say nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text

from contracts.canonical import digest
from contracts.contract import SilenceStep
from contracts.vocabulary import DecisionKind, DecisionState, Message
from escalation.approvers import in_words, named, names, resolve
from escalation.four_eyes import excluded
from escalation.substitutes import seated
from storage import outbox
from storage.audit import Said, note
from storage.database import Unit
from storage.outbox import Letter
from storage.tables.deciding import decisions, timers
from storage.tasks import Task

LAPSE, REMIND, QUESTION, SNOOZE, WAKING = "lapse", "remind", "question", "snooze", "waking"
LAST_RESORT = "last-resort"
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
    steps = _steps(unit, asking)
    first = steps[0]
    now = seated(unit, first["people"], {}, never={asking.task.requester, *_excluded(unit, asking)})
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
            quorum=_quorum(asking, first["people"]),
            silence={"steps": steps},
            terms=dict(asking.terms),
            seats=now.seats,
            entitled=now.entitled,
            entitled_words=first["words"],
            opened_at=unit.now,
            due_at=unit.now + timedelta(seconds=first["for_s"]),
        )
    )
    arm(unit, number, 0, first)
    send_cards(unit, number, asking.task.number, now.asked)
    tell_absent(unit, number, asking.task.number, now.absent)


def _quorum(asking: Asking, first: Sequence[str]) -> int:
    """How many must approve: as many as the contract says, everybody of the first step, or one of each group."""
    everybody = len(first) if asking.terms.get("unanimous") else 1
    return max(asking.quorum, everybody, len(asking.terms.get("each", ())))


def _excluded(unit: Unit, asking: Asking) -> frozenset[str]:
    proposal = digest(asking.proposal)
    task = asking.task
    return excluded(unit, asking.terms, task=task.number, proposal_digest=proposal, requester=task.requester)


def _steps(unit: Unit, asking: Asking) -> list[dict[str, Any]]:
    """The steps of silence that reach anybody; where none does, and where the contract ends there, the last resort's."""
    each = tuple(asking.terms.get("each", ()))
    never = _excluded(unit, asking)
    steps = [_step(unit, asking, step, each if index == 0 else (), never) for index, step in enumerate(asking.steps)]
    found = [step for step in steps if step["people"]]
    if not found or asking.terms.get("at_last") == LAST_RESORT:
        found.append(_last_resort(unit, asking))
    return found


def _step(unit: Unit, asking: Asking, step: SilenceStep, each: Sequence[str], never: Collection[str]) -> dict[str, Any]:
    asked = (step.who, *(f"group:{group}" for group in each))
    found = {one.id: one for who in asked for one in resolve(unit, who, requester=asking.task.requester)}
    words = " and ".join(dict.fromkeys(in_words(unit, who, requester=asking.task.requester) for who in asked))
    people = [one for one in found if one not in never]
    told = {"who": step.who, "words": words, "people": people, "for_s": step.for_s, "remind_s": list(step.remind_s)}
    return {**told, "each": list(each)} if each else told


def _last_resort(unit: Unit, asking: Asking) -> dict[str, Any]:
    """Nobody else may decide: the company's named last resort is asked; if that is nobody, silence rejects."""
    who = f"person:{asking.last_resort}"
    found = resolve(unit, who, requester=asking.task.requester)
    people, words = [one.id for one in found], names(found) or "nobody"
    return {"who": who, "words": words, "people": people, "for_s": _LAST_RESORT_S, "remind_s": []}


def tell_absent(unit: Unit, decision: int, task: int, absent: Mapping[str, str]) -> None:
    """Whoever is away stays informed of who is asked in their place, and keeps their own right."""
    for away, substitute in absent.items():
        sentence = f"You are away, so {named(unit, substitute)} is asked in your place (decision {decision}, T-{task})."
        dedupe = f"substituted:{decision}:{away}:{substitute}"
        details = {"sentence": sentence}
        outbox.put(unit, Letter(Message.NOTICE, dedupe, person=away, task=task, decision=decision, details=details))
        content = {"away": away, "substitute": substitute}
        note(unit, f"decision:{decision}", Said("substituted", "clock", content))


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
