"""Every answer to every state of a decision, as contracts.answers has it: the table is asked, not repeated."""

from collections.abc import Callable

import pytest

from contracts.answers import OutcomeKind, cell
from contracts.vocabulary import OPEN_DECISIONS, Answer, DecisionKind, DecisionState
from escalation.cancelling import cancel
from tests.builders import House
from tests.integration.engine.worlds import open_shop, raising
from tests.integration.escalation.asking import noted, open_decisions, say, speak, with_edge


def state_of(office: House, decision: int) -> str:
    """The decision's state."""
    found: str = office.rows("select state from decision where number = :n", n=decision)[0].state
    return found


def expired(office: House, decision: int) -> None:
    """Let all of its time pass."""
    for _ in range(2):
        office.wait(21 * 3600)
        office.sweep()


def recalled(office: House, decision: int) -> None:
    """The requester takes the request back."""
    task = office.rows("select task from decision where number = :n", n=decision)[0].task
    with office.deployment.database.transaction("morning") as unit:
        assert cancel(unit, task=task, person_id="anna", reason="not needed", via="slack").kind is OutcomeKind.CANCELLED


def a_blocker(office: House) -> int:
    """The card of an outage that has stopped a task."""
    open_shop(office).reading = [raising(ConnectionResetError()) for _ in range(20)]
    office.asked()
    for _ in range(9):
        office.work()
        office.wait(61)
    found: int = office.rows("select max(number) as n from decision where kind = 'escalation'")[0].n
    return found


BROUGHT: dict[DecisionState, Callable[[House, int], object]] = {
    DecisionState.OPEN: lambda office, decision: None,
    DecisionState.ASKED_BACK: lambda office, decision: say(office, decision, "kwame", Answer.ASK),
    DecisionState.APPROVED: lambda office, decision: say(office, decision, "mei"),
    DecisionState.REJECTED: lambda office, decision: say(office, decision, "mei", Answer.REJECT),
    DecisionState.CHANGED: lambda office, decision: speak(office, decision, Answer.CHANGE, "mei"),
    DecisionState.REVISED: lambda office, decision: speak(office, decision, Answer.REVISE, "mei"),
    DecisionState.EXPIRED: expired,
    DecisionState.WITHDRAWN: recalled,
}


@pytest.mark.parametrize("state", list(DecisionState))
def test_an_answer_to_a_proposal_comes_to_what_the_table_says(office: House, state: DecisionState) -> None:
    for decision, answered in zip(open_decisions(office, len(Answer)), Answer, strict=True):
        BROUGHT[state](office, decision)
        assert state_of(office, decision) == state

        outcome = speak(office, decision, answered)

        wanted = cell(DecisionKind.APPROVAL, state, answered)
        assert (answered, outcome.kind) == (answered, wanted.outcome), outcome.sentence
        assert state_of(office, decision) == wanted.becomes
        is_refused = wanted.outcome in (OutcomeKind.ALREADY, OutcomeKind.NOT_OFFERED)
        assert len(noted(office, decision, "answer_refused")) == int(is_refused)


@pytest.mark.parametrize("state", sorted(OPEN_DECISIONS))
def test_a_yes_of_two_leaves_the_state_as_it_was(office: House, state: DecisionState) -> None:
    with_edge(office, quorum=2)
    (decision,) = open_decisions(office)
    BROUGHT[state](office, decision)

    outcome = speak(office, decision, Answer.APPROVE)

    wanted = cell(DecisionKind.APPROVAL, state, Answer.APPROVE)
    assert outcome.kind is wanted.short is OutcomeKind.COUNTED
    assert state_of(office, decision) == state


def test_a_blocker_takes_no_changes_and_is_not_sent_back(office: House) -> None:
    decision = a_blocker(office)

    for answered in Answer:
        wanted = cell(DecisionKind.ESCALATION, DecisionState.OPEN, answered)
        if wanted.outcome is OutcomeKind.NOT_OFFERED:
            assert speak(office, decision, answered, "ruth").kind is OutcomeKind.NOT_OFFERED
    assert state_of(office, decision) == DecisionState.OPEN
