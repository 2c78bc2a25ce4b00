"""A change meets other requests: on the subject that is asked now, and on the same request in the same moment."""

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState
from engine.request_changes import seen_as
from tests.builders import House
from tests.faults.busy_company import busy_company
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    deploy,
    open_shop,
    stuck,
)
from tests.integration.escalation.asking import at_once


def events(office: House, task: int) -> list[Event]:
    """The events of a whole trail, with nothing that nobody would move."""
    assert stuck(office) == []
    return assert_trail_is_whole(office, task)


def test_another_order_that_waits_for_a_decision_is_already_asked(office: House) -> None:
    deploy(office, busy_company(office.deployment.home))
    open_shop(office)
    other = office.asked(by="anna", order="1003", amount=74000, form="f1")
    task = office.asked(by="anna", order="1002", amount=74000, form="f2")
    office.work()

    outcome = rethink(office, task, order="1003")

    assert outcome.kind is OutcomeKind.ALREADY
    assert outcome.sentence == f"Already asked: order 1003 waits for a decision in T-{other}."
    assert office.task(task).subject == "order 1002"


def test_the_subject_of_before_is_free_and_the_new_one_is_taken(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna", order="1002", amount=74000, form="f1")
    office.work()
    rethink(office, task, order="1003")
    office.work()

    third = office.ask(by="anna", order="1003", amount=74000, form="f3")
    second = office.ask(by="anna", order="1002", amount=74000, form="f2")

    assert "order 1003 waits for a decision" in getattr(third, "sentence", "")
    assert getattr(second, "new", False)


def test_of_two_changes_in_the_same_moment_one_is_made_and_the_other_told(office: House, acceptance: bool) -> None:
    for number in range(200 if acceptance else 12):
        task = office.asked(by="anna", order=str(2000 + number), form=f"f{number}")
        saw = seen_as(office.task(task).request)

        outcomes = at_once(
            lambda t=task, s=saw: rethink(office, t, saw=s, amount=3000),  # type: ignore[misc]
            lambda t=task, s=saw: rethink(office, t, saw=s, amount=5000),  # type: ignore[misc]
        )

        assert {one.kind for one in outcomes} == {OutcomeKind.CHANGED_IT, OutcomeKind.CHANGED}
        won = 3000 if outcomes[0].kind is OutcomeKind.CHANGED_IT else 5000
        assert office.task(task).request["amount"] == won
        assert events(office, task).count(Event.REQUEST_CHANGED) == 1


def test_two_requests_that_become_one_subject_in_the_same_moment_are_not_both_asked_of_people(office: House) -> None:
    deploy(office, busy_company(office.deployment.home))
    open_shop(office)
    tasks = [office.asked(by="anna", order=str(1002 + one), amount=74000, form=f"f{one}") for one in range(2)]

    at_once(*(lambda t=task: rethink(office, t, order="1009") for task in tasks))
    for _ in range(3):
        office.work()

    assert sorted(office.task(task).state for task in tasks) == [TaskState.REFUSED, TaskState.WAITING]
    assert len(office.rows("select 1 from decision where state = 'open'")) == 1


def test_what_was_changed_meanwhile_is_not_overwritten(office: House) -> None:
    task = office.asked(by="anna")
    saw = seen_as(office.task(task).request)
    rethink(office, task, amount=3000)

    second = rethink(office, task, saw=saw, amount=5000)

    assert second.kind is OutcomeKind.CHANGED
    assert "was changed while you looked at it" in second.sentence
    assert office.task(task).request["amount"] == 3000
