"""The Cancel button asks once more, and then ends the task for those who may."""

from typing import Any

import pytest

from contracts.vocabulary import TaskState
from storage.claims import Claimant, take
from tests.integration.gateway.world import CHANNEL, World, eventually


def _heard(world: World, user: str, words: str) -> Any:
    return eventually(lambda: [said for said in world.heard(user) if words in said])


def test_the_button_asks_first_and_changes_nothing(world: World) -> None:
    task = world.house.asked(by="anna")

    world.press("U0ANNA", "task.cancel", {"task": task})

    assert eventually(lambda: [row.became for row in world.rows() if row.handled_at])
    assert world.house.task(task).state is TaskState.READY


@pytest.mark.parametrize("reason", ["asked by mistake", ""])
def test_the_form_ends_the_task_once_and_says_what_had_happened(world: World, reason: str) -> None:
    task = world.house.asked(by="anna")
    filled = {"reason": reason} if reason else {}

    for view_id in ("V1", "V2"):
        world.submit("U0ANNA", "task.cancellation", {"task": task, "channel": CHANNEL}, view_id=view_id, **filled)

    assert _heard(world, "U0ANNA", "Cancelled: refund of 42.00 USD for order 1234. Nothing had been changed.")
    assert _heard(world, "U0ANNA", "has ended already")
    assert world.house.task(task).state is TaskState.CANCELLED
    assert [(row.became, row.reference) for row in world.rows()] == [("task", f"T-{task}")] * 2
    assert len(world.house.rows("select 1 from audit_entry where event = 'cancelled'")) == 1


def test_whoever_cancels_what_is_at_work_hears_where_it_stops_and_reads_it_in_the_message(world: World) -> None:
    task = world.house.asked(by="anna")
    with world.house.deployment.database.bound("morning") as connection:
        take(connection, Claimant("another", "default"), batch=1)

    world.submit("U0ANNA", "task.cancellation", {"task": task, "channel": CHANNEL})

    assert _heard(world, "U0ANNA", f"T-{task} is being worked on. It stops before the next step that changes anything.")
    assert world.house.task(task).state is TaskState.RUNNING
    assert world.house.rows("select 1 from audit_entry where event = 'cancel_asked'")


def test_somebody_who_may_not_hears_who_may(world: World) -> None:
    task = world.house.asked(by="anna")

    world.submit("U0TOMAS", "task.cancellation", {"task": task, "channel": CHANNEL})

    assert _heard(world, "U0TOMAS", "can cancel")
    assert world.house.task(task).state is TaskState.READY


def test_a_made_up_button_or_form_changes_nothing(world: World) -> None:
    task = world.house.asked(by="anna")

    world.press("U0ANNA", "task.cancel", {"task": "all"})
    refused = world.submit("U0ANNA", "task.cancellation", {"task": "all"})

    assert refused.status_code == 400
    assert world.house.task(task).state is TaskState.READY
