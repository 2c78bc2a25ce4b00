"""A refund from request to verified payment, on the real database and the shop's own."""

import re
import sqlite3
from datetime import timedelta

from contracts.lifecycle import Entry, Event, fold
from contracts.vocabulary import Answer, TaskState
from engine.intake import Accepted, AlreadyAsked
from engine.telling import task_view
from engine.why import why
from escalation.decisions import OutcomeKind, Voice, decide
from storage.audit import broken_at, trail_of
from storage.claims import Claimant, take
from tests.builders import House

REFUNDS = "select order_number, amount, key from refunds where order_number = ?"


def answer(office: House, decision: int, person: str, word: Answer, reason: str | None = None) -> OutcomeKind:
    """A person's answer to a decision."""
    with office.deployment.database.transaction(office.company) as unit:
        return decide(unit, Voice(decision, person, word, reason, "slack", None)).kind


def decision_of(office: House, task: int) -> int:
    """The task's decision."""
    found: int = office.rows("select number from decision where task = :task", task=task)[0].number
    return found


def test_a_small_refund_is_paid_once_and_read_back(office: House) -> None:
    task = office.asked(amount=4200)

    office.work()

    row = office.task(task)
    assert row.state is TaskState.DONE, row
    assert office.shop(REFUNDS, "1234") == [("1234", 4200, f"morning/T-{task}/pay/1/1")]
    effect = office.rows("select state, verified_at from effect")[0]
    assert effect.state == "verified"
    assert row.told["done"] == "42.00 USD refunded for order 1234"


def test_the_trail_folds_to_the_row_and_its_chain_is_intact(office: House) -> None:
    task = office.asked()

    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        entries = trail_of(unit, f"task:{task}")
    moves = [Entry(Event(e["event"]), TaskState(e["source"]), TaskState(e["target"]), e["version"]) for e in entries]
    row = office.task(task)
    assert fold(moves) == (row.state, row.version)
    assert broken_at(entries) is None
    assert [move.event for move in moves] == [
        Event.ACCEPTED,
        Event.RELEASED,
        Event.CLAIMED,
        Event.STEP_DONE,
        Event.INTENDED,
        Event.PERFORMED,
        Event.VERIFIED,
        Event.COMPLETED,
    ]


def test_a_changed_entry_breaks_the_chain_where_it_was_changed(office: House) -> None:
    task = office.asked()
    office.work()
    with office.deployment.database.transaction(office.company) as unit:
        entries = trail_of(unit, f"task:{task}")

    entries[3] = {**entries[3], "content": {"step": "another"}}

    assert broken_at(entries) == 4


