"""One decision, whoever presses and how often: entitled, once, on what was seen, and on record."""

from collections import Counter
from datetime import timedelta

import pytest

from contracts.contract import SilenceStep
from contracts.vocabulary import Answer, TaskState
from escalation.closing import expire
from escalation.decisions import Outcome, OutcomeKind, Voice, decide, lock
from escalation.reading import card_view
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.worlds import assert_trail_is_whole, deploy, press
from tests.integration.escalation.asking import at_once, noted, open_decisions, say, with_edge

APPROVE, REJECT = Answer.APPROVE, Answer.REJECT


def state_of(office: House, decision: int) -> str:
    """The decision's state."""
    found: str = office.rows("select state from decision where number = :n", n=decision)[0].state
    return found


def task_of_decision(office: House, decision: int) -> int:
    """The task that waits on it."""
    found: int = office.rows("select task from decision where number = :n", n=decision)[0].task
    return found


def both_approve(office: House, decision: int) -> list[Outcome]:
    """Two approvers press at the same moment."""
    return at_once(lambda: say(office, decision, "priya"), lambda: say(office, decision, "mei"))


def test_two_approvers_at_once_decide_thirty_refunds_once_each(office: House) -> None:
    deploy(office, busy_company(office.deployment.home))  # thirty of these are more than the example pays a day
    decisions = open_decisions(office, 30)

    kinds = Counter(tuple(sorted(one.kind for one in both_approve(office, one))) for one in decisions)
    office.work()

    assert kinds == {(OutcomeKind.ALREADY, OutcomeKind.DECIDED): 30}
    shop = office.runner.systems["morning"]["shop"]
    assert len(shop.refunds) == len({one.key for one in shop.refunds}) == 30
    approved = office.rows("select count(*) as n from audit_entry where event = 'approved'")[0].n
    assert approved == 30


def test_approve_and_reject_at_once_have_one_outcome_that_the_other_is_told(office: House) -> None:
    for decision in open_decisions(office, 12):
        task = task_of_decision(office, decision)

        outcomes = at_once(
            lambda d=decision: say(office, d, "priya", APPROVE),  # type: ignore[misc]
            lambda d=decision: say(office, d, "mei", REJECT),  # type: ignore[misc]
        )

        by_kind = {one.kind: one.sentence for one in outcomes}
        won = "approved" if outcomes[0].kind is OutcomeKind.DECIDED else "rejected"
        assert set(by_kind) == {OutcomeKind.DECIDED, OutcomeKind.ALREADY}
        assert f" {won} this at " in by_kind[OutcomeKind.ALREADY]
        assert state_of(office, decision) == won
        assert office.task(task).state is (TaskState.READY if won == "approved" else TaskState.REFUSED)
        assert len(office.rows("select 1 from vote where decision = :d", d=decision)) == 1


def test_the_same_button_pressed_ten_times_at_once_is_one_vote(office: House) -> None:
    (decision,) = open_decisions(office)

    outcomes = at_once(*[lambda: say(office, decision, "priya")] * 10)

    assert Counter(one.kind for one in outcomes) == {OutcomeKind.DECIDED: 1, OutcomeKind.ALREADY: 9}
    assert len(office.rows("select 1 from vote")) == 1
    assert len(noted(office, decision, "answer_refused")) == 9


@pytest.mark.parametrize(
    ("person", "kind"),
    [
        ("tomas", OutcomeKind.NOT_ENTITLED),
        ("ruth", OutcomeKind.NOT_ENTITLED),
        ("anna", OutcomeKind.OWN_REQUEST),
        ("nobody", OutcomeKind.INACTIVE),
    ],
)
def test_who_is_not_entitled_changes_nothing_and_is_on_record(office: House, person: str, kind: OutcomeKind) -> None:
    (decision,) = open_decisions(office)

    outcomes = [say(office, decision, person, answer) for answer in (APPROVE, REJECT)]

    assert [one.kind for one in outcomes] == [kind, kind]
    assert state_of(office, decision) == "open"
    assert office.rows("select 1 from vote") == []
    refused = noted(office, decision, "answer_refused")
    assert [one["answered"] for one in refused] == [kind, kind]
    assert {one["actor"] for one in refused} == {f"person:{person}" if person != "nobody" else "somebody unknown"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("active = false", OutcomeKind.INACTIVE),
        ("groups = array_remove(groups, 'finance-approvers')", OutcomeKind.NOT_ENTITLED),
    ],
)
def test_who_was_deactivated_or_demoted_after_the_card_is_refused_at_the_press(
    office: House, change: str, kind: OutcomeKind
) -> None:
    (decision,) = open_decisions(office)
    office.rows(f"update person set {change} where id = 'priya' returning 1")

    refused = say(office, decision, "priya")
    other = say(office, decision, "mei")

    assert (refused.kind, other.kind) == (kind, OutcomeKind.DECIDED)
    assert noted(office, decision, "answer_refused")[0]["actor"] == "person:priya"


