"""Carries out what somebody said to a decision or a blocker: one transaction, then wake-ups, then a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk import WebClient

from contracts.vocabulary import Became
from escalation.decisions import Outcome
from gateway.slack.case import Case
from gateway.slack.home import show_home
from gateway.slack.telling import tell
from storage.database import Unit
from storage.directory import Person
from storage.failpoints import passing


@dataclass(frozen=True, slots=True)
class Settled:
    """How the delivery is marked: what it became, and of what."""

    became: Became
    reference: str


def carry_out(
    case: Case, client: WebClient, person: Person, settled: Settled, change: Callable[[Unit], Outcome]
) -> None:
    """Make the change and mark the delivery handled with it; tell the person what came of it once that stands."""
    with case.deployment.database.transaction(case.company) as unit:
        outcome = change(unit)
        case.settle(unit, settled.became, reference=settled.reference, why=outcome.kind)
    case.settled.set()
    passing("decide.after_commit")
    if outcome.wake is not None:
        case.deployment.wakeups.wake(case.company, outcome.wake)
    case.deployment.wakeups.courier()
    if case.is_from_home:
        show_home(case, client, person, said=outcome.sentence)
        return
    tell(case, client, outcome.sentence, person=person)
