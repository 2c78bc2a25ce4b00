"""Effects are intended, performed, looked up and believed only then; whatever goes wrong, money moves at most once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chargehand.embedded.addresses import DatabaseUrls
from chargehand.embedded.valkey import Valkey
from contracts.authoring import Deterministic, Transient
from contracts.lifecycle import Event
from contracts.vocabulary import Answer, TaskState, WaitingFor
from escalation.decisions import OutcomeKind
from escalation.reading import card_view
from tests.builders import House, house
from tests.integration.engine.worlds import (
    assert_trail_is_whole,
    changed_company,
    open_shop,
    raising,
    stuck,
)

DOWN = Transient("The shop can't be reached.", cause="shop")


@pytest.fixture
def keyed(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The company whose shop takes a key only once."""
    changes = {"tools/shop.py": ('@effect("readable"', '@effect("keyed"')}
    with house(database_urls, valkey_server.url, home, folder=changed_company(home, changes)) as found:
        yield found


@pytest.fixture
def blind(database_urls: DatabaseUrls, valkey_server: Valkey, home: Path) -> Iterator[House]:
    """The company whose shop can't be asked whether a refund was paid."""
    unproven = ("demands: [verification, approval, cap]", "demands: [approval, cap]")
    changes = {
        "tools/shop.py": ('@effect("readable", look="refund_by_key"', '@effect("neither", look=None'),
        "company.yaml": unproven,
    }
    with house(database_urls, valkey_server.url, home, folder=changed_company(home, changes)) as found:
        yield found


def work_on(office: House, *, rounds: int = 1, pause_s: float = 70) -> None:
    """Shifts with time between them."""
    for _ in range(rounds):
        office.wait(pause_s)
        office.work()


def effect_row(office: House) -> tuple[str, int]:
    """(state, performs) of the only effect."""
    rows = office.rows("select state, performs from effect")
    assert len(rows) == 1
    return rows[0].state, rows[0].performs


@pytest.mark.parametrize("error", [DOWN, TimeoutError(), ConnectionResetError(), ValueError("?"), SystemExit(1)])
def test_a_call_that_fails_after_the_world_took_it_is_found_and_not_repeated(office: House, error: Exception) -> None:
    shop = open_shop(office)
    shop.after = [raising(error)]
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert len(shop.refunds) == shop.performs == 1
    assert effect_row(office) == ("verified", 1)
    assert_trail_is_whole(office, task)


def pause_after_a_call_that_did_not_arrive(office: House) -> float:
    """Seconds between the intention and the next try, when the first call never reached the world."""
    shop = open_shop(office)
    shop.before = [raising(DOWN)]
    task = office.asked()
    office.work()
    waiting = office.task(task)
    work_on(office)
    assert waiting.due_at is not None
    assert office.task(task).state is TaskState.DONE
    assert (len(shop.refunds), shop.performs) == (1, 2)
    until: float = (waiting.due_at - waiting.accepted_at).total_seconds()
    return until


def test_a_readable_effect_is_performed_again_only_after_the_first_call_must_have_settled(office: House) -> None:
    assert pause_after_a_call_that_did_not_arrive(office) >= 6


def test_a_keyed_effect_is_performed_again_without_that_pause(keyed: House) -> None:
    assert pause_after_a_call_that_did_not_arrive(keyed) < 3


def test_a_world_that_shows_its_rows_late_is_looked_at_again_and_never_paid_twice(office: House) -> None:
    shop = open_shop(office)
    shop.blind_looks = 5
    task = office.asked()

    office.work()
    first = office.task(task)
    work_on(office, rounds=6)

    assert first.state is TaskState.VERIFYING
    assert first.holds_subject
    assert first.due_at is not None
    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
    assert assert_trail_is_whole(office, task).count(Event.LOOKED) == 5


def test_what_no_look_ever_shows_goes_to_a_human_and_is_never_repeated(office: House) -> None:
    shop = open_shop(office)
    shop.blind_looks = 10_000
    task = office.asked()

    office.work()
    work_on(office, rounds=12, pause_s=700)

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert row.holds_subject
    assert "Nobody knows whether shop.refund happened" in row.sentence
    assert effect_row(office) == ("unknown", 1)
    assert shop.performs == 1
    assert stuck(office) == []
    assert [r.person for r in office.rows("select person from outbox where message = 'card'")] == ["ruth"]


def test_a_world_that_shows_another_amount_waits_for_a_human_and_is_never_paid_again(office: House) -> None:
    shop = open_shop(office)
    shop.shows = {"amount": 1}
    task = office.asked()

    office.work()
    work_on(office, rounds=3, pause_s=700)

    row = office.task(task)
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "amount" in row.sentence
    assert effect_row(office) == ("disproved", 1)
    assert shop.performs == 1
    assert row.holds_subject
    assert stuck(office) == []


def test_a_look_that_fails_proves_nothing_and_is_made_again(office: House) -> None:
    shop = open_shop(office)
    shop.looking = [raising(DOWN), raising(OSError()), raising(KeyboardInterrupt())]
    task = office.asked()

    office.work()
    work_on(office, rounds=4)

    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1


def test_a_call_that_fails_while_the_look_is_away_is_not_repeated_before_a_look_shows_nothing(office: House) -> None:
    shop = open_shop(office)
    shop.after = [raising(DOWN)]
    shop.looking = [raising(DOWN), raising(DOWN)]
    task = office.asked()

    office.work()
    work_on(office, rounds=4)

    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
    assert_trail_is_whole(office, task)


