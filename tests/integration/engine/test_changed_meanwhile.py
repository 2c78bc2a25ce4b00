"""A change rests on what was read: when somebody has changed the world meanwhile, theirs stands and it is read again."""

from contracts.authoring import Changed
from contracts.lifecycle import Event
from contracts.vocabulary import TaskState
from tests.builders import House
from tests.integration.engine.worlds import assert_trail_is_whole, open_shop, press, raising, stuck

MOVED = Changed("Order 1234 was changed by somebody else.", cause="order 1234")


def rows(office: House, task: int) -> list[tuple[str, int, bool | None]]:
    """The task's effects: their state, their revision and whether somebody has found that they happened."""
    query = "select state, revision, finding from effect where task = :task order by revision"
    return [(row.state, row.revision, (row.finding or {}).get("happened")) for row in office.rows(query, task=task)]


def test_what_was_changed_meanwhile_is_read_again_and_proposed_anew_under_a_new_key(office: House) -> None:
    shop = open_shop(office)
    shop.before = [raising(MOVED)]
    task = office.asked()

    office.work()

    assert office.task(task).state is TaskState.DONE
    assert len(shop.refunds) == 1
    assert shop.refunds[0].key.endswith("/2")
    assert rows(office, task) == [("disproved", 1, False), ("verified", 2, None)]
    (tried,) = office.task(task).told["tried"]
    assert tried.startswith("Order 1234 was changed by somebody else.")
    assert tried.endswith("It is read again and asked for anew.")
    assert assert_trail_is_whole(office, task).count(Event.INTENDED) == 2
    reads = office.rows("select step from step_result where task = :task", task=task)
    assert [row.step for row in reads].count("check") == 2


def test_an_approval_does_not_carry_over_to_what_is_proposed_anew(office: House) -> None:
    shop = open_shop(office)
    task = office.asked(amount=60000)
    office.work()
    shop.before = [raising(MOVED)]

    press(office, task, office.approvers[0])
    office.work()
    asked_again = office.task(task)
    press(office, task, office.approvers[0])
    office.work()

    assert (asked_again.state, asked_again.waiting_for) == (TaskState.WAITING, "decision")
    assert office.task(task).state is TaskState.DONE
    assert [one.amount for one in shop.refunds] == [60000]


def test_a_world_that_keeps_moving_is_put_to_the_owner_and_never_overwritten(office: House) -> None:
    shop = open_shop(office)
    shop.before = [raising(MOVED)] * 4
    task = office.asked()

    for _ in range(5):
        office.work()

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, "blocker")
    assert "each time somebody had changed it meanwhile" in waiting.sentence
    assert (shop.refunds, len(rows(office, task))) == ([], 4)
    assert stuck(office) == []


def test_a_change_that_the_world_refused_and_shows_all_the_same_is_put_to_a_person(office: House) -> None:
    shop = open_shop(office)
    shop.after = [raising(MOVED)]
    task = office.asked()

    office.work()

    assert office.task(task).waiting_for == "blocker"
    assert rows(office, task) == [("unknown", 1, None)]
    assert len(shop.refunds) == 1
