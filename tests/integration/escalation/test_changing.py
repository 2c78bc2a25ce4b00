"""Approving with changes: another proposal, another digest, the changer's yes on it, and everybody else is asked again."""

import pytest

from contracts.answers import OutcomeKind
from contracts.contract import ApprovalEdge
from contracts.vocabulary import Answer, TaskState
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, decision_of, open_shop, press
from tests.integration.escalation.asking import at_once, noted, open_decisions, say, speak, with_edge

CHANGE = Answer.CHANGE


def row_of(office: House, decision: int) -> dict[str, object]:
    """A decision as the record has it."""
    return dict(office.rows("select * from decision where number = :n", n=decision)[0]._mapping)


def task_of(office: House, decision: int) -> int:
    """The task that it is about."""
    found: int = office.rows("select task from decision where number = :n", n=decision)[0].task
    return found


def test_what_was_approved_with_changes_is_what_is_paid(office: House) -> None:
    (decision,) = open_decisions(office)
    task = task_of(office, decision)

    outcome = speak(office, decision, CHANGE, reason="the rest was not broken")
    office.work()

    old, new = row_of(office, decision), row_of(office, decision_of(office, task))
    assert outcome.kind is OutcomeKind.CHANGED_IT
    assert (
        outcome.sentence == f"Approved with your changes, as decision {new['number']}. It is on record under your name."
    )
    assert (old["state"], old["successor"], new["state"]) == ("changed", new["number"], "approved")
    assert old["proposal_digest"] != new["proposal_digest"]
    shop = office.runner.systems["morning"]["shop"]
    assert [one.amount for one in shop.refunds] == [30000]
    assert office.task(task).state is TaskState.DONE
    assert "changed" in assert_trail_is_whole(office, task)


def test_every_copy_of_the_old_card_tells_of_the_new_one_and_takes_no_answer(office: House) -> None:
    (decision,) = open_decisions(office)

    speak(office, decision, CHANGE, reason="only the lamp")

    late = say(office, decision, "mei")
    with office.deployment.database.transaction("morning") as unit:
        card = card_view(unit, decision, "mei")
    assert late.kind is OutcomeKind.ALREADY
    assert "Priya Nair approved this with changes at" in late.sentence
    assert card.outcome is not None
    assert card.outcome.endswith(f"“only the lamp”. It goes on as decision {row_of(office, decision)['successor']}.")
    assert card.answers == frozenset()


def test_where_two_must_agree_the_other_is_asked_again_and_earlier_votes_lapse(office: House) -> None:
    with_edge(office, quorum=2)
    (decision,) = open_decisions(office)
    say(office, decision, "kwame")

    changed = speak(office, decision, CHANGE, changes={"amount": "600.00"})
    new = decision_of(office, task_of(office, decision))
    again = say(office, new, "priya")
    with office.deployment.database.transaction("morning") as unit:
        card = card_view(unit, new, "mei")

    assert changed.sentence == f"Changed: it goes on as decision {new}, with your yes. 1 more must approve."
    assert again.kind is OutcomeKind.ALREADY
    assert card.question == "Refund 600.00 USD for order 2000?"
    assert card.changed == ("Priya Nair: amount 740.00 USD → 600.00 USD",)
    assert card.progress == "1 of 2 approved: Priya Nair"
    asked = office.rows("select person from outbox where message = 'card' and decision = :d order by person", d=new)
    assert [one.person for one in asked] == ["kwame", "mei", "priya"]
    assert say(office, new, "kwame").kind is OutcomeKind.DECIDED