def test_what_the_world_refuses_fails_with_its_reason_and_nothing_is_repeated(office: House) -> None:
    shop = open_shop(office)
    shop.before = [raising(Deterministic("The shop does not refund gift cards.", cause="shop"))]
    task = office.asked()

    office.work()
    work_on(office, rounds=2)

    row = office.task(task)
    assert row.state is TaskState.FAILED
    assert row.sentence.startswith("The shop does not refund gift cards.")
    assert "nothing was changed" in row.sentence
    assert (shop.performs, shop.refunds) == (1, [])
    assert not row.holds_subject


def test_a_world_that_refuses_and_took_it_all_the_same_is_shown_to_a_human(office: House) -> None:
    shop = open_shop(office)
    shop.after = [raising(Deterministic("No.", cause="shop"))]
    task = office.asked()

    office.work()
    work_on(office, rounds=2)

    assert office.task(task).state is TaskState.WAITING
    assert effect_row(office) == ("unknown", 1)
    assert shop.performs == 1


def test_a_shop_that_stays_down_while_paying_blocks_with_the_subject_held(office: House) -> None:
    shop = open_shop(office)
    shop.before = [raising(DOWN) for _ in range(20)]
    task = office.asked()

    office.work()
    work_on(office, rounds=8)
    row = office.task(task)
    shop.before.clear()
    work_on(office, pause_s=700)

    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert row.holds_subject
    assert office.task(task).state is TaskState.DONE
    assert len(shop.refunds) == 1
    assert_trail_is_whole(office, task)


def test_another_task_on_the_same_order_waits_until_the_first_payment_is_known(office: House) -> None:
    shop = open_shop(office)
    shop.blind_looks = 3
    first = office.asked(form="a")
    second = office.asked(form="b", amount=100)

    office.work()
    while_open = office.task(second)
    work_on(office, rounds=5)

    assert while_open.state is TaskState.READY
    assert office.task(first).state is office.task(second).state is TaskState.DONE
    assert [one.amount for one in shop.refunds] == [4200, 100]


def in_doubt(office: House) -> int:
    """A task whose call broke off at a shop that can't be asked what it did."""
    open_shop(office).after = [raising(DOWN)]
    task = office.asked()
    office.work()
    work_on(office, rounds=2, pause_s=700)
    return task


def test_an_effect_that_nobody_can_look_up_goes_to_a_human_and_is_never_repeated(blind: House) -> None:
    task = in_doubt(blind)

    row, shop = blind.task(task), blind.runner.systems["morning"]["shop"]
    assert (row.state, row.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert (shop.performs, shop.looks) == (1, 0)
    assert effect_row(blind) == ("unknown", 1)
    assert stuck(blind) == []
    card = blind.rows("select card from decision")[0].card
    assert card["question"] == "Refund an order: refund of 42.00 USD for order 1234. Did shop.refund happen?"
    assert "Nobody can look whether it happened." in card["tried"]
    assert card["labels"] == ["It happened", "It did not happen"]


def test_who_saw_that_it_happened_ends_the_doubt_and_the_task_goes_on_without_a_second_call(blind: House) -> None:
    task = in_doubt(blind)

    assert blind.answer_blocker("ruth", Answer.APPROVE, "It stands in the bank's list.") is OutcomeKind.DECIDED
    blind.work()

    assert blind.task(task).state is TaskState.DONE
    assert blind.runner.systems["morning"]["shop"].performs == 1
    assert effect_row(blind) == ("verified", 1)
    effect = blind.rows("select seen, finding from effect")[0]
    assert effect.seen["reference"] == "seen by Ruth Adeyemi"
    assert (effect.finding["by"], effect.finding["reason"]) == ("person:ruth", "It stands in the bank's list.")
    verified = blind.rows("select content from audit_entry where event = 'verified'")[0].content
    assert verified["reference"] == "seen by Ruth Adeyemi"
    decision = blind.rows("select number from decision")[0].number
    with blind.deployment.database.transaction("morning") as unit:
        assert "Ruth Adeyemi saw that it happened at" in str(card_view(unit, decision, "ruth").outcome)
    assert_trail_is_whole(blind, task)


def test_who_saw_that_it_did_not_happen_ends_the_task_and_it_is_never_carried_out(blind: House) -> None:
    task = in_doubt(blind)

    blind.answer_blocker("ruth", Answer.REJECT, "No refund is listed.")
    work_on(blind, rounds=3, pause_s=700)

    row = blind.task(task)
    assert (row.state, row.sentence) == (TaskState.REFUSED, "No refund is listed.")
    assert not row.holds_subject
    assert blind.runner.systems["morning"]["shop"].performs == 1
    assert effect_row(blind) == ("disproved", 1)
    assert_trail_is_whole(blind, task)


def test_what_the_world_shows_by_then_is_better_proof_than_what_a_person_saw(office: House) -> None:
    shop = open_shop(office)
    shop.blind_looks = 10_000
    task = office.asked()
    office.work()
    work_on(office, rounds=12, pause_s=700)

    shop.blind_looks = 0
    office.answer_blocker("ruth")
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert office.rows("select seen from effect")[0].seen["reference"] != "seen by Ruth Adeyemi"
    assert shop.performs == 1
