"""A task ends when somebody who may wants it, and never in the middle of a change of the world."""

import pytest

from contracts.vocabulary import TaskState
from escalation.cancelling import cancel
from escalation.decisions import Outcome, OutcomeKind
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop, raising
from tests.integration.escalation.asking import at_once, open_decisions, say


def end(office: House, task: int, person: str = "anna", reason: str | None = "wrong order") -> Outcome:
    """One person's wish in a transaction of its own."""
    with office.deployment.database.transaction("morning") as unit:
        return cancel(unit, task=task, person_id=person, reason=reason, via="slack")


def blocked(office: House, count: int) -> list[int]:
    """Tasks that wait on one blocker, because the shop is away."""
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError()) for _ in range(20 * count)]
    tasks = [office.asked(order=str(3000 + i), form=f"f{i}") for i in range(count)]
    for _ in range(9):
        office.work()
        office.wait(61)
    assert all(office.task(task).waiting_on for task in tasks)
    return tasks


@pytest.mark.parametrize("person", ["anna", "ruth", "jonas"])
def test_a_task_that_has_not_begun_is_cancelled_by_whoever_may(office: House, person: str) -> None:
    task = office.asked(by="anna")

    outcome = end(office, task, person)

    assert outcome.kind is OutcomeKind.CANCELLED
    assert outcome.sentence == "Cancelled: refund of 42.00 USD for order 1234. Nothing had been changed."
    assert office.task(task).state is TaskState.CANCELLED
    assert office.work() == 0
    assert office.task(task).sentence.endswith("cancelled it: “wrong order”. Nothing had been changed.")
    assert assert_trail_is_whole(office, task)[-1] == "cancelled"
    assert len(office.rows("select 1 from outbox where message = 'result'")) == 1


def test_anybody_else_is_refused_with_the_names_of_those_who_may_and_it_is_on_record(office: House) -> None:
    task = office.asked(by="anna")

    stranger, nobody = end(office, task, "tomas"), end(office, task, "nobody")

    assert stranger.kind is OutcomeKind.NOT_ENTITLED
    assert "Anna Kowalczyk" in stranger.sentence
    assert "Ruth Adeyemi" in stranger.sentence
    assert "your try is on record" in stranger.sentence
    assert nobody.kind is OutcomeKind.INACTIVE
    assert office.task(task).state is TaskState.READY
    tries = office.rows("select actor, content from audit_entry where event = 'cancel_refused' order by id")
    assert [(row.actor, row.content["task"]) for row in tries] == [
        ("person:tomas", f"T-{task}"),
        ("person:nobody", f"T-{task}"),
    ]


def test_an_open_approval_is_withdrawn_and_a_late_press_hears_who_cancelled(office: House) -> None:
    (decision,) = open_decisions(office, by="anna")
    task = office.rows("select task from decision")[0].task

    end(office, task)
    late = say(office, decision, "priya")
    office.wait(60 * 86400)
    office.sweep()

    assert late.kind is OutcomeKind.ALREADY
    assert late.sentence.startswith("Anna Kowalczyk cancelled this at ")
    with office.deployment.database.transaction("morning") as unit:
        assert "wrong order" in str(card_view(unit, decision, "mei").outcome)
    assert office.rows("select 1 from timer where fired_at is null") == []
    assert office.task(task).state is TaskState.CANCELLED


def test_approving_and_cancelling_at_once_leave_one_of_both(office: House) -> None:
    for decision in open_decisions(office, 12, by="anna"):
        task = office.rows("select task from decision where number = :n", n=decision)[0].task

        approved, cancelled = at_once(
            lambda d=decision: say(office, d, "priya"),  # type: ignore[misc]
            lambda t=task: end(office, t),  # type: ignore[misc]
        )

        state = office.task(task).state
        if approved.kind is OutcomeKind.DECIDED:
            # Approved first, it is ready again, and may still be cancelled before it is carried out.
            assert state is (TaskState.CANCELLED if cancelled.kind is OutcomeKind.CANCELLED else TaskState.READY)
        else:
            assert (cancelled.kind, state) == (OutcomeKind.CANCELLED, TaskState.CANCELLED)
    office.work()
    refunded = {row.task for row in office.rows("select task from effect")}
    ended = {row.number for row in office.rows("select number from task where state = 'cancelled'")}
    assert refunded & ended == set()


def test_what_was_approved_and_then_cancelled_is_not_carried_out(office: House) -> None:
    (decision,) = open_decisions(office, by="anna")
    task = office.rows("select task from decision")[0].task
    say(office, decision, "priya")

    end(office, task)
    office.work()

    assert office.runner.systems["morning"]["shop"].refunds == []
    assert office.task(task).state is TaskState.CANCELLED


def test_the_last_that_waits_on_a_blocker_takes_its_card_with_it(office: House) -> None:
    first, second = blocked(office, 2)
    card = "select state from decision where kind = 'escalation'"

    end(office, first, "ruth")
    still = office.rows(card)[0].state
    end(office, second, "ruth")

    assert (still, office.rows(card)[0].state) == ("open", "withdrawn")
    assert office.rows("select 1 from blocker where lifted_at is null") == []
    decision = office.rows("select number from decision where kind = 'escalation'")[0].number
    with office.deployment.database.transaction("morning") as unit:
        assert str(card_view(unit, decision, "ruth").outcome).startswith("Ruth Adeyemi cancelled this at ")


def test_what_is_done_or_at_work_or_in_doubt_is_not_cancelled(office: House) -> None:
    task, busy = office.asked(by="anna", order="1001"), office.asked(by="anna", order="1003", form="f3")
    office.rows("update task set state = 'running', lease_runner = 'x' where number = :n returning 1", n=busy)
    at_work = end(office, busy)
    office.work()
    done = end(office, task)
    doubted = office.asked(by="anna", order="1002", form="f2")
    row = {"t": doubted, "like": task}
    office.rows(
        """insert into effect select (jsonb_populate_record(e, jsonb_build_object(
        'key', 'k', 'task', cast(:t as bigint), 'state', 'unknown'))).* from effect e where task = :like returning 1""",
        **row,
    )
    in_doubt = end(office, doubted)

    assert at_work.sentence == f"T-{busy} is being worked on. It stops before the next step that changes anything."
    assert (at_work.kind, done.kind, in_doubt.kind) == (OutcomeKind.STOPPING, OutcomeKind.ALREADY, OutcomeKind.STOPPING)
    assert done.sentence == f"T-{task} has ended already. There is nothing to cancel."
    assert in_doubt.sentence.startswith("Nobody has seen yet whether shop.refund happened")
    assert end(office, 999).sentence == "There is no task T-999."