def test_a_large_refund_waits_for_a_person_and_is_paid_after_approval(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()
    waiting = office.task(task)
    assert waiting.state is TaskState.WAITING
    assert office.shop(REFUNDS, "1234") == []

    kind = answer(office, decision_of(office, task), office.approvers[0], Answer.APPROVE, "carrier was clear")
    office.work()

    assert kind is OutcomeKind.DECIDED
    assert office.task(task).state is TaskState.DONE
    assert office.shop(REFUNDS, "1234") == [("1234", 74000, f"morning/T-{task}/pay/1/1")]


def test_a_rejected_refund_ends_refused_and_changes_nothing(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()

    answer(office, decision_of(office, task), office.approvers[0], Answer.REJECT, "no claim yet")
    office.work()

    assert office.task(task).state is TaskState.REFUSED
    assert office.shop(REFUNDS, "1234") == []
    with office.deployment.database.transaction(office.company) as unit:
        assert "no claim yet" in " ".join(task_view(unit, task).lines)


def test_an_order_that_does_not_exist_is_refused_at_once_with_the_reason(office: House) -> None:
    task = office.asked(order="9999")

    office.work()

    row = office.task(task)
    assert row.state is TaskState.REFUSED
    assert row.sentence == "Order 9999 does not exist in the shop. Check the number and ask again."
    assert len(office.rows("select 1 from attempt")) == 1


def test_a_locked_shop_is_retried_then_blocks_with_an_owner_and_goes_on_when_it_is_back(office: House) -> None:
    task = office.asked()
    shop = office.deployment.home / "shop.sqlite"
    away = shop.rename(shop.with_suffix(".away"))

    for _ in range(8):
        office.work()
        office.wait(70)

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, "blocker")
    assert "retried 3 times with backoff" in row.sentence
    assert office.rows("select owner from blocker where lifted_at is null")[0].owner == "ruth"
    assert [letter.message for letter in office.rows("select message from outbox where person = 'ruth'")] == ["card"]

    away.rename(shop)
    office.wait(700)
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert office.rows("select 1 from blocker where lifted_at is null") == []


def test_a_payment_that_fails_is_looked_up_before_it_is_tried_again(office: House) -> None:
    task = office.asked()
    shop = sqlite3.connect(office.deployment.home / "shop.sqlite", isolation_level=None)
    shop.execute("begin immediate")

    office.work()
    shop.execute("rollback")
    shop.close()
    waiting = office.task(task)
    office.wait(60)
    office.work()

    assert waiting.state is TaskState.WAITING
    assert waiting.holds_subject
    assert office.task(task).state is TaskState.DONE
    assert len(office.shop(REFUNDS, "1234")) == 1
    assert office.rows("select performs from effect")[0].performs == 2


def test_the_same_form_twice_is_one_task(office: House) -> None:
    first = office.ask(form="same")

    second = office.ask(form="same")

    assert isinstance(first, Accepted)
    assert second == Accepted(first.task, new=False)


def test_a_second_request_on_a_subject_that_awaits_a_decision_is_answered(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()

    second = office.ask(form="form-2", amount=100)

    assert second == AlreadyAsked(task, f"Already asked: order 1234 waits for a decision in T-{task}.", "anna")


def test_silence_reminds_then_asks_the_next_then_rejects(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()

    said = []
    for hours in (1.1, 2, 1, 20.1):
        office.wait(hours * 3600)
        office.sweep()
        said.append(sorted(row.message for row in office.rows("select message from outbox where decision is not null")))

    count = len(office.approvers) - (1 if office.asker in office.approvers else 0)
    assert said[0].count("reminder") == count
    assert said[1].count("reminder") == 2 * count
    assert said[2].count("card") == count + 1
    assert office.task(task).state is TaskState.REFUSED
    assert office.rows("select state from decision")[0].state == "expired"
    assert office.shop(REFUNDS, "1234") == []


def test_the_facts_are_read_again_before_an_approved_effect_is_carried_out(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()
    approver = office.approvers[0]
    answer(office, decision_of(office, task), approver, Answer.APPROVE)
    office.shop(
        "insert into refunds (order_number, amount, currency, reason, key, at) values ('1234', 1, 'USD', '', 'x', 1)"
    )

    office.work()

    row = office.task(task)
    assert row.state is TaskState.REFUSED
    assert "already had 0.01 USD paid back" in row.sentence
    told = office.rows("select details from outbox where message = 'notice' and person = :who", who=approver)
    assert "not carried out" in told[0].details["sentence"]


def test_a_requester_who_is_an_approver_never_decides_their_own(office: House) -> None:
    both = "kwame"
    task = office.asked(by=both, amount=74000)
    office.work()
    decision = decision_of(office, task)

    kind = answer(office, decision, both, Answer.APPROVE)

    assert kind is OutcomeKind.OWN_REQUEST
    assert both not in office.rows("select entitled from decision")[0].entitled
    assert (
        office.rows("select event from audit_entry where trail = :t", t=f"decision:{decision}")[0].event
        == "answer_refused"
    )


def test_why_tells_who_authorised_what_was_read_and_what_proves_it(office: House) -> None:
    task = office.asked()
    office.work()

    with office.deployment.database.transaction(office.company) as unit:
        page = why(unit, task)

    rows = dict(page.rows)
    assert rows["Trail"] == ("8 entries, chain intact, not sealed yet",)
    assert any("shop.order 1234" in line for line in rows["Read"])
    assert any("read back, equal" in line for line in rows["Changed"])
    assert any("No approval was needed" in line for line in rows["Authorised"])
    assert rows["Evidence"][0].startswith("order.json sha256")


def test_why_names_the_checkpoint_that_sealed_the_trail_and_what_came_after_it(office: House) -> None:
    task = office.asked(amount=74000)
    office.work()
    office.seal()
    waiting = trail_row(office, task)
    answer(office, decision_of(office, task), office.approvers[0], Answer.APPROVE)
    pressed = trail_row(office, task)
    office.work()
    office.seal()

    assert re.fullmatch(r"\d+ entries, chain intact, sealed in checkpoint \d{4}-\d\d-\d\d#1", waiting)
    assert re.search(r"#1 but for the last \d, not sealed yet$", pressed)
    assert re.search(r"chain intact, sealed in checkpoint [-\d]+#2$", trail_row(office, task))


def trail_row(office: House, task: int) -> str:
    """The last line of the page."""
    with office.deployment.database.transaction(office.company) as unit:
        return dict(why(unit, task).rows)["Trail"][0]


def test_a_lost_runner_s_task_is_taken_over_with_one_payment(office: House) -> None:
    task = office.asked()
    with office.deployment.database.bound(office.company) as connection:
        lost = take(connection, Claimant("lost-runner", "default"), batch=1).tasks

    office.work()
    untouched = office.task(task)
    office.wait(timedelta(seconds=11).total_seconds())
    office.work()

    assert [one.number for one in lost] == [task]
    assert untouched.lease_runner == "lost-runner"
    assert office.task(task).state is TaskState.DONE
    assert len(office.shop(REFUNDS, "1234")) == 1
