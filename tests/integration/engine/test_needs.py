"""A required field of a step is a rule like any other: without it nothing is proposed, and the task waits."""

from pathlib import Path

from contracts.vocabulary import TaskState, WaitingFor
from tests.builders import House
from tests.integration.engine.worlds import changed_company, deploy, open_shop

NEEDS = {
    "lanes/refunds/lane.yaml": ("    recheck: [check]\n", "    recheck: [check]\n    needs: [state.order.customer]\n")
}


def test_a_step_without_what_it_needs_waits_with_the_lanes_owner(office: House, home: Path) -> None:
    shop = open_shop(office)
    nameless = {"lanes/refunds/workers.py": ("found=True, **order", 'found=True, **{**order, "customer": ""}')}
    deploy(office, changed_company(home, {**NEEDS, **nameless}))

    task = office.asked()
    office.work()

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, WaitingFor.BLOCKER)
    assert "Customer is missing, and pay needs it." in waiting.sentence
    assert shop.performs == 0


def test_a_step_that_has_what_it_needs_goes_on(office: House, home: Path) -> None:
    shop = open_shop(office)
    deploy(office, changed_company(home, NEEDS))

    task = office.asked(order="1234")
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert shop.performs == 1
