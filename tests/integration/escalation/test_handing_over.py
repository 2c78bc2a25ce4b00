"""Sending back, handing over and being reminded later: each bounded, each on record, none of them a vote."""

from contracts.answers import OutcomeKind
from contracts.vocabulary import Answer, TaskState
from escalation.reading import card_view
from escalation.revising import MOST
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, decision_of
from tests.integration.escalation.asking import noted, open_decisions, say, speak, with_edge

REVISE, HAND_OVER, SNOOZE = Answer.REVISE, Answer.HAND_OVER, Answer.SNOOZE


def task_of(office: House, decision: int) -> int:
    """The task that it is about."""
    found: int = office.rows("select task from decision where number = :n", n=decision)[0].task
    return found


def reminded(office: House, decision: int) -> list[str]:
    """Who got a reminder, in the order of writing."""
    query = "select person from outbox where message = 'reminder' and decision = :d order by id"
    return [row.person for row in office.rows(query, d=decision)]


def test_what_is_sent_back_is_done_again_and_asked_again_with_the_reason_on_the_card(office: House) -> None:
    (first,) = open_decisions(office)
    task = task_of(office, first)

    outcome = speak(office, first, REVISE, reason="name the claim")
    assert office.task(task).state is TaskState.READY
    office.work()

    second = decision_of(office, task)
    with office.deployment.database.transaction("morning") as unit:
        card, old = card_view(unit, second, "mei"), card_view(unit, first, "mei")
    assert outcome.kind is OutcomeKind.SENT_BACK
    assert outcome.wake == "default"
    assert second != first
    assert card.changed == ("sent back: name the claim",)
    assert old.outcome is not None
    assert old.outcome.startswith("Priya Nair sent this back to the worker at")
    assert "revised" in assert_trail_is_whole(office, task)
    assert say(office, second, "mei").kind is OutcomeKind.DECIDED


def test_the_worker_reads_at_its_desk_what_should_be_otherwise(office: House) -> None:
    seen: list[tuple[str, ...]] = []
    lane = office.deployment.businesses["morning"].lanes["refunds"]
    pay = lane.functions["pay"]

    def watched(request: object, checked: object, desk: object) -> object:
        seen.append(desk.revisions)  # type: ignore[attr-defined]
        return pay(request, checked, desk)

    with_edge(office, functions={**lane.functions, "pay": watched})
    (first,) = open_decisions(office)

    speak(office, first, REVISE, reason="name the claim")
    office.work()

    assert seen == [(), ("name the claim",)]


def test_a_task_is_sent_back_a_few_times_and_then_has_to_be_decided(office: House) -> None:
    (decision,) = open_decisions(office)
    task = task_of(office, decision)

    for _ in range(MOST):
        assert speak(office, decision_of(office, task), REVISE).kind is OutcomeKind.SENT_BACK
        office.work()
    once_more = speak(office, decision_of(office, task), REVISE)

    assert once_more.kind is OutcomeKind.NOT_OFFERED
    assert once_more.sentence.startswith("It was sent back 3 times already")
    assert say(office, decision_of(office, task), "mei").kind is OutcomeKind.DECIDED


def test_sending_back_needs_words(office: House) -> None:
    (decision,) = open_decisions(office)

    assert speak(office, decision, REVISE, reason=" ").kind is OutcomeKind.INCOMPLETE


def test_a_seat_that_was_handed_over_is_the_other_persons_alone(office: House) -> None:
    (decision,) = open_decisions(office)

    outcome = speak(office, decision, HAND_OVER, to="Ruth Adeyemi", reason="you know them")
    mine = say(office, decision, "priya")
    theirs = say(office, decision, "ruth")

    assert outcome.sentence == "Handed over: Ruth Adeyemi is asked in your place."
    assert (mine.kind, theirs.kind) == (OutcomeKind.NOT_ENTITLED, OutcomeKind.DECIDED)
    assert mine.sentence == "You handed this over: Ruth Adeyemi decides now. Nothing for you to do."
    assert noted(office, decision, "handed_over") == [
        {"to": "ruth", "via": "terminal", "reason": "you know them", "actor": "person:priya"}
    ]
    cards = office.rows("select person from outbox where message = 'card' order by id")
    assert "ruth" in [one.person for one in cards]


