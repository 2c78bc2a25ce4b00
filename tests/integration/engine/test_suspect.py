"""What was said to be suspect changes nothing: not by what was made of it, and not before it was read again and is sound."""

from pathlib import Path

import pytest

from contracts.vocabulary import TaskState
from tests.builders import House
from tests.integration.engine.worlds import (
    Shop,
    assert_trail_is_whole,
    changed_company,
    decision_of,
    deploy,
    open_shop,
    press,
    stuck,
)

WHY = "Its import was not reconciled."
READ = "    order = desk.shop.order(number=request.order)\n"
DOUBT = READ + '    if Path("{home}/doubt").exists():\n        desk.suspect("{why}")\n'


class Doubted:
    """The refund lane whose orders are suspect as long as there is doubt."""

    def __init__(self, office: House, home: Path, *, also: dict[str, tuple[str, str]] | None = None) -> None:
        self.shop: Shop = open_shop(office)
        self.doubt = home / "doubt"
        said = {"lanes/refunds/workers.py": (READ, DOUBT.format(home=home, why=WHY))}
        folder = changed_company(home, {**said, **(also or {})})
        code = folder / "lanes/refunds/workers.py"
        code.write_text(code.read_text().replace("import json\n", "import json\nfrom pathlib import Path\n", 1))
        deploy(office, folder)

    def begins(self) -> None:
        """From now on what is read is suspect."""
        self.doubt.touch()

    def ends(self) -> None:
        """From now on what is read is sound."""
        self.doubt.unlink()


@pytest.fixture
def doubted(office: House, home: Path) -> Doubted:
    return Doubted(office, home)


def test_a_step_that_rests_on_a_suspect_field_changes_nothing_and_says_why(office: House, doubted: Doubted) -> None:
    doubted.begins()
    task = office.asked()

    office.work()

    waiting = office.task(task)
    assert (waiting.state, waiting.waiting_for) == (TaskState.WAITING, "blocker")
    assert waiting.sentence == f"Order is suspect, so pay changes nothing. Order checker: {WHY}"
    assert office.rows("select cause from blocker") == [("suspect order",)]
    assert (doubted.shop.performs, office.rows("select 1 from effect")) == (0, [])
    assert stuck(office) == []
    assert_trail_is_whole(office, task)


def test_what_was_suspect_is_read_again_and_goes_on_once_it_is_sound(office: House, doubted: Doubted) -> None:
    doubted.begins()
    tasks = [office.asked(order=order, form=order) for order in ("1001", "1002")]
    office.work()
    doubted.ends()

    office.wait(3600)
    for _ in range(3):
        office.work()

    assert {office.task(task).state for task in tasks} == {TaskState.DONE}
    assert doubted.shop.performs == 2
    assert [row.cause for row in office.rows("select cause from blocker where lifted_at is null")] == []


def test_what_is_suspect_still_stays_blocked(office: House, doubted: Doubted) -> None:
    doubted.begins()
    task = office.asked()
    office.work()

    office.wait(3600)
    office.work()

    assert office.task(task).waiting_for == "blocker"
    reads = office.rows("select step from step_result where task = :task", task=task)
    assert [row.step for row in reads] == ["check", "check"]
    assert doubted.shop.performs == 0


def test_what_becomes_suspect_after_an_approval_is_not_carried_out_and_the_decider_hears(
    office: House, doubted: Doubted
) -> None:
    task = office.asked(amount=60000)
    office.work()
    first = decision_of(office, task)
    doubted.begins()

    press(office, task, office.approvers[0])
    office.work()
    blocked = office.task(task)
    doubted.ends()
    office.wait(3600)
    office.work()

    assert blocked.waiting_for == "blocker"
    notices = [row.details["sentence"] for row in office.rows("select details from outbox where message = 'notice'")]
    assert any("was approved, but not carried out: Order is suspect" in one for one in notices)
    assert office.task(task).waiting_for == "decision"
    assert decision_of(office, task) > first
    assert doubted.shop.performs == 0


def test_a_step_that_accepts_the_field_goes_on(office: House, home: Path) -> None:
    accepts = {
        "lanes/refunds/lane.yaml": ("    recheck: [check]\n", "    recheck: [check]\n    accepts_suspect: [order]\n")
    }
    doubted = Doubted(office, home, also=accepts)
    doubted.begins()

    task = office.asked()
    office.work()

    assert office.task(task).state is TaskState.DONE
    assert doubted.shop.performs == 1