def test_a_decision_that_is_not_there_tells_nothing(office: House) -> None:
    assert say(office, 4711, "priya").kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    ("saw", "kind"),
    [
        (lambda digest: digest, OutcomeKind.DECIDED),
        (lambda digest: digest[:16], OutcomeKind.DECIDED),
        (lambda digest: digest[:15], OutcomeKind.CHANGED),
        (lambda digest: "", OutcomeKind.CHANGED),
        (lambda digest: "0" * 64, OutcomeKind.CHANGED),
    ],
)
def test_an_answer_is_bound_to_what_was_seen(office: House, saw: object, kind: OutcomeKind) -> None:
    (decision,) = open_decisions(office)
    digest = office.rows("select proposal_digest from decision")[0].proposal_digest

    outcome = say(office, decision, "priya", saw=saw(digest))  # type: ignore[operator]

    assert outcome.kind is kind


def to_the_last_step(office: House) -> int:
    """A decision whose last step runs; it ends in 20 hours."""
    (decision,) = open_decisions(office)
    office.wait(4 * 3600 + 5)
    office.sweep()
    return decision


@pytest.mark.parametrize(("seconds", "kind"), [(-60, OutcomeKind.DECIDED), (1, OutcomeKind.EXPIRED)])
def test_an_answer_counts_until_the_last_time_has_passed_even_when_the_clock_is_late(
    office: House, seconds: float, kind: OutcomeKind
) -> None:
    decision = to_the_last_step(office)
    office.wait(20 * 3600 + seconds)

    outcome = say(office, decision, "priya")
    office.sweep()
    office.work()

    assert outcome.kind is kind
    task = office.task(task_of_decision(office, decision))
    assert task.state is (TaskState.DONE if kind is OutcomeKind.DECIDED else TaskState.REFUSED)
    assert_trail_is_whole(office, task.number)


def test_an_answer_at_the_very_moment_of_the_end_is_too_late(office: House) -> None:
    decision = to_the_last_step(office)
    due = office.rows("select due_at from decision")[0].due_at

    with office.deployment.database.transaction("morning") as unit:
        unit.now = due
        at_end = decide(unit, Voice(decision, "priya", APPROVE, None, "slack", None))

    assert at_end.kind is OutcomeKind.EXPIRED


def test_an_answer_and_the_end_at_once_have_one_outcome(office: House) -> None:
    for decision in open_decisions(office, 8):

        def silence(number: int = decision) -> object:
            with office.deployment.database.transaction("morning") as unit:
                row = lock(unit, number)
                assert row is not None
                if row.state == "open":
                    expire(unit, row)
            return say(office, number, "mei")

        outcomes = at_once(lambda d=decision: say(office, d, "priya"), silence)  # type: ignore[misc,arg-type]

        late = outcomes[1].sentence
        assert outcomes[1].kind is OutcomeKind.ALREADY
        if outcomes[0].kind is OutcomeKind.DECIDED:
            assert (state_of(office, decision), "Priya Nair approved" in late) == ("approved", True)
        else:
            assert (state_of(office, decision), "Nobody answered in time" in late) == ("expired", True)


def test_what_was_decided_before_names_who_when_and_why(office: House) -> None:
    (decision,) = open_decisions(office)
    say(office, decision, "priya")
    at = office.rows("select decided_at from decision")[0].decided_at - timedelta(hours=8)

    late = say(office, decision, "mei", REJECT)

    assert late.sentence == f"Priya Nair approved this at {at:%H:%M}: “because”. Nothing for you to do."


