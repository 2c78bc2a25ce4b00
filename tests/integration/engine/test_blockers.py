"""One cause, one blocker, one card, whichever rung it came from; one answer releases all that wait."""

from contracts.authoring import Transient
from contracts.vocabulary import TaskState, WaitingFor
from escalation.decisions import OutcomeKind
from tests.builders import House
from tests.integration.engine.worlds import open_shop, raising, stuck

DOWN = Transient("The shop can't be reached.", cause="shop")
MANY = 12


def blocked_office(office: House) -> list[int]:
    """Many tasks, on as many orders, that one outage has stopped."""
    shop = open_shop(office)
    shop.reading = [raising(DOWN) for _ in range(MANY * 8)]
    tasks = [office.asked(order=str(2000 + i), form=f"f{i}") for i in range(MANY)]
    for _ in range(9):
        office.work()
        office.wait(61)
    assert {office.task(task).waiting_for for task in tasks} == {WaitingFor.BLOCKER}
    shop.reading.clear()
    return tasks


def test_many_tasks_with_one_outage_have_one_blocker_and_its_owner_one_card(office: House) -> None:
    tasks = blocked_office(office)

    open_ones = office.rows("select id, owner, cause from blocker where lifted_at is null")
    assert [(one.owner, one.cause) for one in open_ones] == [("ruth", "shop")]
    assert len(office.rows("select 1 from blocker")) == 1
    assert len(office.rows("select 1 from outbox where message = 'card'")) == 1
    assert {office.task(task).waiting_on for task in tasks} == {open_ones[0].id}
    assert stuck(office) == []


def test_the_owner_releases_all_and_a_stranger_is_refused_on_record(office: House) -> None:
    tasks = blocked_office(office)

    stranger = office.answer_blocker("tomas")
    still = office.task(tasks[0]).state
    owner = office.answer_blocker("ruth")
    twice = office.answer_blocker("ruth")

    assert (stranger, owner, twice) == (OutcomeKind.NOT_ENTITLED, OutcomeKind.DECIDED, OutcomeKind.ALREADY)
    assert still is TaskState.WAITING
    assert {office.task(task).state for task in tasks} == {TaskState.READY}
    trail = office.rows("select event, actor from audit_entry where trail = 'lane:refunds' order by seq")
    assert [(one.event, one.actor) for one in trail[1:]] == [
        ("blocked", "runner"),
        ("unblocked", "person:ruth"),
    ]


def test_the_first_success_lifts_the_blocker_and_releases_the_others_before_their_time(office: House) -> None:
    tasks = blocked_office(office)
    office.rows("update task set due_at = chargehand_now() where number = :n returning 1", n=tasks[0])

    office.work()
    office.work()  # the success may be on the peer's runtime, whose runner takes its turn after the other one

    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert office.rows("select 1 from blocker where lifted_at is null") == []


def test_an_outage_with_an_unnamed_cause_is_lifted_too_so_that_the_next_one_is_told_again(office: House) -> None:
    shop = open_shop(office)
    for outage in range(2):
        shop.reading = [raising(ConnectionResetError()) for _ in range(8)]
        task = office.asked(order=str(3000 + outage), form=f"o{outage}")
        for _ in range(9):
            office.work()
            office.wait(61)
        assert office.task(task).waiting_on is not None
        office.wait(700)
        office.work()
        assert office.task(task).state is TaskState.DONE

    assert office.rows("select 1 from blocker where lifted_at is null") == []
    assert [one.cause for one in office.rows("select cause from blocker")] == ["shop", "shop"]
    assert len(office.rows("select 1 from outbox where message = 'card'")) == 2