def test_whoever_holds_a_seat_can_do_no_more_than_whose_it_was(office: House) -> None:
    (decision,) = open_decisions(office)
    speak(office, decision, HAND_OVER, "kwame", to="mei")
    speak(office, decision, HAND_OVER, "priya", to="ruth")
    office.rows("update person set groups = array_remove(groups, 'finance-approvers') where id = 'priya' returning 1")

    refused = say(office, decision, "ruth")

    assert refused.kind is OutcomeKind.NOT_ENTITLED
    assert refused.sentence == "You no longer decide on such requests; your try is on record."


def test_nobody_hands_over_to_a_stranger_or_the_requester_or_back(office: House) -> None:
    (decision,) = open_decisions(office, by="kwame")

    refused = [speak(office, decision, HAND_OVER, to=to) for to in ("tomas", "kwame", "nobody", "")]
    first = speak(office, decision, HAND_OVER, to="mei")
    back = speak(office, decision, HAND_OVER, "mei", to="priya")

    assert {one.kind for one in (*refused, back)} == {OutcomeKind.INCOMPLETE}
    assert refused[0].sentence == "You can hand this over to Mei-Lin Zhao."
    assert first.kind is OutcomeKind.HANDED_OVER


def test_two_seats_do_not_come_into_one_hand_where_two_must_agree(office: House) -> None:
    with_edge(office, quorum=3)
    (decision,) = open_decisions(office)

    refused = speak(office, decision, HAND_OVER, to="mei")

    assert refused.kind is OutcomeKind.INCOMPLETE
    assert "too few would be left to agree" in refused.sentence


def test_who_is_next_in_line_is_not_who_gave_the_seat_away(office: House) -> None:
    (decision,) = open_decisions(office)
    speak(office, decision, HAND_OVER, to="mei")

    office.wait(4 * 3600 + 1)
    office.sweep()

    entitled = office.rows("select entitled from decision where number = :n", n=decision)[0].entitled
    assert entitled == ["kwame", "mei", "ruth"]


def test_whoever_snoozes_is_reminded_then_and_not_before(office: House) -> None:
    (decision,) = open_decisions(office)

    outcome = speak(office, decision, SNOOZE, for_s=2 * 3600)
    office.wait(3601)
    office.sweep()
    before = reminded(office, decision)
    office.wait(3600)
    office.sweep()

    assert outcome.kind is OutcomeKind.SNOOZED
    assert before == ["kwame", "mei"]
    assert reminded(office, decision) == ["kwame", "mei", "priya"]
    assert noted(office, decision, "snoozed")[0]["actor"] == "person:priya"


def test_a_snooze_ends_before_the_deadline_and_a_later_one_takes_the_place_of_an_earlier(office: House) -> None:
    (decision,) = open_decisions(office)

    too_long = speak(office, decision, SNOOZE, for_s=4 * 3600)
    speak(office, decision, SNOOZE, for_s=600)
    speak(office, decision, SNOOZE, for_s=1200)
    office.wait(1300)
    office.sweep()

    assert too_long.kind is OutcomeKind.INCOMPLETE
    assert too_long.sentence.startswith("Choose a time before ")
    assert reminded(office, decision) == ["priya"]


def test_whoever_has_answered_is_not_woken(office: House) -> None:
    with_edge(office, quorum=2)
    (decision,) = open_decisions(office)
    speak(office, decision, SNOOZE, for_s=600)
    say(office, decision, "priya")

    office.wait(700)
    office.sweep()

    assert reminded(office, decision) == []