def test_a_quorum_of_two_takes_two_people_and_records_both_votes(office: House) -> None:
    with_edge(office, quorum=2)
    (decision,) = open_decisions(office)

    first = say(office, decision, "priya")
    twice = say(office, decision, "priya")
    between = office.task(task_of_decision(office, decision)).state
    second = say(office, decision, "mei")
    office.work()

    assert (first.kind, first.sentence) == (OutcomeKind.COUNTED, "Counted. 1 more must approve.")
    assert (twice.kind, second.kind) == (OutcomeKind.ALREADY, OutcomeKind.DECIDED)
    assert between is TaskState.WAITING
    votes = office.rows("select person, answer, via from vote order by at")
    assert [tuple(vote) for vote in votes] == [("priya", "approve", "slack"), ("mei", "approve", "slack")]
    assert noted(office, decision, "answer_refused")[0]["answered"] == "already"
    assert office.task(task_of_decision(office, decision)).state is TaskState.DONE


def test_the_first_no_decides_whatever_the_quorum(office: House) -> None:
    with_edge(office, quorum=2)
    (decision,) = open_decisions(office)
    say(office, decision, "priya")

    outcome = say(office, decision, "mei", REJECT)

    assert outcome.kind is OutcomeKind.DECIDED
    assert office.task(task_of_decision(office, decision)).state is TaskState.REFUSED


def test_asking_back_is_no_vote(office: House) -> None:
    (decision,) = open_decisions(office)

    asked = say(office, decision, "priya", Answer.ASK)

    assert asked.kind is OutcomeKind.ASKED
    assert office.rows("select 1 from vote") == []
    assert say(office, decision, "priya", Answer.ASK).kind is OutcomeKind.ALREADY


def steps(*who: str) -> tuple[SilenceStep, ...]:
    """Steps of an hour each."""
    return tuple(SilenceStep.model_validate({"who": one, "for": "1h"}) for one in who)


def test_the_manager_of_the_requester_is_asked_where_the_contract_says_so(office: House) -> None:
    with_edge(office, steps=steps("manager-of:requester"))
    (decision,) = open_decisions(office)

    assert office.rows("select entitled from decision")[0].entitled == ["ruth"]
    assert say(office, decision, "ruth").kind is OutcomeKind.DECIDED


def test_when_nobody_is_left_the_last_resort_is_asked(office: House) -> None:
    with_edge(office, steps=steps("person:mei"))
    office.rows("update person set active = false where id = 'mei' returning 1")
    (decision,) = open_decisions(office)

    assert office.rows("select entitled from decision")[0].entitled == ["jonas"]
    assert say(office, decision, "jonas").kind is OutcomeKind.DECIDED


def test_when_nobody_at_all_is_left_silence_rejects_and_nothing_is_ever_approved(office: House) -> None:
    with_edge(office, steps=steps("person:mei"))
    office.rows("update person set active = false where id in ('mei', 'jonas') returning 1")
    (decision,) = open_decisions(office)

    everybody = [say(office, decision, one).kind for one in ("anna", "mei", "jonas", "ruth", "priya")]
    office.wait(86500)
    office.sweep()

    assert OutcomeKind.DECIDED not in everybody
    assert state_of(office, decision) == "expired"
    assert office.task(task_of_decision(office, decision)).state is TaskState.REFUSED


def test_an_approval_serves_one_proposal_once(office: House) -> None:
    (decision,) = open_decisions(office)
    task = task_of_decision(office, decision)
    say(office, decision, "priya")
    office.work()

    assert office.rows("select carried_out_at from decision")[0].carried_out_at is not None
    again = office.asked(order="2000", form="again", amount=74000)
    office.work()
    assert office.task(task).state is TaskState.DONE
    assert office.task(again).state is TaskState.WAITING
    assert len(office.rows("select 1 from decision")) == 2


def test_the_card_shows_the_same_words_before_and_who_decided_after(office: House) -> None:
    (decision,) = open_decisions(office)
    with office.deployment.database.transaction("morning") as unit:
        before = card_view(unit, decision, "priya")
    press(office, task_of_decision(office, decision), "priya")
    with office.deployment.database.transaction("morning") as unit:
        after = card_view(unit, decision, "mei")

    assert before.outcome is None
    assert "740.00 USD" in before.question
    assert after.outcome is not None
    assert after.outcome.startswith("Priya Nair approved this at")
