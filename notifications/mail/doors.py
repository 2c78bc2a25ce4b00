"""Says which messages go by mail, and to whom; everything else goes to Slack.

A letter goes where it was asked for (the thread of the requester's letter), or to a person who prefers mail; never to an
address whose letters come back, never with a button on it, and a card only where the contract lets a letter decide. A
weekly digest is a letter to everybody.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from contracts.vocabulary import Message, OutboxState
from engine.deployment import Deployment
from engine.versions import LaneMissing, lane_of
from notifications.standing import card_of
from storage.database import Unit
from storage.directory import Person, person
from storage.letters import is_undeliverable
from storage.outbox import Outgoing
from storage.tables.deciding import decisions
from storage.tasks import Task, load

MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose mailbox a letter goes to."""

    person: Person
    address: str


def mailbox(unit: Unit, letter: Outgoing, deployment: Deployment) -> Mailbox | None:
    """The mailbox that a message belongs in; None when it belongs in Slack. Raises LookupError as the views do."""
    if letter.details.get("surface") == "slack" or _is_in_slack(letter):
        return None
    wanted = letter.person if stands(letter) else _READERS[letter.message](unit, letter, deployment)
    reader = person(unit, wanted or _requester(unit, letter)) if wanted or stands(letter) else None
    if reader is None or not reader.active or not reader.email.isascii() or is_undeliverable(unit, reader.email):
        return None
    return Mailbox(reader, reader.email)


def stands(letter: Outgoing) -> bool:
    """Whether a first letter of this message has gone out."""
    return letter.ts is not None and letter.team == MAIL


def _is_in_slack(letter: Outgoing) -> bool:
    """It was posted there, or may have been."""
    began = letter.ts is not None or letter.state is OutboxState.SENDING
    return began and letter.team not in (None, MAIL)


def _requester(unit: Unit, letter: Outgoing) -> str:
    return load(unit, letter.task or 0).requester


def _of_task(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    task = load(unit, letter.task or 0)
    return task.requester if came_by_mail(task) else None


def came_by_mail(task: Task) -> bool:
    """Whether it was asked for in a letter."""
    return task.origin.get("surface") == MAIL


def _of_card(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    return letter.person if _prefers(unit, letter) and takes_letters(unit, letter.decision or 0, deployment) else None


def _of_reminder(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    """It hangs on the card; without one it lists all that waits, as its reader has asked for in a letter."""
    if letter.decision is None:
        return letter.person
    card = card_of(unit, letter.decision or 0, letter.person or "")
    return letter.person if card and card.team == MAIL else None


def _of_question(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    asked_by_mail = came_by_mail(load(unit, letter.task or 0))
    return letter.person if asked_by_mail or _prefers(unit, letter) else None


def _of_notice(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    if letter.details.get("mail") or letter.details.get("sign_in"):
        return letter.person
    has_button = letter.details.get("action") or letter.details.get("button")
    return letter.person if _prefers(unit, letter) and not has_button else None


def _of_digest(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    return letter.person


def _of_incident(unit: Unit, letter: Outgoing, deployment: Deployment) -> str | None:
    """Closing it takes a form."""
    return None


_READERS: dict[Message, Callable[[Unit, Outgoing, Deployment], str | None]] = {
    Message.TASK: _of_task,
    Message.RESULT: _of_task,
    Message.CARD: _of_card,
    Message.REMINDER: _of_reminder,
    Message.QUESTION: _of_question,
    Message.NOTICE: _of_notice,
    Message.DIGEST: _of_digest,
    Message.INCIDENT: _of_incident,
}


def _prefers(unit: Unit, letter: Outgoing) -> bool:
    reader = person(unit, letter.person or "")
    return reader is not None and reader.prefers == MAIL


def takes_letters(unit: Unit, decision: int, deployment: Deployment) -> bool:
    """Whether a decision's edge, in the version of the lane that its task runs under, takes an answer by mail."""
    mine = (decisions.c.company == unit.company) & (decisions.c.number == decision)
    row = unit.connection.execute(select(decisions.c.edge, decisions.c.task).where(mine)).one_or_none()
    if row is None:
        return False
    task = load(unit, row.task)
    try:
        lane = lane_of(deployment, unit, task.lane, task.lane_hash).lane
    except LaneMissing:
        return False
    return any(one.mail for one in lane.approve if one.name == row.edge)
