"""What should have moved and did not is found and told once a day; what is merely busy is left in peace."""

import pytest

from contracts.vocabulary import Answer
from engine.auditor import PATIENCE_S, Auditor
from escalation.decisions import Voice, decide
from gateway.counts import make_counts
from storage.overdue import Kind, Overdue, overdue
from tests.builders import House
from tests.integration.escalation.asking import open_decisions, say

A_DAY_S = 86_400


def late(office: House) -> dict[Kind, Overdue]:
    """What is due now, by kind."""
    with office.deployment.database.transaction("morning") as unit:
        return {one.kind: one for one in overdue(unit)}


def told(office: House) -> list[str]:
    """What the last resort was told of things that did not move."""
    query = "select person, details ->> 'sentence' as said from outbox where dedupe like 'unmoved:%' order by id"
    rows = office.rows(query)
    assert {row.person for row in rows} <= {office.deployment.businesses["morning"].company.last_resort}
    return [row.said for row in rows]


def post_all(office: House) -> None:
    """As if the courier had sent everything."""
    office.rows("update outbox set state = 'sent' returning 1")


def test_a_timer_that_nobody_fires_is_told_to_the_last_resort_once_a_day(office: House) -> None:
    number = open_decisions(office)[0]
    auditor = Auditor(office.deployment)
    office.wait(2 * A_DAY_S)

    assert [auditor.look() for _ in range(4)] == [0, 1, 0, 0]
    assert f"of decision {number}" in told(office)[0]
    assert "chargehand doctor" in told(office)[0]

    office.wait(A_DAY_S)

    assert auditor.look() == 1
    assert len(told(office)) == 2


def test_a_clock_that_catches_up_between_two_looks_is_no_news(office: House) -> None:
    open_decisions(office)
    auditor = Auditor(office.deployment)
    office.wait(3600 + PATIENCE_S[Kind.TIMER] + 1)

    before = auditor.look()
    office.sweep()
    post_all(office)

    assert (before, auditor.look(), told(office)) == (0, 0, [])


def test_a_long_queue_that_moves_is_no_news(office: House) -> None:
    numbers = open_decisions(office, 3)
    post_all(office)
    auditor = Auditor(office.deployment)
    office.wait(2 * A_DAY_S)

    for number in numbers:
        assert auditor.look() == 0
        say(office, number, office.approvers[0], Answer.REJECT)
        post_all(office)
    assert told(office) == []


def test_a_reminder_is_not_late_while_the_clock_of_its_decision_is_stopped(office: House) -> None:
    number = open_decisions(office)[0]
    with office.deployment.database.transaction("morning") as unit:
        decide(unit, Voice(number, office.approvers[0], Answer.ASK, "Which claim?", "slack", None))
    office.wait(3700)

    assert Kind.TIMER not in late(office)
    assert Kind.DECISION not in late(office)


def test_a_task_that_nobody_begins_and_a_lease_that_ran_out_are_told_apart(office: House) -> None:
    number = office.asked()
    office.wait(40)

    assert late(office)[Kind.TASK].first == f"T-{number}"
    assert 40 <= late(office)[Kind.TASK].seconds < 70

    office.rows("update task set state = 'running', lease_runner = 'gone' returning 1")

    assert Kind.TASK not in late(office)
    assert late(office)[Kind.LADDER].first == f"T-{number}"


def test_what_can_not_move_yet_is_not_late(office: House) -> None:
    held, holds = office.asked(order="1001"), office.asked(order="1002", form="form-2")
    office.wait(40)
    assert late(office)[Kind.TASK].amount == 2

    office.rows(f"update task set subject = 's', holds_subject = number = {holds} returning 1")
    office.rows(f"update outbox set message = 'result', dedupe = 'r', task = {holds} where task = {held} returning 1")

    assert (late(office)[Kind.TASK].amount, late(office)[Kind.TASK].first) == (1, f"T-{holds}")
    assert (late(office)[Kind.OUTBOX].amount, late(office)[Kind.OUTBOX].first[:4]) == (1, "task")


def test_a_decision_past_its_time_without_a_timer_is_found(office: House) -> None:
    number = open_decisions(office)[0]
    office.rows("update timer set fired_at = chargehand_now() returning 1")
    office.wait(5 * A_DAY_S)

    assert late(office)[Kind.DECISION].first == f"decision {number}"


@pytest.mark.parametrize("kind", [Kind.OUTBOX, Kind.TASK])
def test_the_metrics_say_how_late_the_oldest_of_each_kind_is(office: House, kind: Kind) -> None:
    office.asked()
    office.wait(100)

    registry = make_counts(office.deployment.database, office.deployment.businesses).registry

    assert 100 <= (registry.get_sample_value("chargehand_overdue_seconds", {"kind": kind}) or 0) < 130
    assert registry.get_sample_value("chargehand_overdue_seconds", {"kind": Kind.DELIVERY}) == 0