def test_a_change_breaks_no_rule_of_the_contract(office: House) -> None:
    (decision,) = open_decisions(office)

    broken = speak(office, decision, CHANGE, "mei", changes={"amount": "2500.00"})

    assert broken.kind is OutcomeKind.AGAINST_RULES
    assert broken.sentence.endswith("The customer paid 2,000.00 USD for order 2000. Ask for at most that.")
    assert row_of(office, decision)["state"] == "open"
    assert noted(office, decision, "answer_refused")[0]["answered"] == "against_rules"


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"amount": "740.00"}, OutcomeKind.INCOMPLETE, "Nothing is changed there"),
        ({"amount": "lots"}, OutcomeKind.INCOMPLETE, "amount: "),
        ({"order": "999"}, OutcomeKind.INCOMPLETE, "Here only amount can be changed."),
        ({}, OutcomeKind.INCOMPLETE, "Nothing is changed there"),
        ({"amount": "2100.00"}, OutcomeKind.ABOVE_LIMIT, "That is above the 2,000.00 USD that you may approve"),
    ],
)
def test_what_can_not_be_changed_so_is_told_in_a_sentence(
    office: House, changes: dict[str, str], kind: OutcomeKind, words: str
) -> None:
    (decision,) = open_decisions(office)

    outcome = speak(office, decision, CHANGE, changes=changes)

    assert outcome.kind is kind
    assert outcome.sentence.startswith(words)
    assert row_of(office, decision)["state"] == "open"


def test_a_stranger_learns_nothing_of_what_could_be_changed(office: House) -> None:
    (decision,) = open_decisions(office)

    outcome = speak(office, decision, CHANGE, "tomas", changes={"order": "999"})

    assert outcome.kind is OutcomeKind.NOT_ENTITLED


def test_two_changes_at_once_have_one_successor(office: House) -> None:
    for decision in open_decisions(office, 10):
        outcomes = at_once(
            lambda d=decision: speak(office, d, CHANGE, "priya", changes={"amount": "300.00"}),  # type: ignore[misc]
            lambda d=decision: speak(office, d, CHANGE, "mei", changes={"amount": "400.00"}),  # type: ignore[misc]
        )

        assert sorted(one.kind for one in outcomes) == [OutcomeKind.ALREADY, OutcomeKind.CHANGED_IT]
        task = task_of(office, decision)
        assert len(office.rows("select 1 from decision where task = :t", t=task)) == 2


def test_an_approval_of_another_edge_lapses_with_the_proposal_that_it_was_for(office: House) -> None:
    lane = office.deployment.businesses["morning"].lanes["refunds"]
    edge, rule = lane.edges[0]
    twice: tuple[ApprovalEdge, ...] = (edge, edge.model_copy(update={"name": "second look"}))
    with_edge(office, edges=tuple((one, rule) for one in twice))
    (first,) = open_decisions(office)
    task = task_of(office, first)
    say(office, first, "mei")
    office.work()
    second = decision_of(office, task)

    speak(office, second, CHANGE, "priya", changes={"amount": "600.00"})
    office.work()

    assert row_of(office, first)["lapsed_at"] is not None
    third = decision_of(office, task)
    assert row_of(office, third)["edge"] == "large refund"
    assert row_of(office, third)["proposal"]["args"]["amount"] == 60000  # type: ignore[index]
    assert office.runner.systems["morning"]["shop"].refunds == []
    press(office, task, "mei")
    office.work()
    assert [one.amount for one in office.runner.systems["morning"]["shop"].refunds] == [60000]


def test_a_limit_keeps_somebody_from_the_yes_and_from_nothing_else(office: House) -> None:
    open_shop(office)
    task = office.asked(order="2000", amount=200000)
    with_edge(office, limits=())
    office.work()
    decision = decision_of(office, task)
    limits = (
        '{"limits": [{"who": "group:finance-approvers", "of": "amount", "at_most": 100000, "shown": "1,000.00 USD"}]}'
    )
    office.rows(
        "update decision set terms = terms || cast(:l as jsonb) where number = :n returning 1", l=limits, n=decision
    )

    refused = say(office, decision, "priya")
    asked = say(office, decision, "priya", Answer.ASK)

    assert (refused.kind, asked.kind) == (OutcomeKind.ABOVE_LIMIT, OutcomeKind.ASKED)
    assert refused.sentence.startswith("That is above the 1,000.00 USD that you may approve by yourself.")
