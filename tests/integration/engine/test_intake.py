"""One door: the same form is one task however often it comes, and what can't be a task is refused with a reason."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.vocabulary import TaskState
from engine.intake import Accepted, AlreadyAsked, Draft, NotAccepted, accept
from storage.deliveries import Delivery, receive
from tests.builders import House
from tests.integration.engine.worlds import open_shop, press

GOOD = {"order": "1234", "amount": 4200, "reason": "The parcel was lost."}


def test_the_same_form_from_twenty_threads_is_one_task(office: House) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: office.ask(form="same"), range(20)))

    assert Counter(isinstance(one, Accepted) and one.new for one in answers) == {True: 1, False: 19}
    assert len({one.task for one in answers}) == 1
    assert len(office.rows("select 1 from task")) == 1
    assert len(office.rows("select 1 from audit_entry where event = 'accepted'")) == 1
    assert len(office.rows("select 1 from outbox where message = 'task'")) == 1


@pytest.mark.parametrize("person", ["priya", "nobody", ""])
def test_somebody_who_may_not_ask_gets_a_reason_and_makes_nothing(office: House, person: str) -> None:
    with pytest.raises(NotAccepted, match="not open to you"):
        accept(office.deployment, "morning", Draft("refunds", person, GOOD, {}, "f", None))

    assert office.rows("select 1 from task") == []


@pytest.mark.parametrize(
    ("lane", "request_of_it"),
    [
        ("enrichment", {"prospect": "P-17"}),
    ],
)
def test_a_lane_that_only_observes_takes_no_request(office: House, lane: str, request_of_it: dict[str, str]) -> None:
    owner = office.deployment.businesses["morning"].lanes[lane].lane.owner

    with pytest.raises(NotAccepted, match=f"only observes so far: nobody can ask for it yet. {owner} decides when"):
        accept(office.deployment, "morning", Draft(lane, "tomas", request_of_it, {}, "f", None))

    assert office.rows("select 1 from task") == []


def test_somebody_who_has_left_may_not_ask_any_more(office: House) -> None:
    office.rows("update person set active = false where id = 'anna' returning 1")

    with pytest.raises(NotAccepted):
        office.ask(by="anna")


def test_a_lane_that_is_not_there_is_named(office: House) -> None:
    with pytest.raises(NotAccepted, match="There is no lane returns"):
        accept(office.deployment, "morning", Draft("returns", "anna", GOOD, {}, "f", None))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": "4200"},
        {"amount": 42.5},
        {"amount": 10**17},
        {"amount": None},
        {"order": "12; drop table task"},
        {"reason": "No\x00 character that can't be kept"},
        {"reason": "No half \ud800 character"},
        {"another": "field"},
    ],
)
def test_a_request_that_is_not_what_its_model_says_never_becomes_a_task_and_the_field_is_named(
    office: House, wrong: dict[str, object]
) -> None:
    (field,) = wrong
    with pytest.raises(NotAccepted, match=rf"^The request is not valid: {field}\b"):
        accept(office.deployment, "morning", Draft("refunds", "anna", {**GOOD, **wrong}, {}, "f", None))

    assert office.rows("select 1 from task") == []


def test_text_that_only_looks_like_a_character_that_can_t_be_kept_is_accepted(office: House) -> None:
    assert isinstance(office.ask(reason=r"The form showed \u0000 to the customer."), Accepted)


def delivered(office: House, key: str) -> None:
    """A delivery that was kept and not handled yet."""
    receive(office.deployment.database, Delivery("morning", key, "slack", "view_submission", {"a": 1}))


def test_the_delivery_is_handled_in_the_transaction_that_makes_the_task(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == "intake.before_commit":
            raise Died

    delivered(office, "k1")
    draft = Draft("refunds", "anna", GOOD, {}, "f", "k1")
    with monkeypatch.context() as patch:
        patch.setattr("engine.intake.passing", die)
        with pytest.raises(Died):
            accept(office.deployment, "morning", draft)
    before = office.rows("select handled_at from delivery")[0].handled_at

    made = accept(office.deployment, "morning", draft)

    row = office.rows("select handled_at, became, reference from delivery")[0]
    assert before is None
    assert row.handled_at is not None
    assert (row.became, row.reference) == ("task", f"T-{made.task}")


def test_a_copy_of_a_delivery_is_handled_with_the_task_that_it_already_is(office: House) -> None:
    first = office.asked(form="f")
    delivered(office, "k2")

    again = accept(office.deployment, "morning", Draft("refunds", "anna", GOOD, {}, "f", "k2"))

    assert again == Accepted(first, new=False)
    row = office.rows("select reference, why from delivery")[0]
    assert (row.reference, row.why) == (f"T-{first}", "the same form was accepted before")


def test_no_number_is_spent_on_a_copy_or_on_somebody_whom_nobody_knows(office: House) -> None:
    first = office.asked(form="f")

    office.ask(form="f")
    with pytest.raises(NotAccepted):
        accept(office.deployment, "morning", Draft("refunds", "nobody", GOOD, {}, "g", None))
    second = office.asked(form="h")

    assert second == first + 1


def test_nothing_of_a_second_request_is_kept_while_the_first_awaits_a_decision(office: House) -> None:
    open_shop(office)
    task = office.asked(amount=74000)
    office.work()

    answer = office.ask(form="g")

    assert isinstance(answer, AlreadyAsked)
    assert [row.number for row in office.rows("select number from task")] == [task]
    assert len(office.rows("select 1 from audit_entry where event = 'accepted'")) == 1
    assert len(office.rows("select 1 from outbox where message = 'task'")) == 1


def test_a_second_request_on_a_subject_that_awaits_a_decision_is_answered_and_open_again_after_it(
    office: House,
) -> None:
    open_shop(office)
    task = office.asked(amount=74000)
    office.work()
    delivered(office, "k3")
    draft = Draft("refunds", "anna", GOOD, {}, "g", "k3")

    second = accept(office.deployment, "morning", draft)
    press(office, task, "priya")
    office.work()
    third = office.ask(form="h", amount=100)

    assert isinstance(second, AlreadyAsked)
    assert second.task == task
    told = office.rows("select person, details from outbox where dedupe = 'answer:k3'")
    assert [(row.person, row.details["sentence"]) for row in told] == [("anna", second.sentence)]
    assert office.rows("select why from delivery")[0].why == "already asked"
    assert isinstance(third, Accepted)
    assert office.task(task).state is TaskState.DONE


def test_two_large_refunds_of_one_order_accepted_at_once_ask_people_only_once(office: House) -> None:
    open_shop(office)
    tasks = [office.asked(form=f"f{i}", amount=74000) for i in range(2)]

    office.work()

    states = [office.task(task).state for task in tasks]
    assert states == [TaskState.WAITING, TaskState.REFUSED]
    assert office.task(tasks[1]).sentence == f"Already asked: order 1234 waits for a decision in T-{tasks[0]}."
    assert len(office.rows("select 1 from decision")) == 1
