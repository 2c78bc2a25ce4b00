"""Any two things that can happen to one decision, at the same moment on real PostgreSQL: one winner, one outcome."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import ENDED, Answer, TaskState
from escalation.cancelling import cancel
from escalation.decisions import Outcome
from escalation.silence import fire, next_due
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import assert_trail_is_whole, deploy
from tests.integration.escalation.asking import at_once, noted, open_decisions, say, speak

ROUNDS, OF_ACCEPTANCE = 4, 36
"""Of each pair; 36 pairs. `--acceptance` takes 36, which makes more than a thousand."""

_WON = {
    OutcomeKind.DECIDED,
    OutcomeKind.CHANGED_IT,
    OutcomeKind.SENT_BACK,
    OutcomeKind.CANCELLED,
}


def task_of(office: House, decision: int) -> int:
    """The task that it is about."""
    found: int = office.rows("select task from decision where number = :n", n=decision)[0].task
    return found


def recall(office: House, decision: int) -> Outcome:
    """The requester takes the request back."""
    with office.deployment.database.transaction("morning") as unit:
        return cancel(unit, task=task_of(office, decision), person_id="anna", reason=None, via="slack")


def time_out(office: House, decision: int) -> Outcome:
    """The clock fires the end of the last step of silence."""
    with office.deployment.database.transaction("morning") as unit:
        before = _state(unit, decision)
        due = next_due(unit)
        if due is not None:
            fire(unit, due)
        won = before == "open" and _state(unit, decision) == "expired"
    return Outcome(OutcomeKind.DECIDED if won else OutcomeKind.ALREADY, "the clock")


def _state(unit: object, decision: int) -> str:
    query = "select state from decision where company = 'morning' and number = %s"
    found: str = unit.connection.exec_driver_sql(query, (decision,)).scalar_one()  # type: ignore[attr-defined]
    return found


def assert_nothing_approved(office: House, decision: int) -> None:
    """No approval is left that a runner of a task that goes on could carry out."""
    task = task_of(office, decision)
    left = "select 1 from decision where task = :t and state = 'approved' and lapsed_at is null"
    assert office.task(task).state in ENDED or not office.rows(left, t=task)


Act = Callable[[House, int], Outcome]
ACTS: dict[str, Act] = {
    "yes": lambda office, decision: say(office, decision, "priya"),
    "another yes": lambda office, decision: say(office, decision, "mei"),
    "no": lambda office, decision: say(office, decision, "kwame", Answer.REJECT),
    "changed": lambda office, decision: speak(office, decision, Answer.CHANGE, "mei"),
    "changed otherwise": lambda office, decision: speak(
        office, decision, Answer.CHANGE, "kwame", changes={"amount": "1.00"}
    ),
    "sent back": lambda office, decision: speak(office, decision, Answer.REVISE, "priya"),
    "recalled": recall,
    "asked otherwise": lambda office, decision: rethink(office, task_of(office, decision), amount=1000),
    "timed out": time_out,
}


@pytest.mark.parametrize(("first", "second"), list(combinations(ACTS, 2)))
def test_of_two_things_at_once_one_happens(office: House, acceptance: bool, first: str, second: str) -> None:
    deploy(office, busy_company(office.deployment.home))
    decisions = open_decisions(office, OF_ACCEPTANCE if acceptance else ROUNDS)
    office.rows("update decision set silence_index = 1 returning 1")
    if "timed out" in (first, second):
        office.rows("update timer set fired_at = due_at where kind = 'remind' returning 1")
        office.rows("update timer set silence_index = 1 where kind = 'lapse' returning 1")

    for decision in decisions:
        if "timed out" in (first, second):
            due = "update timer set due_at = chargehand_now() where kind = 'lapse' and decision = :d returning 1"
            office.rows(due, d=decision)
        outcomes = at_once(lambda d=decision: ACTS[first](office, d), lambda d=decision: ACTS[second](office, d))  # type: ignore[misc]

        events = assert_trail_is_whole(office, task_of(office, decision))
        both = {one.kind for one in outcomes} <= _WON
        if both and events[-1] in (Event.CANCELLED, Event.REQUEST_CHANGED):
            assert_nothing_approved(office, decision)
            continue  # taken back after the answer and before anything was carried out: nothing ever is
        kinds = Counter(one.kind in _WON for one in outcomes)
        assert kinds == {True: 1, False: 1}, [one.sentence for one in outcomes]
        last = {Event.APPROVED, Event.REJECTED, Event.REVISED, Event.CANCELLED, Event.REQUEST_CHANGED}
        assert len([one for one in events if one in last]) == 1

    states = {office.task(task_of(office, decision)).state for decision in decisions}
    assert all(state in ENDED or state is TaskState.READY for state in states)


@pytest.mark.usefixtures("standing_clock")
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_an_answer_at_just_before_and_just_after_the_deadline_is_one_or_the_other(office: House, seconds: int) -> None:
    (decision,) = open_decisions(office)
    office.rows(
        "update decision set silence_index = 1, due_at = chargehand_now() - make_interval(secs => :s) returning 1",
        s=seconds or 0.0,
    )

    outcome = say(office, decision, "priya")

    wanted = OutcomeKind.DECIDED if seconds < 0 else OutcomeKind.EXPIRED
    assert outcome.kind is wanted
    assert say(office, decision, "mei").kind is OutcomeKind.ALREADY


def test_a_replayed_card_of_what_was_changed_decides_nothing(office: House) -> None:
    (decision,) = open_decisions(office)
    digest = office.rows("select proposal_digest from decision where number = :n", n=decision)[0].proposal_digest
    speak(office, decision, Answer.CHANGE, "mei")
    successor = office.rows("select max(number) as n from decision")[0].n

    old = say(office, decision, "priya", saw=digest[:16])
    crossed = say(office, successor, "priya", saw=digest[:16])

    assert (old.kind, crossed.kind) == (OutcomeKind.ALREADY, OutcomeKind.ALREADY)
    assert len(noted(office, successor, "answer_refused")) == 1


def test_two_hundred_answers_of_people_who_may_not_change_nothing_and_stand_on_record(office: House) -> None:
    (decision,) = open_decisions(office)
    strangers = ["tomas", "ruth", "jonas", "anna", "nobody"]

    outcomes = [
        speak(office, decision, answered, person) for answered in Answer for person in strangers for _ in range(6)
    ]

    assert len(outcomes) == 210
    assert {one.kind for one in outcomes} == {OutcomeKind.NOT_ENTITLED, OutcomeKind.OWN_REQUEST, OutcomeKind.INACTIVE}
    assert office.rows("select 1 from vote") == []
    assert len(noted(office, decision, "answer_refused")) == 210
