"""The requester changes what they have asked for, in each state: it begins anew with that, or hears why it can't."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.answers import OutcomeKind
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, TaskState, WaitingFor
from engine.brief import brief
from engine.request_changes import Wanted, change_request, differences
from engine.shift import take_up, work_shift
from engine.telling import task_view
from engine.why import why
from escalation.cancelling import cancel
from escalation.decisions import Voice, decide
from escalation.ladder import next_move
from escalation.reading import card_view
from tests.builders import House
from tests.integration.engine.second_thoughts import rethink
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    decision_of,
    deploy,
    open_shop,
    press,
    raising,
    stuck,
)

LANE = "lanes/refunds/lane.yaml"
ANEW = "begins anew with that."


def events(office: House, task: int) -> list[Event]:
    """The events of a whole trail, with nothing that nobody would move."""
    assert stuck(office) == []
    return assert_trail_is_whole(office, task)


def entry(office: House, task: int, event: Event = Event.REQUEST_CHANGED) -> dict[str, object]:
    """What the trail keeps of the only such event."""
    query = "select content from audit_entry where trail = :trail and event = :event"
    ((content,),) = office.rows(query, trail=f"task:{task}", event=event)
    return dict(content)


def refunds(office: House) -> list[tuple[str, int]]:
    """What the shop has paid back."""
    return [(one.order, one.amount) for one in office.runner.systems["morning"]["shop"].refunds]


def test_what_is_not_begun_changes_and_is_done_as_it_is_asked_now(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna")

    outcome = rethink(office, task, order="1003", amount=3000)
    view_before = office.task(task)
    office.work()

    assert outcome.kind is OutcomeKind.CHANGED_IT
    assert outcome.sentence == (
        f"Order number: 1234 → 1003; Amount to pay back: 42.00 USD → 30.00 USD. T-{task} {ANEW}"
    )
    assert (view_before.state, view_before.subject) == (TaskState.READY, "order 1003")
    assert view_before.sentence.startswith("Anna Kowalczyk changed the request. Order number: 1234 → 1003")
    assert refunds(office) == [("1003", 3000)]
    assert office.task(task).sentence == "30.00 USD refunded for order 1003"
    assert events(office, task)[:3] == [Event.ACCEPTED, Event.RELEASED, Event.REQUEST_CHANGED]


def test_the_trail_says_who_changed_what_to_what_and_why_tells_it(office: House) -> None:
    task = office.asked(by="anna")

    rethink(office, task, amount=3000)

    kept = entry(office, task)
    assert (kept["by"], kept["via"], kept["reason"]) == ("anna", "slack", "my mistake")
    assert (kept["was"], kept["now"]) == ({"amount": 4200}, {"amount": 3000})
    with office.deployment.database.transaction("morning") as unit:
        rows = dict(why(unit, task).rows)
    assert "Anna Kowalczyk: Amount to pay back: 42.00 USD → 30.00 USD (my mistake)" in str(rows["Asked otherwise"])


def test_the_live_message_tells_what_is_asked_now_and_that_it_was_changed(office: House) -> None:
    task = office.asked(by="anna")

    rethink(office, task, amount=3000)

    with office.deployment.database.transaction("morning") as unit:
        view = task_view(unit, task)
    assert "refund of 30.00 USD for order 1234" in view.headline
    assert "Changed. Amount to pay back: 42.00 USD → 30.00 USD." in view.lines
    assert view.changeable
    assert office.rows("select wanted from outbox where message = 'task'")[0].wanted == 2


def test_an_open_decision_is_withdrawn_and_its_cards_say_who_changed_the_request(office: House) -> None:
    shop = open_shop(office)
    task = office.asked(by="anna", amount=74000)
    office.work()
    decision = decision_of(office, task)

    outcome = rethink(office, task, amount=3000)
    with office.deployment.database.transaction("morning") as unit:
        card = card_view(unit, decision, "mei")
        late = decide(unit, Voice(decision, "priya", Answer.APPROVE, None, "slack", None))
    office.work()

    assert outcome.kind is OutcomeKind.CHANGED_IT
    assert card.state == "withdrawn"
    assert str(card.outcome).startswith("Anna Kowalczyk changed the request at ")
    assert str(card.outcome).endswith("Amount to pay back: 740.00 USD → 30.00 USD. This is not asked any more.")
    assert late.kind is OutcomeKind.ALREADY
    assert shop.orders_read > 1, "what was read for the old request is not used for the new one"
    assert refunds(office) == [("1234", 3000)]
    assert office.rows("select 1 from timer where fired_at is null") == []


def test_what_still_needs_a_decision_is_asked_anew_and_the_old_yes_does_not_carry_it(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna", amount=74000)
    office.work()
    first = decision_of(office, task)
    press(office, task, "priya")

    rethink(office, task, amount=90000)
    office.work()
    second = decision_of(office, task)
    with office.deployment.database.transaction("morning") as unit:
        card = card_view(unit, second, "priya")
    assert card.changed == ("Anna Kowalczyk: Amount to pay back: 740.00 USD → 900.00 USD",)

    assert second != first
    assert office.task(task).waiting_for is WaitingFor.DECISION
    assert refunds(office) == []
    keys = office.rows("select proposal ->> 'key' as key from decision order by number")
    assert [row.key.rpartition("/")[2] for row in keys] == ["1", "2"]
    (told,) = office.rows("select details from outbox where dedupe = :d", d=f"not-carried-out:{first}")
    assert "was approved, but not carried out: Anna Kowalczyk changed the request." in told.details["sentence"]
    press(office, task, "priya")
    office.work()
    assert refunds(office) == [("1234", 90000)]


def test_changing_back_and_forth_never_meets_an_approval_of_before(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna", amount=74000)
    office.work()
    press(office, task, "priya")

    rethink(office, task, amount=90000)
    rethink(office, task, amount=74000)
    office.work()

    assert refunds(office) == []
    assert office.task(task).waiting_for is WaitingFor.DECISION


def test_a_vote_that_was_counted_does_not_count_for_what_is_asked_now(office: House) -> None:
    deploy(
        office,
        changed_company(office.deployment.home, {LANE: ("    moves: Refunds", "    quorum: 2\n    moves: Refunds")}),
    )
    open_shop(office)
    task = office.asked(by="anna", amount=74000)
    office.work()
    assert press(office, task, "priya").kind is OutcomeKind.COUNTED

    rethink(office, task, amount=74001)
    office.work()

    assert press(office, task, "mei").kind is OutcomeKind.COUNTED
    office.work()
    assert refunds(office) == []


def test_what_waits_to_be_tried_again_begins_anew_without_its_tries(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pausing.next_move", lambda *known, chance: next_move(*known, chance=0.99))
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError())]
    task = office.asked(by="anna")
    office.work()
    waiting = office.task(task)

    outcome = rethink(office, task, order="1003")
    ready = office.task(task)
    office.work()

    assert (waiting.state, waiting.waiting_for, waiting.tries) == (TaskState.WAITING, WaitingFor.TIME, 1)
    assert outcome.kind is OutcomeKind.CHANGED_IT
    assert (ready.state, ready.tries, ready.waiting_for) == (TaskState.READY, 0, None)
    assert refunds(office) == [("1003", 4200)]
    events(office, task)


def test_the_last_that_waits_on_a_blocker_takes_its_card_with_it(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError()) for _ in range(40)]
    task = office.asked(by="anna")
    for _ in range(9):
        office.work()
        office.wait(61)
    blocked = office.task(task)
    shop.reading = []

    rethink(office, task, order="1003")
    office.work()

    assert blocked.waiting_for is WaitingFor.BLOCKER
    (card,) = office.rows("select state, terms from decision where kind = 'escalation'")
    assert (card.state, card.terms["overtaken"]) == ("withdrawn", True)
    assert refunds(office) == [("1003", 4200)]
    row = office.task(task)
    assert (row.state, row.rung) == (TaskState.DONE, "self")
    events(office, task)


def test_a_peer_who_has_the_step_loses_it_with_the_request(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError()) for _ in range(4)]
    task = office.asked(by="anna")
    for _ in range(40):
        if office.task(task).rung == "peer":
            break
        take_up(office.runner)
        work_shift("morning", "default")
        office.wait(61)
    assert office.task(task).runtime == "batch"

    rethink(office, task, order="1003")

    row = office.task(task)
    assert (row.rung, row.worker, row.runtime) == ("self", "order-checker", "default")
    office.work()
    assert refunds(office) == [("1003", 4200)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": -1}, "amount: Input should be greater than 0"),
        ({"order": "x"}, "order: String should match pattern"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({}, "asks for just that"),
    ],
)
def test_what_does_not_fit_the_lanes_model_changes_nothing(office: House, fields: dict[str, Any], said: str) -> None:
    task = office.asked(by="anna")

    outcome = rethink(office, task, **fields)

    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert said in outcome.sentence
    assert office.task(task).version == 2


def test_only_who_asked_may_change_it_and_a_try_is_on_record(office: House) -> None:
    task = office.asked(by="anna")

    owner, nobody = rethink(office, task, "ruth", amount=1), rethink(office, task, "nobody", amount=1)

    assert owner.kind is OutcomeKind.NOT_ENTITLED
    assert owner.sentence == f"Only Anna Kowalczyk can change what T-{task} asks for; your try is on record."
    assert nobody.kind is OutcomeKind.INACTIVE
    tries = office.rows("select actor, content from audit_entry where event = 'change_refused' order by id")
    assert [(row.actor, row.content) for row in tries] == [
        ("person:ruth", {"task": f"T-{task}", "why": "not_entitled"}),
        ("person:nobody", {"task": f"T-{task}", "why": "inactive"}),
    ]


def test_who_may_not_ask_there_any_more_can_only_cancel(office: House) -> None:
    task = office.asked(by="anna")
    deploy(office, changed_company(office.deployment.home, {LANE: ('["group:support"]', '["person:ruth"]')}))

    outcome = rethink(office, task, amount=3000)

    assert outcome.kind is OutcomeKind.NOT_ENTITLED
    assert "is not open to you" in outcome.sentence


def test_a_task_of_nobody_here_is_not_found_and_that_is_on_record(office: House) -> None:
    with office.deployment.database.transaction("morning") as unit:
        outcome = change_request(office.deployment, unit, Wanted(999999, "anna", "slack", {}, "", None))

    assert (outcome.kind, outcome.sentence) == (OutcomeKind.UNKNOWN, "There is no task T-999999.")
    assert office.rows("select 1 from audit_entry where event = 'not_found'")


@pytest.mark.parametrize("end", ["done", "refused", "cancelled"])
def test_what_has_ended_stays_and_what_has_happened_is_said(office: House, end: str) -> None:
    open_shop(office)
    task = office.asked(by="anna", amount=74000 if end != "done" else 4200)
    office.work()
    if end == "refused":
        press(office, task, "priya", Answer.REJECT)
    if end == "cancelled":
        with office.deployment.database.transaction("morning") as unit:
            cancel(unit, task=task, person_id="anna", reason=None, via="slack")

    outcome = rethink(office, task, amount=3000)

    assert office.task(task).state == end
    assert outcome.kind is OutcomeKind.ALREADY
    assert "Ask anew for what you want now." in outcome.sentence
    if end == "done":
        assert "42.00 USD refunded for order 1234" in outcome.sentence
        assert "Something is wrong" in outcome.sentence
    assert Event.REQUEST_CHANGED not in events(office, task)


def test_the_deadline_counts_from_when_it_was_asked_first(office: House) -> None:
    deploy(office, changed_company(office.deployment.home, {LANE: ("stage: 3", "stage: 3\nwithin: 1d")}))
    task = office.asked(by="anna")
    before = office.task(task)
    office.wait(3600)

    rethink(office, task, amount=3000)

    assert before.deadline == before.accepted_at + timedelta(days=1)
    assert office.task(task).deadline == before.deadline


def test_the_evidence_of_the_result_is_what_was_saved_for_what_is_asked_now(office: House) -> None:
    open_shop(office)
    task = office.asked(by="anna", order="1002", amount=74000)
    office.work()
    rethink(office, task, order="1003", amount=3000)
    office.work()

    with office.deployment.database.transaction("morning") as unit:
        view = task_view(unit, task)
    saved = office.rows("select name from task_artifact where task = :t", t=task)

    assert len(saved) == 2
    assert len(view.evidence) == 1


def test_differences_are_told_in_the_words_of_the_form(office: House) -> None:
    lane = office.deployment.businesses["morning"].lanes["refunds"]
    before = {"order": "1002", "amount": 4200, "reason": "The parcel was lost."}

    assert differences(lane, before, {**before, "amount": 3000}) == ["Amount to pay back: 42.00 USD → 30.00 USD"]
    assert differences(lane, before, before) == []


def test_a_task_of_an_earlier_version_stays_with_it(office: House, tmp_path: Path) -> None:
    open_shop(office)
    task = office.asked(by="anna", amount=40000)
    before = office.task(task).lane_hash
    deploy(office, changed_company(tmp_path, {LANE: ("Usually 2 minutes", "Usually 3 minutes")}))

    rethink(office, task, amount=30000)
    office.work()

    assert office.task(task).lane_hash == before
    assert refunds(office) == [("1234", 30000)]


def test_a_new_worker_is_told_what_is_asked_now_and_nothing_that_was_tried_for_it_before(office: House) -> None:
    shop = open_shop(office)
    shop.reading = [raising(ConnectionResetError("the shop"))]
    task = office.asked(by="anna", amount=74000)
    for _ in range(3):
        office.work()
        office.wait(61)
    with office.deployment.database.transaction("morning") as unit:
        before = brief(unit, task).text()

    rethink(office, task, order="1003")

    with office.deployment.database.transaction("morning") as unit:
        after = brief(unit, task).text()
    assert "Tried:" in before
    assert "changed by who asked: Order number: 1234 → 1003" in after
    assert '"order": "1003"' in after
    assert "Tried:" not in after
    assert "Saved:" in before
    assert "Saved:" not in after
